#include "dsp/section_way.hpp"

#include <algorithm>

namespace smartmix::dsp {
namespace {

// A section forgets within some 1 / (g k) frames; where that is more than 250, rounding errors of as many steps add up
// (docs/decisions/0006). From the section's own coefficients, so that its bits never depend on what lies in other lanes.
constexpr double slow = 0.004;
bool owes(const SvfCoefficients& c) noexcept { return c.g * std::min(c.k, 1.0) < slow; }

}  // namespace

SectionWay::SectionWay(const SvfCoefficients& at) noexcept
    : from{static_cast<float>(at.g), static_cast<float>(at.g + at.k), static_cast<float>(at.m0),
           static_cast<float>(0.5 * at.m1), static_cast<float>(0.5 * at.m2)},
      owing(owes(at)) {}

SectionWay::SectionWay(const SvfCoefficients& start, const SvfCoefficients& end, int frames) noexcept
    : SectionWay(start) {
    const double per_frame = 1.0 / frames;
    const double way[] = {end.g - start.g, (end.g + end.k) - (start.g + start.k), end.m0 - start.m0,
                          0.5 * (end.m1 - start.m1), 0.5 * (end.m2 - start.m2)};
    for (std::size_t i = 0; i < step.size(); ++i) step[i] = static_cast<float>(way[i] * per_frame);
    moving = true;
    owing = owing || owes(end);
}

}  // namespace smartmix::dsp
