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
// `write` puts them there, reads count back from them, `advance` goes on. A delay of at least `frames` can be read
// before the write. All lines lie in one piece of memory, none of them a power of two apart.
class TapRing {
public:
    // Room for delays up to `longest` frames read in tiles of up to `tile`.
    void prepare(int lines, int longest, int tile) {
        size_ = longest + tile + 1;
        memory_.assign(static_cast<std::size_t>(lines) * static_cast<std::size_t>(size_), 0.0F);
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
        const int before_end = std::min(frames, size_ - head_);
        float* memory = of(line);
        std::copy_n(x, before_end, memory + head_);
        std::copy_n(x + before_end, frames - before_end, memory);
    }

    // x[i] = factor * the sample `delay` frames before frame i at hand.
    void read(int line, int delay, float factor, float* x, int frames) const noexcept {
        pieces(line, delay, frames, [&](const float* from, int at, int count) {
            for (int i = 0; i < count; ++i) x[at + i] = factor * from[i];
        });
    }
    // The same, added to x.
    void add(int line, int delay, float factor, float* x, int frames) const noexcept {
        pieces(line, delay, frames, [&](const float* from, int at, int count) {
            for (int i = 0; i < count; ++i) x[at + i] += factor * from[i];
        });
    }
    // ... of a tap on its way to another delay.
    void read(int line, int old_delay, int new_delay, Crossfade fade, float factor, float* x, int frames) const noexcept {
        read(line, old_delay, factor, x, frames);
        if (fade.frames == 0 || old_delay == new_delay) return;
        pieces(line, new_delay, frames, [&](const float* from, int at, int count) {
            for (int i = 0; i < count; ++i) x[at + i] += fade.share(at + i) * (factor * from[i] - x[at + i]);
        });
    }

private:
    // At most two runs of neighbouring samples.
    template <class Use>
    void pieces(int line, int delay, int frames, Use use) const noexcept {
        int at = head_ - delay;
        if (at < 0) at += size_;
        const float* memory = of(line);
        const int before_end = std::min(frames, size_ - at);
        use(memory + at, 0, before_end);
        if (before_end < frames) use(memory, before_end, frames - before_end);
    }
    float* of(int line) noexcept { return memory_.data() + static_cast<std::size_t>(line) * static_cast<std::size_t>(size_); }
    const float* of(int line) const noexcept {
        return memory_.data() + static_cast<std::size_t>(line) * static_cast<std::size_t>(size_);
    }

    std::vector<float> memory_;
    int size_ = 1;
    int head_ = 0;
};

}  // namespace smartmix::dsp
