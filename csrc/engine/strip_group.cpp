#include "engine/strip_group.hpp"

#include <algorithm>

#include "core/denormals.hpp"
#include "core/sanitise.hpp"
#include "kernels/sections.hpp"
#include "kernels/sums.hpp"

namespace smartmix {
namespace {

constexpr int lines_at_once = 16;

}  // namespace

void StripGroup::prepare(double sample_rate, const StripLayout& layout, std::span<Strip> strips, int first_strip,
                         std::span<const int> key_channels) {
    key_channels_ = key_channels;
    layout_ = &layout;
    strips_ = strips;
    first_strip_ = first_strip;
    int lane = 0;
    int detector = 0;
    for (Strip& strip : strips) {
        strip.first_lane = lane;
        strip.detector_lane = detector++;
        lane += strip.channels;
        strip.equaliser.prepare(sample_rate, strip.channels, lanes_, strip.first_lane);
        dynamics_ = dynamics_ || strip.dynamics != nullptr;
        keyed_compressors_ = keyed_compressors_ || strip.compressor_key != StripKeying::own;
        if (strip.dynamics) strip.dynamics->compressor.share(detectors_, strip.detector_lane);
    }
}

// Calls run(first, frames) for the pieces of the tile between the events of a part of a strip.
template <class Take, class Run>
void StripGroup::walk(int index, StripPart part, const StripTile& tile, StripEvents& events, const Take& take,
                      const Run& run) noexcept {
    int at = 0;
    while (const ParamEvent* event = events.front(first_strip_ + index, part, tile.until)) {
        const int frame = std::clamp(event->frame - tile.first, at, tile.frames);
        if (frame > at) run(at, frame - at);
        at = frame;
        take(*event);
        events.pop(first_strip_ + index, part);
    }
    if (tile.frames > at) run(at, tile.frames - at);
}

// Takes the events of a part of all strips up to frame `at` of the tile; how many frames it is to the next of them, or to
// the end of the tile.
int StripGroup::take_due(StripPart part, const StripTile& tile, int at, StripEvents& events) noexcept {
    int piece = tile.frames - at;
    for (std::size_t s = 0; s < strips_.size(); ++s) {
        const int strip = first_strip_ + static_cast<int>(s);
        const ParamEvent* event = events.front(strip, part, tile.until);
        for (; event != nullptr && event->frame - tile.first <= at; event = events.front(strip, part, tile.until)) {
            if (part == StripPart::equaliser) {
                strips_[s].take(*layout_, *event);
            } else if (Processor* insert = strips_[s].insert(part)) {
                insert->take(*event);
            }
            events.pop(strip, part);
        }
        if (event != nullptr) piece = std::min(piece, event->frame - tile.first - at);
    }
    return piece;
}

// What is to be changed has to be ours: fetches the tile from the inputs where no part has done so yet.
void StripGroup::own(const Strip& strip, int frames, float* (&heads)[2], StripWorkspace& work) const noexcept {
    for (int c = 0; c < strip.channels; ++c) {
        const auto lane = static_cast<std::size_t>(strip.first_lane + c);
        heads[c] = work.planar[lane].data();
        if (work.at[lane] != heads[c]) std::copy_n(work.at[lane], frames, heads[c]);
        work.at[lane] = heads[c];
    }
}

void StripGroup::expect(const StripTile& tile, const StripInputs& inputs, StripWorkspace& work) const noexcept {
    work.ahead.begin(tile.frames);
    for (std::size_t s = 0; s < strips_.size(); ++s) {
        const float* const* input = inputs.strips[static_cast<std::size_t>(first_strip_) + s];
        for (int c = 0; c < strips_[s].channels; ++c) work.ahead.add(input[c] + tile.first);
    }
}

// The float stages flush denormals; the sums do not, so that a neutral bank is the exact sum even of those.
void StripGroup::run(const StripTile& tile, const StripInputs& inputs, StripEvents& events,
                     StripWorkspace& work) noexcept {
    std::fill(work.at.begin(), work.at.end(), work.silent.data());
    bool lanes = false;
    for (int s = 0; s < static_cast<int>(strips_.size()); ++s) {
        if (tile.frames > 0) read(strips_[static_cast<std::size_t>(s)], inputs.strips[first_strip_ + s], tile, work);
        run_trim(s, tile, events, work);
        lanes = lanes || needs_lanes(s, tile, events);
    }
    if (lanes) run_equalisers(tile, events, work);
    if (!dynamics_) return;
    for (int s = 0; s < static_cast<int>(strips_.size()); ++s) {
        run_insert(s, StripPart::dynamic_eq, tile, events, work, hear_bands(s, tile, inputs, events, work));
        run_insert(s, StripPart::de_esser, tile, events, work);
    }
    if (keyed_compressors_) hear_compressors(tile, inputs, work);
    run_compressors(tile, events, work);
}

void StripGroup::read(const Strip& strip, const float* const* input, const StripTile& tile,
                      StripWorkspace& work) const noexcept {
    bool finite = true;
    for (int c = 0; c < strip.channels; ++c) {
        const float* x = input[c] + tile.first;
        work.at[static_cast<std::size_t>(strip.first_lane + c)] = x;
        finite = kernels::sum_kernels().finite(x, tile.frames) && finite;
        work.ahead.ask(lines_at_once);
    }
    if (finite) return;
    float* heads[2];
    own(strip, tile.frames, heads, work);
    for (int c = 0; c < strip.channels; ++c) silence_non_finite(heads[c], tile.frames);
}

void StripGroup::run_trim(int index, const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept {
    Strip& strip = strips_[static_cast<std::size_t>(index)];
    walk(
        index, StripPart::trim, tile, events, [&](const ParamEvent& event) { strip.take(*layout_, event); },
        [&](int first, int frames) {
            if (strip.trim.unity()) return;
            const DenormalGuard no_denormals;
            float* heads[2];
            own(strip, tile.frames, heads, work);
            float* gains = work.spare.data();
            strip.trim.fill(gains, frames);
            for (int c = 0; c < strip.channels; ++c) {
                float* x = heads[c] + first;
                for (int i = 0; i < frames; ++i) x[i] *= gains[i];
            }
        });
}

bool StripGroup::needs_lanes(int index, const StripTile& tile, const StripEvents& events) const noexcept {
    return !strips_[static_cast<std::size_t>(index)].equaliser.idle() ||
           events.front(first_strip_ + index, StripPart::equaliser, tile.until) != nullptr;
}

void StripGroup::run_equalisers(const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept {
    const kernels::SectionKernels& kernel = kernels::section_kernels();
    const DenormalGuard no_denormals;
    float* heads[lane_count];
    std::fill_n(heads, lane_count, work.spare.data());
    kernel.to_lanes(work.at.data(), work.lanes.data(), tile.frames);
    for (std::size_t s = 0; s < strips_.size(); ++s) {
        if (!needs_lanes(static_cast<int>(s), tile, events)) continue;
        for (int l = strips_[s].first_lane; l < strips_[s].first_lane + strips_[s].channels; ++l) {
            heads[l] = work.planar[static_cast<std::size_t>(l)].data();
        }
    }
    for (int at = 0, piece = 0;; at += piece) {
        piece = take_due(StripPart::equaliser, tile, at, events);
        if (piece == 0) break;
        for (Strip& strip : strips_) piece = strip.equaliser.begin_piece(piece);
        for (Strip& strip : strips_) strip.equaliser.place_sections();
        if (lanes_.count() > 0) {
            float* x = work.lanes.data() + static_cast<std::size_t>(at) * lane_count;
            kernel.lanes(lanes_.sections(), lanes_.count(), x, piece);
            keep_resting(at, piece, work);
        }
        for (Strip& strip : strips_) strip.equaliser.end_piece(piece);
    }
    kernel.from_lanes(work.lanes.data(), heads, tile.frames);
    for (std::size_t l = 0; l < lane_count; ++l) {
        if (heads[l] != work.spare.data()) work.at[l] = heads[l];
    }
}

// A lane that does nothing beside lanes that work has lost its denormals: back to what it was, bit for bit.
void StripGroup::keep_resting(int first, int frames, StripWorkspace& work) const noexcept {
    for (const Strip& strip : strips_) {
        if (strip.equaliser.sounding()) continue;
        for (int l = strip.first_lane; l < strip.first_lane + strip.channels; ++l) {
            const float* x = work.at[static_cast<std::size_t>(l)];
            for (int i = first; i < first + frames; ++i) work.lanes[static_cast<std::size_t>(i * lane_count + l)] = x[i];
        }
    }
}

// The tile of a key, from row `row` of what is heard on; how many rows it has. A key belongs to all groups: what is not
// finite is silenced in a copy.
int StripGroup::hear(int key, int row, const StripTile& tile, const StripInputs& inputs,
                     StripWorkspace& work) const noexcept {
    const int channels = key_channels_[static_cast<std::size_t>(key)];
    for (int c = 0; c < channels; ++c) {
        float* x = work.heard[static_cast<std::size_t>(row + c)].data();
        if (inputs.keys == nullptr) {
            std::fill_n(x, tile.frames, 0.0F);
        } else if (tile.frames > 0) {
            std::copy_n(inputs.keys[key][c] + tile.first, tile.frames, x);
            silence_non_finite(x, tile.frames);
        }
    }
    return channels;
}

// The side chain of a dynamic EQ that does something in the tile.
int StripGroup::hear_bands(int index, const StripTile& tile, const StripInputs& inputs, const StripEvents& events,
                           StripWorkspace& work) const noexcept {
    const Strip& strip = strips_[static_cast<std::size_t>(index)];
    if (strip.band_keys.empty()) return 0;
    const bool rests = strip.dynamics->dynamic_eq.rests();
    if (rests && events.front(first_strip_ + index, StripPart::dynamic_eq, tile.until) == nullptr) return 0;
    int rows = 0;
    for (const int key : strip.band_keys) rows += hear(key, rows, tile, inputs, work);
    return rows;
}

void StripGroup::hear_compressors(const StripTile& tile, const StripInputs& inputs, StripWorkspace& work) const noexcept {
    for (const Strip& strip : strips_) {
        if (strip.compressor_key != StripKeying::own) hear(strip.compressor_key, 2 * strip.detector_lane, tile, inputs, work);
    }
}

// A processor of a strip counts its grid from its own events. It listens to the first rows of what is heard, if to any.
void StripGroup::run_insert(int index, StripPart part, const StripTile& tile, StripEvents& events, StripWorkspace& work,
                            int heard_channels) noexcept {
    Strip& strip = strips_[static_cast<std::size_t>(index)];
    Processor* insert = strip.insert(part);
    walk(
        index, part, tile, events,
        [&](const ParamEvent& event) {
            if (insert != nullptr) insert->take(event);
        },
        [&](int first, int frames) {
            if (insert == nullptr || insert->rests()) return;
            float* heads[2];
            own(strip, tile.frames, heads, work);
            for (int c = 0; c < strip.channels; ++c) heads[c] += first;
            float* heard[2 * DynamicEq::band_count];
            for (int c = 0; c < heard_channels; ++c) heard[c] = work.heard[static_cast<std::size_t>(c)].data() + first;
            insert->process({heads, strip.channels, frames}, {heard, heard_channels, frames}, {});
        });
}

void StripGroup::run_compressors(const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept {
    const DenormalGuard no_denormals;
    float* heads[2];
    for (const Strip& strip : strips_) {  // a filter may have gone beyond all numbers
        if (!strip.dynamics) continue;
        bool finite = true;
        for (int l = strip.first_lane; l < strip.first_lane + strip.channels; ++l) {
            const float* x = work.at[static_cast<std::size_t>(l)];
            const bool ours = x == work.planar[static_cast<std::size_t>(l)].data();  // what came in has been looked at
            finite = finite && (!ours || kernels::sum_kernels().finite(x, tile.frames));
        }
        if (finite) continue;
        own(strip, tile.frames, heads, work);
        for (int c = 0; c < strip.channels; ++c) silence_non_finite(heads[c], tile.frames);
    }
    for (int at = 0, piece = 0;; at += piece) {
        piece = take_due(StripPart::compressor, tile, at, events);
        if (piece == 0) break;
        for (Strip& strip : strips_) {
            if (strip.dynamics) piece = strip.dynamics->compressor.begin_piece(piece);
        }
        compress(tile, at, piece, work);
        for (Strip& strip : strips_) {
            if (strip.dynamics) strip.dynamics->compressor.end_piece(piece);
        }
    }
}

// What a compressor hears from frame `first` of the tile on; how many channels of it.
int StripGroup::heads_heard(const Strip& strip, int first, const float* (&heads)[2],
                            const StripWorkspace& work) const noexcept {
    const bool own = strip.compressor_key == StripKeying::own;
    const int channels = own ? strip.channels : key_channels_[static_cast<std::size_t>(strip.compressor_key)];
    for (int c = 0; c < channels; ++c) {
        const auto row = static_cast<std::size_t>(2 * strip.detector_lane + c);
        const float* x = own ? work.at[static_cast<std::size_t>(strip.first_lane + c)] : work.heard[row].data();
        heads[c] = x + first;
    }
    return channels;
}

void StripGroup::compress(const StripTile& tile, int first, int frames, StripWorkspace& work) noexcept {
    float* rows[lane_count];
    std::fill_n(rows, lane_count, work.silent.data());
    int listening = 0;  // lanes up to the last that listens
    for (Strip& strip : strips_) {
        if (!strip.dynamics || !strip.dynamics->compressor.listens()) continue;
        const float* heard[2];
        const int channels = heads_heard(strip, first, heard, work);
        float* row = work.wanted[static_cast<std::size_t>(strip.detector_lane)].data();
        work.ahead.ask(lines_at_once);
        if (!strip.dynamics->compressor.want(heard, channels, frames, row)) continue;
        rows[strip.detector_lane] = row;
        listening = strip.detector_lane + 1;
    }
    if (listening > 0) kernels::dynamics_kernels().detect(detectors_, rows, listening, frames);
    for (Strip& strip : strips_) {
        if (!strip.dynamics || strip.dynamics->compressor.untouched()) continue;
        float* heads[2];
        own(strip, tile.frames, heads, work);
        for (int c = 0; c < strip.channels; ++c) heads[c] += first;
        work.ahead.ask(lines_at_once);
        strip.dynamics->compressor.turn_down(heads, strip.channels, frames, rows[strip.detector_lane]);
    }
}

void StripGroup::write_before_fader(const StripTile& tile, float* const* const* output,
                                    const StripWorkspace& work) const noexcept {
    for (std::size_t s = 0; s < strips_.size(); ++s) {
        float* const* heads = output[static_cast<std::size_t>(first_strip_) + s];
        if (heads == nullptr) continue;
        for (int c = 0; c < strips_[s].channels; ++c) {
            const float* x = work.at[static_cast<std::size_t>(strips_[s].first_lane + c)];
            std::copy_n(x, tile.frames, heads[c] + tile.first);
        }
    }
}

void StripGroup::run_width(const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept {
    for (int s = 0; s < static_cast<int>(strips_.size()); ++s) run_insert(s, StripPart::width, tile, events, work);
}

void StripGroup::add(const StripTile& tile, StripEvents& events, StripWorkspace& work, StripSums& sums) noexcept {
    for (int s = 0; s < static_cast<int>(strips_.size()); ++s) {
        Strip& strip = strips_[static_cast<std::size_t>(s)];
        const float* left = work.at[static_cast<std::size_t>(strip.first_lane)];
        const float* right = work.at[static_cast<std::size_t>(strip.first_lane + strip.channels - 1)];
        walk(
            s, StripPart::sum, tile, events, [&](const ParamEvent& event) { strip.take(*layout_, event); },
            [&](int first, int frames) { sums.add(strip, left, right, first, frames, frames == tile.frames); });
    }
    sums.finish();
}

}  // namespace smartmix
