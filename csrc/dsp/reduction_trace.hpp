#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "dsp/dynamics.hpp"

namespace smartmix::dsp {

// How deep a limiter or a compressor went in each tenth of a second. Cells that are over wait to be taken, in memory of a fixed size: when
// nobody takes them, the oldest go.
class ReductionTrace {
public:
    static constexpr int cells_per_s = 10;
    static constexpr int room = 256;

    void prepare(double sample_rate) noexcept { sample_rate_ = sample_rate; }

    // Begins anew. The first `late_frames` frames are latency and belong to no cell: cells count the programme's time.
    void clear(int late_frames) noexcept {
        late_frames_ = late_frames;
        frame_ = finished_ = taken_ = 0;
        deepest_db_ = 0.0F;
        gain_ = 1.0;
    }

    // The factor of each of the next frames and the smallest of them; nullptr where all are 1.
    void add(const double* gains, int frames, double smallest = 1.0) noexcept {
        count(frames, [&](int first, int end) {
            if (end - first == frames) {
                gain_ = std::min(gain_, smallest);
                return;
            }
            for (int i = first; i < end && gains != nullptr; ++i) gain_ = std::min(gain_, gains[i]);
        });
    }
    // The same for reductions in dB; nullptr where nothing is reduced.
    void add_db(const float* reductions_db, int frames) noexcept {
        count(frames, [&](int first, int end) {
            if (reductions_db == nullptr) return;
            deepest_db_ = std::max(deepest_db_, largest_of(reductions_db + first, end - first));
        });
    }

    // The oldest cell that waits, into `db`; false when none does.
    bool take(float& db) noexcept {
        if (taken_ == finished_) return false;
        taken_ = std::max(taken_, finished_ - room);
        db = cells_[static_cast<std::size_t>(taken_++ % room)];
        return true;
    }

    // The cell that is not over yet, if a frame of it has come.
    bool open() const noexcept { return frame_ > (finished_ > 0 ? end_of(finished_ - 1) : 0); }
    float open_db() const noexcept {
        return gain_ < 1.0 ? std::max(deepest_db_, static_cast<float>(-20.0 * std::log10(gain_))) : deepest_db_;
    }

private:
    // Cuts the next frames where cells end; read(first, end) looks at those of one cell.
    template <class Read>
    void count(int frames, const Read& read) noexcept {
        const int late = std::min(late_frames_, frames);
        late_frames_ -= late;
        for (int done = late; done < frames;) {
            const std::int64_t end = end_of(finished_);
            const int now = static_cast<int>(std::min<std::int64_t>(frames - done, end - frame_));
            read(done, done + now);
            done += now;
            frame_ += now;
            if (frame_ < end) return;
            cells_[static_cast<std::size_t>(finished_++ % room)] = open_db();
            deepest_db_ = 0.0F;
            gain_ = 1.0;
        }
    }
    std::int64_t end_of(std::int64_t cell) const noexcept {
        return std::llround(static_cast<double>(cell + 1) * sample_rate_ / cells_per_s);
    }

    double sample_rate_ = 48000.0;
    int late_frames_ = 0;
    std::int64_t frame_ = 0;
    std::int64_t finished_ = 0, taken_ = 0;  // cells
    double gain_ = 1.0;                      // the smallest in the cell
    float deepest_db_ = 0.0F;
    std::array<float, room> cells_{};
};

}  // namespace smartmix::dsp
