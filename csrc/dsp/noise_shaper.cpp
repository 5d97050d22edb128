#include "dsp/noise_shaper.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace smartmix::dsp {

namespace {
// Rounding with triangular dither errs by a step and a half at most; more is a sample that was held at full scale, which
// must not be made good by those after it.
constexpr double largest_error = 1.5;
}  // namespace

NoiseShaper::NoiseShaper(std::vector<double> taps, int channels)
    : taps_(std::move(taps)), channels_(channels), errors_(2 * taps_.size() * static_cast<std::size_t>(channels), 0.0) {}

void NoiseShaper::quantise(
    const double* exact, const double* noise, std::int32_t* codes, std::size_t frames, double full_scale) noexcept {
    const std::size_t order = taps_.size(), width = static_cast<std::size_t>(channels_);
    const double low = -full_scale, high = full_scale - 1.0;
    for (std::size_t f = 0; f < frames; ++f) {
        const std::size_t next = order == 0 ? 0 : (newest_ + order - 1) % order;
        for (std::size_t c = 0; c < width; ++c) {
            double* errors = errors_.data() + 2 * c * order;
            double wanted = exact[f * width + c];
            for (std::size_t k = 0; k < order; ++k) wanted += taps_[k] * errors[newest_ + k];
            const double rounded = std::floor(wanted + noise[f * width + c] + 0.5);
            const double held = std::clamp(rounded, low, high);
            clipped_ += held != rounded;
            if (order != 0) errors[next] = errors[next + order] = std::clamp(held - wanted, -largest_error, largest_error);
            codes[f * width + c] = static_cast<std::int32_t>(held);
        }
        newest_ = next;
    }
}

}  // namespace smartmix::dsp
