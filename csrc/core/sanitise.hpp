#pragma once
#include <bit>
#include <cstdint>

#include "core/block.hpp"

namespace smartmix {

// NaN and infinity become silence: one bad sample would otherwise live in a filter's memory for ever.
inline void silence_non_finite(float* samples, int frames) noexcept {
    constexpr std::uint32_t exponent = 0x7f800000U;
    std::uint32_t bad = 0;
    for (int i = 0; i < frames; ++i) {
        bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(samples[i]) & exponent) == exponent);
    }
    if (bad == 0) return;
    for (int i = 0; i < frames; ++i) {
        if ((std::bit_cast<std::uint32_t>(samples[i]) & exponent) == exponent) samples[i] = 0.0F;
    }
}

inline void silence_non_finite(BlockView io) noexcept {
    for (int c = 0; c < io.channel_count; ++c) silence_non_finite(io.channels[c], io.frames);
}

}  // namespace smartmix
