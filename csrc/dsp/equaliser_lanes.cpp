#include "dsp/equaliser_lanes.hpp"

#include <algorithm>

namespace smartmix::dsp {
namespace {

using kernels::LaneSection;
using Values = std::array<double, LaneSection::coefficients>;

Values values_of(const SvfCoefficients& c) noexcept { return {c.g, c.k, c.m0, c.m1, c.m2}; }

}  // namespace

void EqualiserLanes::put(int place, int lane, int lanes, const SvfCoefficients& from, bool moving) noexcept {
    const auto at = static_cast<std::size_t>(place);
    const Values values = values_of(from);
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::fill_n(place_[at].from.of[i].lane + lane, lanes, static_cast<float>(values[i]));
        std::fill_n(place_[at].step[i].lane + lane, lanes, 0.0F);
    }
    std::fill_n(place_[at].done.lane + lane, lanes, 0.0F);
    const auto bits = static_cast<std::uint8_t>(((1U << lanes) - 1U) << lane);
    const auto running = static_cast<std::uint8_t>(running_[at] | bits);
    const auto moves = static_cast<std::uint8_t>(moving ? moving_[at] | bits : moving_[at] & ~bits);
    listed_ = listed_ && running == running_[at] && moves == moving_[at];
    running_[at] = running;
    moving_[at] = moves;
}

void EqualiserLanes::move(int place, int lane, int lanes, const SvfCoefficients& from, const SvfCoefficients& to,
                          int frames) noexcept {
    put(place, lane, lanes, from, true);
    const Values start = values_of(from);
    const Values end = values_of(to);
    const double per_frame = 1.0 / frames;
    for (std::size_t i = 0; i < start.size(); ++i) {
        const auto step = static_cast<float>((end[i] - start[i]) * per_frame);
        std::fill_n(place_[static_cast<std::size_t>(place)].step[i].lane + lane, lanes, step);
    }
}

void EqualiserLanes::rest(int place, int lane, int lanes, const SvfCoefficients& at) noexcept {
    put(place, lane, lanes, at, false);
}

void EqualiserLanes::remove(int place, int lane) noexcept {
    const auto at = static_cast<std::size_t>(place);
    const auto bit = static_cast<std::uint8_t>(1U << lane);
    if ((running_[at] & bit) == 0) return;
    static constexpr std::size_t count = LaneSection::coefficients;
    const LaneSection::From none;
    for (std::size_t i = 0; i < count; ++i) {
        place_[at].from.of[i].lane[lane] = none.of[i].lane[lane];
        place_[at].step[i].lane[lane] = 0.0F;
    }
    for (LaneSection::Lanes& memory : place_[at].memory) memory.lane[lane] = 0.0F;
    running_[at] = static_cast<std::uint8_t>(running_[at] & ~bit);
    moving_[at] = static_cast<std::uint8_t>(moving_[at] & ~bit);
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
        if (running_[at] != 0) row_[static_cast<std::size_t>(count_++)] = {&place_[at], moving_[at] != 0};
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
