#pragma once
#include <array>

#include "dsp/svf_design.hpp"
#include "kernels/sections.hpp"

namespace smartmix::dsp {

// What a section is from now on, in the words of the kernels: at rest, or straight from one design to another in `frames`
// frames.
struct SectionWay {
    explicit SectionWay(const SvfCoefficients& at) noexcept;
    SectionWay(const SvfCoefficients& start, const SvfCoefficients& end, int frames) noexcept;

    std::array<float, kernels::LaneSection::coefficients> from;
    std::array<float, kernels::LaneSection::coefficients> step{};
    bool moving = false;
    bool owing = false;  // its integrators keep the rounding error they owe
};

}  // namespace smartmix::dsp
