#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "core/block.hpp"
#include "dsp/svf.hpp"

namespace smartmix::dsp {

// A filter that is as deep as a detector says: designed once a cell and straight in its coefficients to there within the cell,
// flat and asleep while nothing is wanted. All channels together, two side by side. The same bits for any cut into blocks.
class ReductionGlide {
public:
    void prepare(int channels);  // allocates
    void reset() noexcept;

    // Begins a cell of `frames` frames, in which it goes from where it is to `to_db` of reduction. `design(db)` is the filter.
    template <class Design>
    void begin(double to_db, int frames, const Design& design) noexcept {
        if (running_) {
            stop_here();
        } else if (to_db > 0.0) {
            glide_.from = design(0.0);
            from_db_ = 0.0;
        }
        const bool ran = running_;
        running_ = to_db > 0.0 || (ran && from_db_ > 0.0);
        if (ran && !running_) forget();
        to_db_ = to_db;
        if (running_) glide_.to = design(to_db);
        glide_.frames = frames;
        done_ = 0;
    }

    bool running() const noexcept { return running_; }  // not flat in this cell
    void run(BlockView io, int first, int frames) noexcept;  // in place, while it is running
    void advance(int frames) noexcept { done_ += frames; }

private:
    void stop_here() noexcept;
    void forget() noexcept;

    SvfGlide glide_;
    double from_db_ = 0.0, to_db_ = 0.0;
    int done_ = 0;  // frames of the cell
    bool running_ = false;
    std::vector<std::array<SvfMemory, 2>> memory_;  // of pairs of channels
};

}  // namespace smartmix::dsp
