#pragma once
#include <array>
#include <span>

#include "dsp/equaliser_lanes.hpp"
#include "engine/read_ahead.hpp"
#include "engine/strip.hpp"
#include "engine/strip_events.hpp"
#include "engine/strip_sums.hpp"
#include "kernels/dynamics.hpp"

namespace smartmix {

// `frames` frames of a call from `first` on; events before frame `until` of the call belong to it.
struct StripTile {
    int first = 0;
    int frames = 0;
    int until = 0;
};

// What a call is given: channel c of strip s at strips[s][c]; of key k at keys[k][c], where there are any.
struct StripInputs {
    const float* const* const* strips = nullptr;
    const float* const* const* keys = nullptr;
};

// What a thread needs to run a tile of a group. Rows do not begin at the same place of a cache set.
struct StripWorkspace {
    static constexpr int lane_count = dsp::EqualiserLanes::lane_count;
    static constexpr std::size_t row_floats = most_tile_frames + 16;
    using Row = std::array<float, row_floats>;

    std::array<Row, lane_count> planar{};     // a row for each lane
    std::array<const float*, lane_count> at{};  // where the samples of each lane are: there, or still where they came from
    std::array<Row, lane_count> wanted{};  // reductions, a row for each detector
    Row silent{};                          // what lanes without a detector want
    std::array<Row, 2 * lane_count> heard{};  // keys: of the dynamic EQ at work, then two rows for each compressor
    Row spare{};
    ReadAhead ahead;
    alignas(64) std::array<float, static_cast<std::size_t>(most_tile_frames) * lane_count> lanes{};
};

// Strips whose channels share the eight lanes of the equaliser, and whose compressors share those of the detectors.
class StripGroup {
public:
    static constexpr int lane_count = StripWorkspace::lane_count;

    // `strips` are those from number `first_strip` of the bank on, whose lanes are given out; none of them moves any more.
    // `key_channels` are those of the keys of the bank, and outlive it.
    void prepare(double sample_rate, const StripLayout& layout, std::span<Strip> strips, int first_strip,
                 std::span<const int> key_channels);

    // Has the workspace ask for the samples of a tile that is run soon, while it runs another.
    void expect(const StripTile& tile, const StripInputs& inputs, StripWorkspace& work) const noexcept;
    // Everything before the fader, from the inputs into the rows of the workspace.
    void run(const StripTile& tile, const StripInputs& inputs, StripEvents& events, StripWorkspace& work) noexcept;
    void write_before_fader(const StripTile& tile, float* const* const* output, const StripWorkspace& work) const noexcept;
    // Width, which could as well come before the fader: both are linear, and what rests costs nothing. Then the rest.
    void run_width(const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept;
    void add(const StripTile& tile, StripEvents& events, StripWorkspace& work, StripSums& sums) noexcept;

private:
    template <class Take, class Run>
    void walk(int index, StripPart part, const StripTile& tile, StripEvents& events, const Take& take,
              const Run& run) noexcept;
    int take_due(StripPart part, const StripTile& tile, int at, StripEvents& events) noexcept;

    void read(const Strip& strip, const float* const* input, const StripTile& tile, StripWorkspace& work) const noexcept;
    void run_trim(int index, const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept;
    bool needs_lanes(int index, const StripTile& tile, const StripEvents& events) const noexcept;
    void run_equalisers(const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept;
    void keep_resting(int first, int frames, StripWorkspace& work) const noexcept;
    void run_insert(int index, StripPart part, const StripTile& tile, StripEvents& events, StripWorkspace& work,
                    int heard_channels = 0) noexcept;
    int hear(int key, int row, const StripTile& tile, const StripInputs& inputs, StripWorkspace& work) const noexcept;
    int hear_bands(int index, const StripTile& tile, const StripInputs& inputs, const StripEvents& events,
                   StripWorkspace& work) const noexcept;
    void hear_compressors(const StripTile& tile, const StripInputs& inputs, StripWorkspace& work) const noexcept;
    int heads_heard(const Strip& strip, int first, const float* (&heads)[2], const StripWorkspace& work) const noexcept;
    void run_compressors(const StripTile& tile, StripEvents& events, StripWorkspace& work) noexcept;
    void compress(const StripTile& tile, int first, int frames, StripWorkspace& work) noexcept;
    void own(const Strip& strip, int frames, float* (&heads)[2], StripWorkspace& work) const noexcept;

    const StripLayout* layout_ = nullptr;
    std::span<Strip> strips_;
    int first_strip_ = 0;
    std::span<const int> key_channels_;
    bool dynamics_ = false;  // of any strip
    bool keyed_compressors_ = false;
    dsp::EqualiserLanes lanes_;
    kernels::DetectorLanes detectors_;
};

}  // namespace smartmix
