#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "core/block.hpp"
#include "dsp/ramp.hpp"

namespace smartmix::dsp {

// The parts of compressor, gate and de-esser. Levels and reductions are in dB, a reduction is positive.

inline constexpr double settled_db = 1e-6;  // a reduction this small is the way back to exactly none

// Settings stand still for a cell of frames. Cells are counted from reset or the last event, never from a block.
class CellGrid {
public:
    void restart() noexcept { left_ = 0; }

    // Cuts the next `frames` frames into cells and pieces of cells: begin() gives the length of the cell that begins,
    // run(first, frames) does a piece.
    template <class Begin, class Run>
    void walk(int frames, const Begin& begin, const Run& run) noexcept {
        for (int done = 0; done < frames;) {
            if (left_ == 0) left_ = begin();
            const int now = std::min(frames - done, left_);
            run(done, now);
            done += now;
            left_ -= now;
        }
    }

private:
    int left_ = 0;
};

// A cell in which a control moves is short, and ends where the control arrives.
inline constexpr int longest_cell_frames = 256;
inline constexpr int moving_cell_frames = 32;

inline bool any_moving(std::span<const Ramp> controls) noexcept {
    return std::any_of(controls.begin(), controls.end(), [](const Ramp& ramp) { return ramp.moving(); });
}

inline int cell_length(std::span<const Ramp> controls, int still_frames, int moving_frames) noexcept {
    int frames = still_frames;
    for (const Ramp& ramp : controls) {
        if (ramp.moving()) frames = std::min({frames, moving_frames, ramp.frames_left()});
    }
    return frames;
}

// One value per frame of a cell.
using CellValues = std::array<float, longest_cell_frames>;

// Of numbers that are not negative: their bits are in the same order, and a loop over those becomes vector code.
inline float largest_of(const float* x, int frames) noexcept {
    std::int32_t most = 0;
    for (int i = 0; i < frames; ++i) most = std::max(most, std::bit_cast<std::int32_t>(x[i]));
    return std::bit_cast<float>(most);
}

// The amplitude of the louder channel, frame by frame.
inline void read_peaks(BlockView audio, int first, int frames, float* levels) noexcept {
    std::fill_n(levels, frames, 0.0F);
    for (int c = 0; c < audio.channel_count; ++c) {
        const float* x = audio.channels[c] + first;
        for (int i = 0; i < frames; ++i) levels[i] = std::max(levels[i], std::fabs(x[i]));
    }
}

// Share of the distance that is left after one frame of an exponential with this time constant (to 63.2 %).
inline double keep_per_frame(double time_ms, double sample_rate) noexcept {
    return std::exp(-1000.0 / (time_ms * sample_rate));
}

// Static curve of D. Giannoulis, M. Massberg & J. Reiss, "Digital dynamic range compressor design", JAES 60 (2012),
// eq. 4: the reduction that a level asks for, with a parabola `knee_db` wide around the threshold.
struct CompressionCurve {
    static constexpr float loudest_over_db = 700.0F;  // keeps every reduction where factor_of_reduction() is exact

    float threshold_db = 0.0F;
    float slope = 0.0F;  // 1 - 1/ratio
    float half_knee_db = 0.0F;
    float half_over_knee = 0.0F;  // 1 / (2 knee), 0 without a knee

    CompressionCurve() = default;
    CompressionCurve(double threshold, double ratio, double knee_db) noexcept
        : threshold_db(static_cast<float>(threshold)),
          slope(static_cast<float>(1.0 - 1.0 / ratio)),
          half_knee_db(static_cast<float>(0.5 * knee_db)),
          half_over_knee(knee_db > 0.0 ? static_cast<float>(0.5 / knee_db) : 0.0F) {}

    float reduction_over(float over_db) const noexcept {  // of a level `over_db` above the threshold
        const float over = std::min(over_db, loudest_over_db);
        const float inside = std::min(std::max(over + half_knee_db, 0.0F), 2.0F * half_knee_db);
        return slope * (inside * inside * half_over_knee + std::max(over - half_knee_db, 0.0F));
    }
    float reduction_db(float level_db) const noexcept { return reduction_over(level_db - threshold_db); }
};

// The smooth branching detector of the same paper (eq. 16): one pole, with one time for a rising reduction and another
// for a falling one. Unlike the decoupled one it adds nothing of the rise to the fall. In double: with a release
// of seconds at 192 kHz a step per frame is below what a float can add.
class BranchingDetector {
public:
    void set_times(double rise_ms, double fall_ms, double sample_rate) noexcept {
        rise_ = keep_per_frame(rise_ms, sample_rate);
        fall_ = keep_per_frame(fall_ms, sample_rate);
        rise_take_ = -std::expm1(-1000.0 / (rise_ms * sample_rate));
        fall_take_ = -std::expm1(-1000.0 / (fall_ms * sample_rate));
    }
    void jump(double value) noexcept { value_ = value; }
    double value() const noexcept { return value_; }

