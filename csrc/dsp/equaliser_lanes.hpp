#pragma once
#include <array>
#include <cstdint>

#include "dsp/band_designs.hpp"
#include "dsp/section_way.hpp"
#include "dsp/svf_design.hpp"
#include "kernels/sections.hpp"

namespace smartmix::dsp {

// The sections of the equalisers of eight channels, one channel per lane, each section at the place its band and number
// give it: the channels may belong to one equaliser or to several. Places no lane uses are not run.
class EqualiserLanes {
public:
    static constexpr int lane_count = kernels::section_lanes;
    static constexpr int band_count = 24;
    static constexpr int place_count = band_count * max_sections_per_band;

    void put(int place, int lane, int lanes, const SectionWay& way) noexcept;  // in `lanes` lanes from `lane` on
    void remove(int place, int lane) noexcept;  // and forget its memory
    void silence(int lane) noexcept;            // audio memory only

    BandDesigns& designs() noexcept { return designs_; }

    // What runs, in order, for the kernels.
    const kernels::SectionRun* sections() noexcept;
    int count() noexcept;

private:
    struct Lists {  // a bit for each lane
        std::uint8_t running = 0;
        std::uint8_t moving = 0;
        std::uint8_t owing = 0;
        bool operator==(const Lists&) const = default;
    };

    void note(int place, int lane, int lanes, const SectionWay& way) noexcept;
    void list() noexcept;

    BandDesigns designs_;
    std::array<kernels::LaneSection, place_count> place_;
    std::array<Lists, place_count> lists_{};
    std::array<kernels::SectionRun, place_count> row_{};
    int count_ = 0;
    bool listed_ = true;
};

}  // namespace smartmix::dsp
