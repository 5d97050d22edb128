#pragma once
#include <array>

#include "dsp/svf_design.hpp"
#include "kernels/matched.hpp"

namespace smartmix::dsp {

// The designs asked for at one moment, made together: bells and shelves, which are moved most and cost most, many at a
// time in vector lanes, the others by design_band. What is beside it changes no bit of a design.
class BandDesigns {
public:
    void ask(const BandSettings& settings, double sample_rate, BandSections& into) noexcept;
    void make() noexcept;  // all that were asked for, where they were asked for

private:
    enum Kind { bells, low_shelves, high_shelves, kinds };
    struct Queue {
        kernels::MatchedBatch batch;
        std::array<BandSections*, kernels::MatchedBatch::capacity> into{};
        int count = 0;
    };
    void make(Kind kind) noexcept;

    std::array<Queue, kinds> queues_;
};

}  // namespace smartmix::dsp
