#pragma once
#include <array>
#include <cstddef>

namespace smartmix {

// Samples that will be read soon, asked for a little at a time while something else is worked out: memory takes as many
// questions at once as a machine has room for, and drops the others. Nothing but time depends on it.
class ReadAhead {
public:
    static constexpr std::size_t most_rows = 8;

    void begin(int frames) noexcept {
        frames_ = frames;
        rows_ = row_ = 0;
        frame_ = 0;
    }
    void add(const float* row) noexcept { row_heads_[rows_++] = row; }

    // The next `lines` cache lines.
    void ask(int lines) noexcept {
        for (; lines > 0 && row_ < rows_; --lines) {
#if defined(__GNUC__)
            __builtin_prefetch(row_heads_[row_] + frame_);
#endif
            frame_ += floats_to_a_line;
            if (frame_ < frames_) continue;
            frame_ = 0;
            ++row_;
        }
    }

private:
    static constexpr int floats_to_a_line = 16;

    std::array<const float*, most_rows> row_heads_{};
    std::size_t rows_ = 0, row_ = 0;
    int frames_ = 0, frame_ = 0;
};

}  // namespace smartmix
