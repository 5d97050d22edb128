#pragma once
#include <bit>
#include <cstdint>

#include "core/block.hpp"

namespace smartmix {

// NaN, infinity and whatever is over loudest_sample become silence: one such sample would otherwise live in a filter's
// memory for ever, or become NaN where a level is squared.
inline void silence_non_finite(float* samples, int frames) noexcept {
    constexpr std::uint32_t magnitude = 0x7fffffffU;
    constexpr std::uint32_t loudest = std::bit_cast<std::uint32_t>(loudest_sample);
    const auto is_bad = [](float x) { return (std::bit_cast<std::uint32_t>(x) & magnitude) > loudest; };
    std::uint32_t bad = 0;
    for (int i = 0; i < frames; ++i) bad |= static_cast<std::uint32_t>(is_bad(samples[i]));
    if (bad == 0) return;
    for (int i = 0; i < frames; ++i) {
        if (is_bad(samples[i])) samples[i] = 0.0F;
    }
}

}  // namespace smartmix
