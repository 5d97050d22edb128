#pragma once
#include <array>
#include <vector>

#include "dsp/band_designs.hpp"
#include "dsp/equaliser_lanes.hpp"
#include "dsp/section_way.hpp"
#include "kernels/sections.hpp"

namespace smartmix::dsp {

// The sections of one equaliser of many channels: what a section is lies here once, its memory for groups of eight channels.
// Places and bits are those of EqualiserLanes.
class WideLanes {
public:
    static constexpr int place_count = EqualiserLanes::place_count;
    static constexpr int lane_count = EqualiserLanes::lane_count;
    static constexpr int tile_frames = 128;  // what lies in the lanes at a time

    void prepare(int channels);  // allocates
    void put(int place, const SectionWay& way) noexcept;
    void remove(int place) noexcept;  // and forget its memory
    void silence() noexcept;          // audio memory only

    BandDesigns& designs() noexcept { return designs_; }

    // All sections on `frames` frames of all channels from frame `first` on, in place.
    void run(float* const* channels, int first, int frames) noexcept;

private:
    kernels::GroupMemory* memory_of(std::size_t place) noexcept { return memory_.data() + place * x_.size(); }
    void list() noexcept;
    void run_tile(float* const* channels, int first, int frames) noexcept;

    struct alignas(64) Tile {
        float of[tile_frames * lane_count];
    };

    BandDesigns designs_;
    std::array<kernels::SharedWay, place_count> way_;
    std::array<bool, place_count> runs_{};
    std::array<kernels::SharedRun, place_count> row_{};
    std::vector<kernels::GroupMemory> memory_;  // of the groups of place 0, then of place 1 ...
    std::vector<Tile> tiles_;                   // of each group
    std::vector<float*> x_;                     // where they begin
    int channels_ = 0;
    int count_ = 0;
    bool listed_ = true;
};

}  // namespace smartmix::dsp