    // In place: what is wanted becomes what the detector says. Both branches lie between the old value and the wanted
    // one, the slower one nearer to the old: which is right is a maximum (or, with a rise slower than the fall, a
    // minimum) and needs no jump.
    void run(float* reductions, int frames) noexcept {
        const double rise = rise_, fall = fall_, rise_take = rise_take_, fall_take = fall_take_;
        double y = value_;
        if (rise <= fall) {
            for (int i = 0; i < frames; ++i) {
                const auto wanted = static_cast<double>(reductions[i]);
                y = std::max(rise * y + rise_take * wanted, fall * y + fall_take * wanted);
                reductions[i] = static_cast<float>(y);
            }
        } else {
            for (int i = 0; i < frames; ++i) {
                const auto wanted = static_cast<double>(reductions[i]);
                y = std::min(rise * y + rise_take * wanted, fall * y + fall_take * wanted);
                reductions[i] = static_cast<float>(y);
            }
        }
        value_ = y;
    }

private:
    double rise_ = 0.0, fall_ = 0.0, rise_take_ = 1.0, fall_take_ = 1.0;
    double value_ = 0.0;
};

// Delays one channel by a whole number of frames, in place; the samples themselves are only moved.
class DelayLine {
public:
    void prepare(int frames) { memory_.assign(static_cast<std::size_t>(frames), 0.0F); }
    void clear() noexcept {
        std::fill(memory_.begin(), memory_.end(), 0.0F);
        at_ = 0;
    }
    void run(float* x, int frames) noexcept {
        const std::size_t size = memory_.size();
        if (size == 0) return;
        for (int done = 0; done < frames;) {
            const int now = std::min(frames - done, static_cast<int>(size - at_));
            std::swap_ranges(x + done, x + done + now, memory_.data() + at_);
            at_ = at_ + static_cast<std::size_t>(now) < size ? at_ + static_cast<std::size_t>(now) : 0;
            done += now;
        }
    }

private:
    std::vector<float> memory_;
    std::size_t at_ = 0;
};

// x times factor, except that a factor of 1 leaves the very bits alone (a product would flush the smallest numbers).
inline void apply_factors(float* x, const float* factors, int frames) noexcept {
    for (int i = 0; i < frames; ++i) {
        const auto same = static_cast<std::uint32_t>(-static_cast<std::int32_t>(factors[i] == 1.0F));
        const auto product = std::bit_cast<std::uint32_t>(x[i] * factors[i]);
        x[i] = std::bit_cast<float>((std::bit_cast<std::uint32_t>(x[i]) & same) | (product & ~same));
    }
}

// What a processor has taken away since reset. Counted in whole steps of 1/16384 dB: their sum is the same in any order, so
// that many frames are added at once.
class ReductionLog {
public:
    void clear() noexcept { *this = ReductionLog(); }
    void add(const float* reductions_db, int frames) noexcept {
        for (int done = 0; done < frames; done += at_once) add_some(reductions_db + done, std::min(at_once, frames - done));
    }
    double max_db() const noexcept { return static_cast<double>(max_db_); }
    double mean_db() const noexcept {
        return count_ > 0 ? static_cast<double>(steps_) / steps_per_db / static_cast<double>(count_) : 0.0;
    }

private:
    static constexpr float counted_db = 0.1F;
    static constexpr int steps_per_db = 16384;
    static constexpr int at_once = 64;  // of 1000 dB each and more a sum of 32 bits has room for

    void add_some(const float* reductions_db, int frames) noexcept {
        std::int32_t steps = 0, count = 0;
        for (int i = 0; i < frames; ++i) {
            const float db = reductions_db[i];
            const std::int32_t counts = db > counted_db;
            count += counts;
            steps += -counts & static_cast<std::int32_t>(db * static_cast<float>(steps_per_db) + 0.5F);
        }
        max_db_ = std::max(max_db_, largest_of(reductions_db, frames));
        steps_ += steps;
        count_ += count;
    }

    float max_db_ = 0.0F;
    std::int64_t steps_ = 0;
    std::int64_t count_ = 0;
};

}  // namespace smartmix::dsp
