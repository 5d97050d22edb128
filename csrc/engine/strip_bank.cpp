#include "engine/strip_bank.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/denormals.hpp"
#include "core/parameter_value.hpp"
#include "core/realtime.hpp"
#include "core/sanitise.hpp"
#include "processors/equaliser_parameters.hpp"

namespace smartmix {
namespace {

constexpr int trim_index = 0;
constexpr int equaliser_index = 1;
constexpr int fader_index = equaliser_index + dsp::Equaliser::band_count * parameters_per_band;
constexpr int pan_index = fader_index + 1;

std::vector<ParameterInfo> strip_parameters() {
    std::vector<ParameterInfo> infos;
    infos.push_back({"trim.gain_db", "Trim", "dB", dsp::silence_db, 24.0, 0.0, Scale::db, {}});
    append_equaliser_parameters(infos, "eq.");
    infos.push_back({"fader.gain_db", "Fader", "dB", dsp::silence_db, 24.0, 0.0, Scale::db, {}});
    infos.push_back({"pan.pan", "Pan", "", -1.0, 1.0, 0.0, Scale::linear, {}});
    return infos;
}

}  // namespace

StripBank::StripBank(double sample_rate, const std::vector<int>& channels) : parameters_(strip_parameters()) {
    if (!(sample_rate >= 8000.0 && sample_rate <= 384000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(sample_rate) + " Hz: expected 8000 to 384000");
    }
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
    for (Group& group : groups_) {
        for (Strip& strip : members(group)) {
            strip.equaliser.prepare(sample_rate, strip.channels, group.lanes, strip.first_lane);
            for (const ParameterInfo& info : parameters_) strip.targets.push_back(info.default_value);
            restore(strip);
        }
    }
}

std::span<StripBank::Strip> StripBank::members(const Group& group) noexcept {
    return {strips_.data() + group.first_strip, static_cast<std::size_t>(group.strips)};
}

double StripBank::parameter(int strip, int index) const {
    return strips_.at(static_cast<std::size_t>(strip)).targets.at(static_cast<std::size_t>(index));
}

void StripBank::set_parameter(int strip, int index, double value) {
    Strip& at = strips_.at(static_cast<std::size_t>(strip));
    const auto i = static_cast<std::size_t>(index);
    at.targets.at(i) = checked_value(parameters_.at(i), value);
    pass_on(at, index, at.targets[i], 0);
}

double StripBank::response_db(int strip, double hz) const {
    const Strip& at = strips_.at(static_cast<std::size_t>(strip));
    return 20.0 * std::log10(at.trim.gain() * at.fader.gain()) + at.equaliser.response_db(hz);
}

void StripBank::reset() noexcept {
    for (Strip& strip : strips_) {
        strip.equaliser.clear();
        restore(strip);
    }
}

void StripBank::restore(Strip& strip) noexcept {
    for (std::size_t i = 0; i < strip.targets.size(); ++i) pass_on(strip, static_cast<int>(i), strip.targets[i], 0);
}

void StripBank::pass_on(Strip& strip, int index, double value, int ramp_frames) noexcept {
    if (index == trim_index) {
        strip.trim.move(value, ramp_frames);
    } else if (index == fader_index) {
        strip.fader.move(value, ramp_frames);
    } else if (index == pan_index) {
        strip.pan.move(value, ramp_frames);
    } else {
        set_equaliser_parameter(strip.equaliser, index - equaliser_index, value, ramp_frames);
    }
}

void StripBank::take(Strip& strip, const ParamEvent& event) noexcept {
    const auto index = static_cast<std::size_t>(event.param);
    if (event.param < 0 || index >= parameters_.size() || !std::isfinite(event.value)) return;
    const ParameterInfo& info = parameters_[index];
    strip.targets[index] = nearest_value(info, event.value);
    pass_on(strip, event.param, strip.targets[index], is_stepped(info.scale) ? 0 : std::max(event.ramp_frames, 0));
}

StripBank::Part StripBank::part_of(int parameter) noexcept {
    if (parameter == trim_index) return Part::trim;
    return parameter == fader_index || parameter == pan_index ? Part::sum : Part::equaliser;
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
        events_[e - first] = events[e].event;
        following_[e - first] = strip.first_event;
        strip.first_event = static_cast<int>(e - first);
    }
    return end;
}

int StripBank::next_event(const Strip& strip, int after, Part part) const noexcept {
    int e = after < 0 ? strip.first_event : following_[static_cast<std::size_t>(after)];
    while (e >= 0 && part_of(events_[static_cast<std::size_t>(e)].param) != part) {
        e = following_[static_cast<std::size_t>(e)];
    }
    return e;
}

// Calls run(first, frames) for the pieces of the tile between the events of a part of the strip.
template <class Run>
void StripBank::walk(Strip& strip, Part part, int tile, const Run& run) noexcept {
    int at = 0;
    for (int e = next_event(strip, -1, part); e >= 0; e = next_event(strip, e, part)) {
        const ParamEvent& event = events_[static_cast<std::size_t>(e)];
        const int frame = std::clamp(event.frame, at, tile);
        if (frame > at) run(at, frame - at);
        at = frame;
        take(strip, event);
    }
    if (tile > at) run(at, tile - at);
}

void StripBank::process(const float* const* const* inputs, std::span<const StripEvent> events, float* const* output,
                        int frames) noexcept {
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
            events_[e].frame = std::clamp(events_[e].frame - done, 0, tile);
        }
        for (Tile& side : sum_) std::fill_n(side.begin(), tile, 0.0);
        for (Group& group : groups_) run_group(group, inputs, done, tile);
        for (std::size_t side = 0; side < 2; ++side) {
            for (int i = 0; i < tile; ++i) output[side][done + i] = static_cast<float>(sum_[side][static_cast<std::size_t>(i)]);
        }
        next = end;
        done += tile;
    }
}

