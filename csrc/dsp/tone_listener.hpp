#pragma once
#include <array>
#include <memory>
#include <vector>

#include "core/block.hpp"
#include "dsp/convolver.hpp"
#include "dsp/real_fft.hpp"
#include "dsp/tone_memory.hpp"

namespace smartmix::dsp {

// The frames of the tone recipe (docs/dsp/match_curve.md): 8192 at 44.1 and 48 kHz, the power of two next above 0.17 s.
int tone_frame(double sample_rate) noexcept;

// Learns the tone of what it hears while audio runs: of all channels together, of two apart, or of middle and side. A frame
// that is full is worked on in parts, one with each call of work(), which has to come at least work_steps times in
// half a frame; nothing else costs more than a copy. Only prepare allocates.
class ToneListener {
public:
    static constexpr int work_steps = 7;

    void prepare(double sample_rate, int channels);
    void begin(FilterLayout layout) noexcept;  // forgets what was heard
    void pause() noexcept;                     // forgets the frame that is not full: what follows does not join it
    void listen(BlockView heard) noexcept;     // as many channels as prepared
    void work() noexcept;

    // What was heard so far: of everything or the left or the middle (0), of the right or the side (1). False when nothing
    // came since the last call, or nothing was over -70 LUFS.
    bool read(int of, Tone& tone) noexcept;

private:
    struct Channel {
        std::vector<float> samples;   // the last ones, in a ring
        std::vector<float> windowed;  // the one at work
        std::vector<float> re, im;
    };
    struct Edge {
        int bin = 0;
        float part = 0.0F;  // of that bin, under the edge
    };

    void begin_frame() noexcept;
    void find_bands() noexcept;
    void find_power(int of) noexcept;
    void add_frame(int of, int channels) noexcept;

    double sample_rate_ = 48000.0;
    int size_ = 0;
    int place_ = 0;    // in the ring
    int missing_ = 0;  // frames until the next one is full
    int bands_ = 0;
    int step_ = work_steps;  // of the frame at work
    FilterLayout layout_ = FilterLayout::together;
    std::unique_ptr<RealFft> fft_;
    std::unique_ptr<RealFft::Work> work_;
    std::vector<Channel> channels_;
    std::vector<float> window_;
    std::vector<float> weighting_;  // K-weighting of each bin, as a power
    std::vector<float> power_;
    std::vector<double> below_;  // power under each bin
    std::array<Edge, tone_points + 1> edges_{};
    std::array<ToneMemory, 2> memories_;
    std::array<bool, 2> news_{};
};

}  // namespace smartmix::dsp
