#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

#include "core/block.hpp"

namespace smartmix::dsp {

// Counts the frames since the input was last anything but zero, so that an effect that rings can leave off when all of it is
// over. Only +0.0 is zero: what is left out must be what would have come out, bit for bit.
class QuietCount {
public:
    void clear() noexcept { frames_ = 0; }
    std::int64_t frames() const noexcept { return frames_; }
    // Counts on over a piece; true when all of it is zero.
    bool take(BlockView io, int first, int frames) noexcept {
        int zeros = frames;
        for (int c = 0; c < io.channel_count; ++c) zeros = std::min(zeros, zeros_at_end(io.channels[c] + first, frames));
        frames_ = zeros == frames ? frames_ + frames : zeros;
        return zeros == frames;
    }

private:
    static int zeros_at_end(const float* x, int frames) noexcept {
        int zeros = 0;
        while (zeros < frames && std::bit_cast<std::uint32_t>(x[frames - 1 - zeros]) == 0) ++zeros;
        return zeros;
    }
    std::int64_t frames_ = 0;
};

}  // namespace smartmix::dsp
