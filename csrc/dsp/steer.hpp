#pragma once
#include <array>
#include <cstddef>

#include "kernels/tank.hpp"

namespace smartmix::dsp {

// Values that stand still, at `aim`.
template <std::size_t Count>
void settle(kernels::Ways<Count>& ways, const std::array<float, Count>& aim) noexcept {
    for (std::size_t i = 0; i < Count; ++i) ways.from[i] = aim[i], ways.step[i] = 0.0F;
}

// From where they are, `done` frames along their present ways, straight to `aim` within `frames`.
template <std::size_t Count>
void steer(kernels::Ways<Count>& ways, const std::array<float, Count>& aim, int done, int frames) noexcept {
    for (std::size_t i = 0; i < Count; ++i) {
        ways.from[i] += ways.step[i] * static_cast<float>(done);
        ways.step[i] = (aim[i] - ways.from[i]) / static_cast<float>(frames);
    }
}

}  // namespace smartmix::dsp
