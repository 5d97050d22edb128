#include "dsp/equaliser_lanes.hpp"

#include <algorithm>

namespace smartmix::dsp {
namespace {

using kernels::LaneSection;
using Values = std::array<double, LaneSection::coefficients>;

Values values_of(const SvfCoefficients& c) noexcept { return {c.g, c.g + c.k, c.m0, 0.5 * c.m1, 0.5 * c.m2}; }

// A section forgets within some 1 / (g k) frames; where that is long, rounding errors of as many steps add up
// (docs/decisions/0006). From the section's own coefficients, so that its bits never depend on what lies in other lanes.
bool owes(const SvfCoefficients& c) noexcept { return c.g * std::min(c.k, 1.0) < 0.02; }

struct Way {
    std::array<float, LaneSection::coefficients> from;
    std::array<float, LaneSection::coefficients> step;
    bool owing;
};

void write(LaneSection& section, int lane, int lanes, const Way& way) noexcept {
    for (std::size_t i = 0; i < way.from.size(); ++i) {
        for (int l = lane; l < lane + lanes; ++l) {
            section.from.of[i].lane[l] = way.from[i];
            section.step[i].lane[l] = way.step[i];
        }
    }
    for (int l = lane; l < lane + lanes; ++l) section.done.lane[l] = 0.0F;
    for (int l = lane; l < lane + lanes; ++l) section.owing[l] = way.owing ? -1 : 0;
    if (way.owing) return;
    for (int l = lane; l < lane + lanes; ++l) {
        section.memory[LaneSection::c1].lane[l] = section.memory[LaneSection::c2].lane[l] = 0.0F;
    }
}

}  // namespace

void EqualiserLanes::note(int place, int lane, int lanes, bool moving, bool owing) noexcept {
    const auto at = static_cast<std::size_t>(place);
    const auto bits = static_cast<std::uint8_t>(((1U << lanes) - 1U) << lane);
    const auto with = [bits](std::uint8_t set, bool on) {
        return static_cast<std::uint8_t>(on ? set | bits : set & ~bits);
    };
    const Lists now{with(lists_[at].running, true), with(lists_[at].moving, moving), with(lists_[at].owing, owing)};
    listed_ = listed_ && now == lists_[at];
    lists_[at] = now;
}

void EqualiserLanes::move(int place, int lane, int lanes, const SvfCoefficients& from, const SvfCoefficients& to,
                          int frames) noexcept {
    const Values start = values_of(from);
    const Values end = values_of(to);
    const double per_frame = 1.0 / frames;
    Way way;
    for (std::size_t i = 0; i < start.size(); ++i) {
        way.from[i] = static_cast<float>(start[i]);
        way.step[i] = static_cast<float>((end[i] - start[i]) * per_frame);
    }
    way.owing = owes(from) || owes(to);
    write(place_[static_cast<std::size_t>(place)], lane, lanes, way);
    note(place, lane, lanes, true, way.owing);
}

void EqualiserLanes::rest(int place, int lane, int lanes, const SvfCoefficients& at) noexcept {
    const Values values = values_of(at);
    Way way;
    for (std::size_t i = 0; i < values.size(); ++i) way.from[i] = static_cast<float>(values[i]), way.step[i] = 0.0F;
    way.owing = owes(at);
    write(place_[static_cast<std::size_t>(place)], lane, lanes, way);
    note(place, lane, lanes, false, way.owing);
}

void EqualiserLanes::remove(int place, int lane) noexcept {
    const auto at = static_cast<std::size_t>(place);
    const auto bit = static_cast<std::uint8_t>(1U << lane);
    if ((lists_[at].running & bit) == 0) return;
    LaneSection& section = place_[at];
    const LaneSection::From none;
    for (std::size_t i = 0; i < LaneSection::coefficients; ++i) {
        section.from.of[i].lane[lane] = none.of[i].lane[lane];
        section.step[i].lane[lane] = 0.0F;
    }
    for (LaneSection::Lanes& memory : section.memory) memory.lane[lane] = 0.0F;
    section.owing[lane] = 0;
    for (std::uint8_t* list : {&lists_[at].running, &lists_[at].moving, &lists_[at].owing}) {
        *list = static_cast<std::uint8_t>(*list & ~bit);
    }
    listed_ = false;
}

void EqualiserLanes::silence(int lane) noexcept {
    for (LaneSection& place : place_) {
        for (LaneSection::Lanes& memory : place.memory) memory.lane[lane] = 0.0F;
    }
}

void EqualiserLanes::list() noexcept {
    count_ = 0;
    for (std::size_t at = 0; at < place_.size(); ++at) {
        const Lists& lists = lists_[at];
        if (lists.running == 0) continue;
        row_[static_cast<std::size_t>(count_++)] = {&place_[at], lists.moving != 0, lists.owing != 0};
    }
    listed_ = true;
}

const kernels::SectionRun* EqualiserLanes::sections() noexcept {
    if (!listed_) list();
    return row_.data();
}

int EqualiserLanes::count() noexcept {
    if (!listed_) list();
    return count_;
}

}  // namespace smartmix::dsp
