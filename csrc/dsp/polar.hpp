#pragma once
#include <bit>
#include <cstdint>

namespace smartmix::dsp {

// exp(log_size + i angle) for a whole spectrum: the same operations for each number, no branch and no call, so that a loop over
// them runs in vector lanes. Relative error under 3e-7 for |log_size| up to 80 and |angle| up to 8000, which the caller sees to.
inline void polar(float log_size, float angle, float& re, float& im) noexcept {
    constexpr float to_nearest = 12582912.0F;  // 1.5 * 2^23: added and taken away again, it rounds
    // Powers of two, and the exponential series for what is left, |x| <= ln(2) / 2.
    const float twos = (log_size * 1.44269504F + to_nearest) - to_nearest;
    const float x = (log_size - twos * 0.693359375F) - twos * -2.12194440e-4F;
    const float series = 1.0F + x * (1.0F + x * (0.5F + x * (1.0F / 6.0F + x * (1.0F / 24.0F + x * (1.0F / 120.0F + x * (1.0F / 720.0F))))));
    const float size = series * std::bit_cast<float>((static_cast<std::int32_t>(twos) + 127) << 23);
    // Quarter turns, and the series of sine and cosine for what is left, |y| <= pi / 4.
    const float turns = (angle * 0.636619772F + to_nearest) - to_nearest;
    const auto quarter = static_cast<std::int32_t>(turns);
    const float y = ((angle - turns * 1.5703125F) - turns * 4.83751297e-4F) - turns * 7.54978995e-8F;
    const float y2 = y * y;
    const float sine = y + y * y2 * (-1.0F / 6.0F + y2 * (1.0F / 120.0F + y2 * (-1.0F / 5040.0F + y2 * (1.0F / 362880.0F))));
    const float cosine = 1.0F + y2 * (-0.5F + y2 * (1.0F / 24.0F + y2 * (-1.0F / 720.0F + y2 * (1.0F / 40320.0F))));
    // By bits: a choice between two results would become a branch.
    const std::int32_t odd = -(quarter & 1);
    const auto sine_bits = std::bit_cast<std::int32_t>(sine);
    const auto cosine_bits = std::bit_cast<std::int32_t>(cosine);
    const std::int32_t across = (sine_bits & odd) | (cosine_bits & ~odd);
    const std::int32_t up = (cosine_bits & odd) | (sine_bits & ~odd);
    const std::int32_t flip_re = ((quarter + 1) & 2) << 30;
    const std::int32_t flip_im = (quarter & 2) << 30;
    re = size * std::bit_cast<float>(across ^ flip_re);
    im = size * std::bit_cast<float>(up ^ flip_im);
}

}  // namespace smartmix::dsp
