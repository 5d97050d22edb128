#pragma once
#include <array>
#include <vector>

#include "kernels/saturation.hpp"

namespace smartmix::dsp {

inline constexpr int most_oversampling_stages = 3;  // 8 times

// One of the two polyphase halves of a filter. In a half-band filter one half is a single tap: a copy.
struct FirPhase {
    std::vector<float> taps;
    int only = -1;  // the one tap that is not zero, or -1

    void run(const float* x, bool add, float* y, int frames) const noexcept;
};

// Filters that double the rate `stages` times and bring it back: windowed sinc (Kaiser, -90 dB), linear phase. The first is
// sharp, flat to 0.43 of the sample rate and shut from half of it; the others only part images that lie far away and are
// half-band. What runs between them may be late itself by `inner_delay` oversampled samples (of any fraction): the last
// filter is moved by what is missing, so that way there and back is a whole number of frames.
struct OversamplerDesign {
    struct Stage {
        FirPhase up_even, up_odd;      // of the samples that come first and second
        FirPhase down_even, down_odd;
        int up_history = 0, down_history = 0;
    };
    std::array<Stage, most_oversampling_stages> stage;
    int stages = 0;
    int latency_frames = 0;
    int warm_frames = 0;  // of input that the later stages remember

    int factor() const noexcept { return 1 << stages; }
};
OversamplerDesign design_oversampler(int stages, double inner_delay);

// What one channel remembers.
class Oversampler {
public:
    void prepare(const OversamplerDesign& design);
    void clear() noexcept;

    // The next `frames` (saturation_tile at most) at the higher rate, or only kept in mind while nothing is to be done at
    // that rate. After that `wake` fills the stages from what was kept and gives the last oversampled sample.
    void up(const OversamplerDesign& design, const float* x, int frames, float* oversampled) noexcept;
    void remember(const float* x, int frames) noexcept;
    float wake(const OversamplerDesign& design) noexcept;

    // Back, in place in `oversampled`; the filters start from silence after `wake`.
    void down(const OversamplerDesign& design, float* oversampled, int frames, float* y) noexcept;

private:
    // Samples with those before them.
    struct Line {
        std::vector<float> samples;
        int history = 0;

        void prepare(int frames_back, int tile);
        float* here() noexcept { return samples.data() + history; }
        void slide(int frames) noexcept;
    };
    void climb(const OversamplerDesign& design, const float* x, int frames, float* oversampled) noexcept;

    std::array<Line, most_oversampling_stages> up_, down_even_, down_odd_;
    std::array<float, kernels::most_oversampled_frames> even_{}, odd_{};
};

}  // namespace smartmix::dsp
