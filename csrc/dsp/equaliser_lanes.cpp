#include "dsp/equaliser_lanes.hpp"

namespace smartmix::dsp {
namespace {

using kernels::LaneSection;
// A strip has one or two lanes. Their number fixed, they become a store a coefficient.
template <int Lanes>
void write(LaneSection& section, int lane, const SectionWay& way) noexcept {
    for (std::size_t i = 0; i < LaneSection::coefficients; ++i) {
        for (int l = 0; l < Lanes; ++l) section.from.of[i].lane[lane + l] = way.from[i];
        for (int l = 0; l < Lanes; ++l) section.step[i].lane[lane + l] = way.step[i];
    }
    for (int l = 0; l < Lanes; ++l) section.done.lane[lane + l] = 0.0F;
    for (int l = 0; l < Lanes; ++l) section.owing[lane + l] = way.owing ? -1 : 0;
    if (way.owing) return;
    for (int l = 0; l < Lanes; ++l) {
        section.memory[LaneSection::c1].lane[lane + l] = section.memory[LaneSection::c2].lane[lane + l] = 0.0F;
    }
}

}  // namespace

void EqualiserLanes::put(int place, int lane, int lanes, const SectionWay& way) noexcept {
    LaneSection& section = place_[static_cast<std::size_t>(place)];
    int l = lane;
    for (; l + 2 <= lane + lanes; l += 2) write<2>(section, l, way);
    if (l < lane + lanes) write<1>(section, l, way);
    note(place, lane, lanes, way);
}

void EqualiserLanes::note(int place, int lane, int lanes, const SectionWay& way) noexcept {
    const auto at = static_cast<std::size_t>(place);
    const auto bits = static_cast<std::uint8_t>(((1U << lanes) - 1U) << lane);
    const auto with = [bits](std::uint8_t set, bool on) {
        return static_cast<std::uint8_t>(on ? set | bits : set & ~bits);
    };
    const Lists now{with(lists_[at].running, true), with(lists_[at].moving, way.moving), with(lists_[at].owing, way.owing)};
    listed_ = listed_ && now == lists_[at];
    lists_[at] = now;
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
