#pragma once
#include <algorithm>
#include <vector>

namespace smartmix::dsp {

// Where a tap reads while it goes over from one delay to another: the share of the new one rises in a straight line.
struct Crossfade {
    int done = 0;
    int frames = 0;  // 0: no crossfade, the old delay counts
    float share(int i) const noexcept { return static_cast<float>(done + i) / static_cast<float>(frames); }
};

// The past of several lines of audio, to be read at any whole number of frames back. The frames at hand begin at the head:
// `write` puts them there, `tap` counts back from them, `advance` goes on. A delay of at least as many frames as are
// at hand can be read before the write. What the head has just passed lies at both ends of a line, so that a tile never
// breaks in two; lines are not a power of two apart.
class TapRing {
public:
    // Room for delays up to `longest` frames read in tiles of up to `tile`.
    void prepare(int lines, int longest, int tile) {
        tile_ = tile;
        size_ = longest + tile + 1;
        memory_.assign(static_cast<std::size_t>(lines) * static_cast<std::size_t>(size_ + tile_), 0.0F);
        head_ = 0;
    }
    void clear() noexcept {
        std::fill(memory_.begin(), memory_.end(), 0.0F);
        head_ = 0;
    }
    void advance(int frames) noexcept {
        head_ += frames;
        if (head_ >= size_) head_ -= size_;
    }

    void write(int line, const float* x, int frames) noexcept {
        write_with(line, frames, [&](float* to) { std::copy_n(x, frames, to); });
    }
    void write_sum(int line, const float* x, const float* y, int frames) noexcept {
        write_with(line, frames, [&](float* to) {
            for (int i = 0; i < frames; ++i) to[i] = x[i] + y[i];
        });
    }

    // Where the samples `delay` frames before those at hand begin; a whole tile can be read from there.
    const float* tap(int line, int delay) const noexcept {
        const int at = head_ - delay;
        return memory_.data() + offset(line) + (at < 0 ? at + size_ : at);
    }
    // A tap on its way from one delay to another.
    void read(int line, int old_delay, int new_delay, Crossfade fade, float* x, int frames) const noexcept {
        const float* before = tap(line, old_delay);
        const float* after = tap(line, new_delay);
        if (fade.frames == 0) {
            std::copy_n(before, frames, x);
            return;
        }
        for (int i = 0; i < frames; ++i) x[i] = before[i] + fade.share(i) * (after[i] - before[i]);
    }

private:
    template <class Put>
    void write_with(int line, int frames, Put put) noexcept {
        float* memory = memory_.data() + offset(line);
        put(memory + head_);
        if (head_ + frames > size_) {
            std::copy_n(memory + size_, head_ + frames - size_, memory);
        } else if (head_ < tile_) {
            std::copy_n(memory + head_, std::min(frames, tile_ - head_), memory + size_ + head_);
        }
    }
    std::size_t offset(int line) const noexcept {
        return static_cast<std::size_t>(line) * static_cast<std::size_t>(size_ + tile_);
    }

    std::vector<float> memory_;
    int tile_ = 0;
    int size_ = 1;
    int head_ = 0;
};

}  // namespace smartmix::dsp