// The float stages flush denormals; the sum does not, so that a neutral bank is the exact sum even of those.
void StripBank::run_group(Group& group, const float* const* const* inputs, int done, int tile) noexcept {
    bool lanes = false;
    for (int s = group.first_strip; s < group.first_strip + group.strips; ++s) {
        Strip& strip = strips_[static_cast<std::size_t>(s)];
        for (int c = 0; c < strip.channels && tile > 0; ++c) {
            float* x = planar_[static_cast<std::size_t>(strip.first_lane + c)].data();
            std::copy_n(inputs[s][c] + done, tile, x);
            silence_non_finite(x, tile);
        }
        walk(strip, Part::trim, tile, [&](int first, int count) { run_trim(strip, first, count); });
        lanes = lanes || needs_lanes(strip);
    }
    if (lanes) run_equalisers(group, tile);
    for (Strip& strip : members(group)) {
        walk(strip, Part::sum, tile, [&](int first, int count) { add_to_sum(strip, first, count); });
    }
}

void StripBank::run_trim(Strip& strip, int first, int frames) noexcept {
    if (strip.trim.unity()) return;
    const DenormalGuard no_denormals;
    std::array<float, tile_frames> gains;
    strip.trim.fill(gains.data(), frames);
    for (int c = 0; c < strip.channels; ++c) {
        float* x = planar_[static_cast<std::size_t>(strip.first_lane + c)].data() + first;
        for (int i = 0; i < frames; ++i) x[i] *= gains[static_cast<std::size_t>(i)];
    }
}

bool StripBank::needs_lanes(const Strip& strip) const noexcept {
    return !strip.equaliser.idle() || next_event(strip, -1, Part::equaliser) >= 0;
}

void StripBank::run_equalisers(Group& group, int tile) noexcept {
    const kernels::SectionKernels& kernel = kernels::section_kernels();
    const DenormalGuard no_denormals;
    std::array<float, tile_frames> unused;
    const float* sources[lane_count];
    float* heads[lane_count];
    std::array<int, lane_count> event;
    for (int l = 0; l < lane_count; ++l) {
        sources[l] = planar_[static_cast<std::size_t>(l)].data();
        heads[l] = unused.data();
    }
    const std::span<Strip> strips = members(group);
    for (std::size_t s = 0; s < strips.size(); ++s) {
        event[s] = next_event(strips[s], -1, Part::equaliser);
        if (!needs_lanes(strips[s])) continue;
        for (int l = strips[s].first_lane; l < strips[s].first_lane + strips[s].channels; ++l) {
            heads[l] = planar_[static_cast<std::size_t>(l)].data();
        }
    }
    kernel.to_lanes(sources, lanes_.data(), tile);
    for (int at = 0, piece = 0;; at += piece) {
        piece = tile - at;
        for (std::size_t s = 0; s < strips.size(); ++s) {
            int& e = event[s];
            for (; e >= 0 && events_[static_cast<std::size_t>(e)].frame <= at; e = next_event(strips[s], e, Part::equaliser)) {
                take(strips[s], events_[static_cast<std::size_t>(e)]);
            }
            if (e >= 0) piece = std::min(piece, events_[static_cast<std::size_t>(e)].frame - at);
        }
        if (piece == 0) break;
        for (Strip& strip : strips) piece = strip.equaliser.begin_piece(piece);
        if (group.lanes.count() > 0) {
            float* x = lanes_.data() + static_cast<std::size_t>(at) * lane_count;
            kernel.lanes(group.lanes.sections(), group.lanes.count(), x, piece);
            keep_resting(group, at, piece);
        }
        for (Strip& strip : strips) strip.equaliser.end_piece(piece);
    }
    kernel.from_lanes(lanes_.data(), heads, tile);
}

// A lane that does nothing beside lanes that work has lost its denormals: back to what it was, bit for bit.
void StripBank::keep_resting(Group& group, int first, int frames) noexcept {
    for (const Strip& strip : members(group)) {
        if (strip.equaliser.sounding()) continue;
        for (int l = strip.first_lane; l < strip.first_lane + strip.channels; ++l) {
            const float* x = planar_[static_cast<std::size_t>(l)].data();
            for (int i = first; i < first + frames; ++i) lanes_[static_cast<std::size_t>(i * lane_count + l)] = x[i];
        }
    }
}

void StripBank::add_to_sum(Strip& strip, int first, int frames) noexcept {
    const kernels::SectionKernels& kernel = kernels::section_kernels();
    const auto lane = static_cast<std::size_t>(strip.first_lane);
    const float* source[2] = {planar_[lane].data() + first, planar_[lane + (strip.channels == 2 ? 1 : 0)].data() + first};
    double* sum[2] = {sum_[0].data() + first, sum_[1].data() + first};
    if (strip.fader.steady() && strip.pan.steady()) {
        const dsp::PanGains pan = strip.pan.gains();
        kernel.add(sum[0], source[0], strip.fader.gain() * pan.left, frames);
        kernel.add(sum[1], source[1], strip.fader.gain() * pan.right, frames);
        return;
    }
    Tile fader;
    Tile left;
    Tile right;
    strip.fader.fill(fader.data(), frames);
    strip.pan.fill(left.data(), right.data(), frames);
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        left[i] *= fader[i];
        right[i] *= fader[i];
    }
    kernel.add_ramp(sum[0], source[0], left.data(), frames);
    kernel.add_ramp(sum[1], source[1], right.data(), frames);
}

}  // namespace smartmix
