// What a strip bank does to the samples of one tile, part by part.
#include <algorithm>

#include "core/denormals.hpp"
#include "core/sanitise.hpp"
#include "engine/strip_bank.hpp"

namespace smartmix {

// Calls run(first, frames) for the pieces of the tile between the events of a part of the strip.
template <class Run>
void StripBank::walk(Strip& strip, StripPart part, int tile, const Run& run) noexcept {
    int at = 0;
    for (int e = next_event(strip, -1, part); e >= 0; e = next_event(strip, e, part)) {
        const ParamEvent& event = events_[static_cast<std::size_t>(e)].event;
        const int frame = std::clamp(event.frame, at, tile);
        if (frame > at) run(at, frame - at);
        at = frame;
        take(strip, event);
    }
    if (tile > at) run(at, tile - at);
}

// The float stages flush denormals; the sums do not, so that a neutral bank is the exact sum even of those.
void StripBank::run_group(Group& group, const float* const* const* inputs, float* const* const* before_fader, int done,
                          int tile) noexcept {
    bool lanes = false;
    for (int s = group.first_strip; s < group.first_strip + group.strips; ++s) {
        Strip& strip = strips_[static_cast<std::size_t>(s)];
        if (tile > 0) read_strip(strip, inputs[s], done, tile);
        walk(strip, StripPart::trim, tile, [&](int first, int count) { run_trim(strip, first, count); });
        lanes = lanes || needs_lanes(strip);
    }
    if (lanes) run_equalisers(group, tile);
    for (int s = group.first_strip; s < group.first_strip + group.strips; ++s) {
        Strip& strip = strips_[static_cast<std::size_t>(s)];
        if (strip.dynamics) {
            run_insert(strip, StripPart::de_esser, tile);
            run_insert(strip, StripPart::compressor, tile);
        }
        if (before_fader && before_fader[s]) write_strip(strip, before_fader[s], done, tile);
        walk(strip, StripPart::sum, tile, [&](int first, int count) { add_to_sums(strip, first, count); });
    }
}

void StripBank::read_strip(const Strip& strip, const float* const* input, int done, int tile) noexcept {
    for (int c = 0; c < strip.channels; ++c) {
        float* x = planar_[static_cast<std::size_t>(strip.first_lane + c)].data();
        std::copy_n(input[c] + done, tile, x);
        silence_non_finite(x, tile);
    }
}

void StripBank::write_strip(const Strip& strip, float* const* output, int done, int tile) const noexcept {
    for (int c = 0; c < strip.channels; ++c) {
        std::copy_n(planar_[static_cast<std::size_t>(strip.first_lane + c)].data(), tile, output[c] + done);
    }
}

void StripBank::write_sums(const StripOutput& output, int done, int tile) const noexcept {
    for (std::size_t row = 0; row < 2 * sums_.size(); ++row) {
        const double* side = sums_[row / 2][row % 2].data();
        if (output.exact) std::copy_n(side, tile, output.exact[row] + done);
        if (!output.rounded) continue;
        for (int i = 0; i < tile; ++i) output.rounded[row][done + i] = static_cast<float>(side[i]);
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
    return !strip.equaliser.idle() || next_event(strip, -1, StripPart::equaliser) >= 0;
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
        event[s] = next_event(strips[s], -1, StripPart::equaliser);
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
            for (; e >= 0 && events_[static_cast<std::size_t>(e)].event.frame <= at;
                 e = next_event(strips[s], e, StripPart::equaliser)) {
                take(strips[s], events_[static_cast<std::size_t>(e)].event);
            }
            if (e >= 0) piece = std::min(piece, events_[static_cast<std::size_t>(e)].event.frame - at);
        }
        if (piece == 0) break;
        for (Strip& strip : strips) piece = strip.equaliser.begin_piece(piece);
        for (Strip& strip : strips) strip.equaliser.place_sections();
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

// A processor of a strip takes its events itself, and counts its grid from them.
void StripBank::run_insert(Strip& strip, StripPart part, int tile) noexcept {
    std::size_t count = 0;
    for (int e = next_event(strip, -1, part); e >= 0; e = next_event(strip, e, part)) {
        ParamEvent& event = insert_events_[count++];
        event = events_[static_cast<std::size_t>(e)].event;
        event.param = layout_.places[static_cast<std::size_t>(event.param)].index;
    }
    float* heads[2] = {};
    for (int c = 0; c < strip.channels; ++c) heads[c] = planar_[static_cast<std::size_t>(strip.first_lane + c)].data();
    insert_of(strip, part)->process({heads, strip.channels, tile}, {insert_events_.data(), count});
}

void StripBank::add_to_sums(Strip& strip, int first, int frames) noexcept {
    Factors stands;
    stand(strip, stands, frames);
    add(strip, sums_[0], stands, first, frames);
    for (std::size_t k = 0; k < strip.sends.size(); ++k) {
        if (strip.sends[k].silent()) continue;
        Factors sent;
        turn_down(strip.sends[k], stands, sent, frames);
        add(strip, sums_[k + 1], sent, first, frames);
    }
}

// Fader and pan.
void StripBank::stand(Strip& strip, Factors& factors, int frames) noexcept {
    factors.steady = strip.fader.steady() && strip.pan.steady();
    if (factors.steady) {
        const dsp::PanGains pan = strip.pan.gains();
        factors.at_rest[0] = strip.fader.gain() * pan.left;
        factors.at_rest[1] = strip.fader.gain() * pan.right;
        return;
    }
    Tile fader;
    strip.fader.fill(fader.data(), frames);
    strip.pan.fill(factors.moving[0].data(), factors.moving[1].data(), frames);
    for (Tile& side : factors.moving) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) side[i] *= fader[i];
    }
}

void StripBank::turn_down(dsp::GainRamp& send, const Factors& stand, Factors& sent, int frames) noexcept {
    sent.steady = stand.steady && send.steady();
    if (sent.steady) {
        for (std::size_t side = 0; side < 2; ++side) sent.at_rest[side] = stand.at_rest[side] * send.gain();
        return;
    }
    Tile level;
    send.fill(level.data(), frames);
    for (std::size_t side = 0; side < 2; ++side) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
            sent.moving[side][i] = (stand.steady ? stand.at_rest[side] : stand.moving[side][i]) * level[i];
        }
    }
}

void StripBank::add(const Strip& strip, StereoTile& sum, const Factors& factors, int first, int frames) noexcept {
    const kernels::SectionKernels& kernel = kernels::section_kernels();
    for (std::size_t side = 0; side < 2; ++side) {
        const auto lane = static_cast<std::size_t>(strip.first_lane) + (strip.channels == 2 ? side : 0);
        const float* source = planar_[lane].data() + first;
        if (factors.steady) {
            kernel.add(sum[side].data() + first, source, factors.at_rest[side], frames);
        } else {
            kernel.add_ramp(sum[side].data() + first, source, factors.moving[side].data(), frames);
        }
    }
}

}  // namespace smartmix
