#include "engine/strip_bank.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/parameter_value.hpp"
#include "core/realtime.hpp"
#include "processors/equaliser_parameters.hpp"

namespace smartmix {

StripBank::StripBank(double sample_rate, const std::vector<int>& channels, const std::vector<bool>& dynamics, int sends) {
    if (!(sample_rate >= 8000.0 && sample_rate <= 384000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(sample_rate) + " Hz: expected 8000 to 384000");
    }
    if (!dynamics.empty() && dynamics.size() != channels.size()) {
        throw std::invalid_argument("dynamics: expected an entry per strip (" + std::to_string(channels.size()) +
                                    "), got " + std::to_string(dynamics.size()));
    }
    if (sends < 0 || sends > most_sends) {
        throw std::invalid_argument(std::to_string(sends) + " sends: expected 0 to " + std::to_string(most_sends));
    }
    layout_ = make_strip_layout(sends);
    sums_.resize(static_cast<std::size_t>(1 + sends));
    place_strips(channels);
    for (Group& group : groups_) {
        for (Strip& strip : members(group)) {
            strip.equaliser.prepare(sample_rate, strip.channels, group.lanes, strip.first_lane);
        }
    }
    for (std::size_t s = 0; s < strips_.size(); ++s) {
        Strip& strip = strips_[s];
        strip.sends.resize(static_cast<std::size_t>(sends));
        for (const ParameterInfo& info : layout_.parameters) strip.targets.push_back(info.default_value);
        if (!dynamics.empty() && dynamics[s]) {
            strip.dynamics = std::make_unique<Dynamics>();
            strip.dynamics->de_esser.prepare({sample_rate, strip.channels});
            strip.dynamics->compressor.prepare({sample_rate, strip.channels});
        }
        restore(strip);
    }
}

void StripBank::place_strips(const std::vector<int>& channels) {
    strips_.resize(channels.size());
    int used = lane_count;
    for (std::size_t s = 0; s < channels.size(); ++s) {
        if (channels[s] < 1 || channels[s] > 2) {
            throw std::invalid_argument("strip " + std::to_string(s) + " has " + std::to_string(channels[s]) +
                                        " channels: expected 1 or 2");
        }
        if (used + channels[s] > lane_count) {
            groups_.emplace_back().first_strip = static_cast<int>(s);
            used = 0;
        }
        ++groups_.back().strips;
        strips_[s].channels = channels[s];
        strips_[s].first_lane = used;
        used += channels[s];
    }
}

std::span<StripBank::Strip> StripBank::members(const Group& group) noexcept {
    return {strips_.data() + group.first_strip, static_cast<std::size_t>(group.strips)};
}

Processor* StripBank::insert_of(const Strip& strip, StripPart part) noexcept {
    if (!strip.dynamics) return nullptr;
    if (part == StripPart::de_esser) return &strip.dynamics->de_esser;
    if (part == StripPart::compressor) return &strip.dynamics->compressor;
    return nullptr;
}

double StripBank::parameter(int strip, int index) const {
    const Strip& at = strips_.at(static_cast<std::size_t>(strip));
    const StripPlace place = layout_.places.at(static_cast<std::size_t>(index));
    const Processor* insert = insert_of(at, place.part);
    return insert != nullptr ? insert->parameter(place.index) : at.targets[static_cast<std::size_t>(index)];
}

void StripBank::set_parameter(int strip, int index, double value) {
    Strip& at = strips_.at(static_cast<std::size_t>(strip));
    const auto i = static_cast<std::size_t>(index);
    const ParameterInfo& info = layout_.parameters.at(i);
    const StripPlace place = layout_.places[i];
    const double taken = checked_value(info, value);
    if (place.part == StripPart::de_esser || place.part == StripPart::compressor) {
        Processor* insert = insert_of(at, place.part);
        if (insert == nullptr) throw std::invalid_argument(info.id + ": the strip was made without dynamics");
        insert->set_parameter(place.index, taken);
        return;
    }
    at.targets[i] = taken;
    pass_on(at, place, taken, 0);
}

double StripBank::response_db(int strip, double hz) const {
    const Strip& at = strips_.at(static_cast<std::size_t>(strip));
    return 20.0 * std::log10(at.trim.gain() * at.fader.gain()) + at.equaliser.response_db(hz);
}

StripReductions StripBank::reduction(int strip) const {
    const Strip& at = strips_.at(static_cast<std::size_t>(strip));
    if (!at.dynamics) return {};
    return {at.dynamics->de_esser.reduction(), at.dynamics->compressor.reduction()};
}

void StripBank::reset() noexcept {
    for (Strip& strip : strips_) {
        strip.equaliser.clear();
        if (strip.dynamics) {
            strip.dynamics->de_esser.reset();
            strip.dynamics->compressor.reset();
        }
        restore(strip);
    }
}

void StripBank::restore(Strip& strip) noexcept {
    for (std::size_t i = 0; i < strip.targets.size(); ++i) pass_on(strip, layout_.places[i], strip.targets[i], 0);
}

void StripBank::pass_on(Strip& strip, StripPlace place, double value, int ramp_frames) noexcept {
    switch (place.part) {
        case StripPart::trim: strip.trim.move(value, ramp_frames); break;
        case StripPart::equaliser: set_equaliser_parameter(strip.equaliser, place.index, value, ramp_frames); break;
        case StripPart::de_esser:
        case StripPart::compressor: break;  // processors keep their own
        case StripPart::sum:
            if (place.index == fader_of_sum) {
                strip.fader.move(value, ramp_frames);
            } else if (place.index == pan_of_sum) {
                strip.pan.move(value, ramp_frames);
            } else {
                strip.sends[static_cast<std::size_t>(place.index - first_send_of_sum)].move(value, ramp_frames);
            }
            break;
    }
}

void StripBank::take(Strip& strip, const ParamEvent& event) noexcept {
    const auto index = static_cast<std::size_t>(event.param);
    if (event.param < 0 || index >= layout_.parameters.size() || !std::isfinite(event.value)) return;
    const ParameterInfo& info = layout_.parameters[index];
    strip.targets[index] = nearest_value(info, event.value);
    pass_on(strip, layout_.places[index], strip.targets[index],
            is_stepped(info.scale) ? 0 : std::max(event.ramp_frames, 0));
}

// An event for no parameter goes the shortest way: take() leaves it alone.
StripPart StripBank::part_of(const ParamEvent& event) const noexcept {
    const auto index = static_cast<std::size_t>(event.param);
    return event.param >= 0 && index < layout_.places.size() ? layout_.places[index].part : StripPart::trim;
}

// The events of a tile, those of each strip in a row of their own; the first that is not of this tile comes back. The
// last tile takes what is left, as long as there is room.
std::size_t StripBank::list_events(std::span<const StripEvent> events, std::size_t first, int end_frame,
                                   bool last) noexcept {
    for (Strip& strip : strips_) strip.first_event = -1;
    std::size_t end = first;
    while (end < events.size() && end - first < events_.size() && (last || events[end].event.frame < end_frame)) ++end;
    for (std::size_t e = end; e-- > first;) {
        if (events[e].strip < 0 || static_cast<std::size_t>(events[e].strip) >= strips_.size()) continue;
        Strip& strip = strips_[static_cast<std::size_t>(events[e].strip)];
        events_[e - first] = {events[e].event, part_of(events[e].event), strip.first_event};
        strip.first_event = static_cast<int>(e - first);
    }
    return end;
}

int StripBank::next_event(const Strip& strip, int after, StripPart part) const noexcept {
    int e = after < 0 ? strip.first_event : events_[static_cast<std::size_t>(after)].following;
    while (e >= 0 && events_[static_cast<std::size_t>(e)].part != part) e = events_[static_cast<std::size_t>(e)].following;
    return e;
}

void StripBank::process(const float* const* const* inputs, std::span<const StripEvent> events,
                        const StripOutput& output, int frames) noexcept {
    const realtime::Scope no_allocation;
    std::size_t next = 0;
    int done = 0;
    while (done < frames || next < events.size()) {
        int tile = std::clamp(frames - done, 0, tile_frames);
        const std::size_t end = list_events(events, next, done + tile, done + tile >= frames);
        if (end < events.size() && end - next == events_.size()) {
            tile = std::clamp(events[end].event.frame - done, 0, tile);  // no room for the rest: they begin the next tile
        }
        for (std::size_t e = 0; e < end - next; ++e) {
            events_[e].event.frame = std::clamp(events_[e].event.frame - done, 0, tile);
        }
        for (StereoTile& sum : sums_) {
            for (Tile& side : sum) std::fill_n(side.begin(), tile, 0.0);
        }
        for (Group& group : groups_) run_group(group, inputs, output.before_fader, done, tile);
        write_sums(output, done, tile);
        next = end;
        done += tile;
    }
}

}  // namespace smartmix
