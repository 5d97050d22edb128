#pragma once
#include <vector>

#include "dsp/real_fft.hpp"

namespace smartmix::dsp {

// One channel seen as overlapping spectra, of which a part is taken out. Frames of `size` samples, four to a sample, go through
// the root of a Hann window before and after the transform. What comes out is what is to be taken away, lined up with the
// input of `size` frames ago: where nothing is taken away no sample is touched, and the difference is exact.
class RemovalStft {
public:
    static constexpr int overlap = 4;

    // The frame that resolves both notes and syllables at a rate: 32 to 47 ms, a power of two.
    static int size_for(double sample_rate) noexcept;

    explicit RemovalStft(int size);

    int size() const noexcept { return fft_.size(); }
    int hop() const noexcept { return fft_.size() / overlap; }
    int bins() const noexcept { return fft_.bins(); }
    // Mean power of a bin per variance of white noise.
    double noise_gain() const noexcept { return 0.5 * fft_.size(); }

    void clear() noexcept;
    // A full hop of new samples: analyses the frame that ends with them. Then `power` holds |X|^2 of each bin.
    void analyse(const float* hop_samples) noexcept;
    const float* power() const noexcept { return power_.data(); }
    // Takes (1 - gains[k]) of each bin out of the frame just analysed, or nothing; then one hop is complete.
    void take_out(const float* gains) noexcept;
    void take_nothing() noexcept { advance(nullptr); }

    // The complete hop: the input as it was and what is to be subtracted from it.
    const float* input() const noexcept { return past_.data(); }
    const float* removed() const noexcept { return removed_.data(); }
    bool removes() const noexcept { return frames_left_ > 0; }

private:
    void advance(const float* frame) noexcept;

    RealFft fft_;
    RealFft::Work work_;
    std::vector<float> window_, past_, removed_, frame_, re_, im_, power_;
    int frames_left_ = 0;  // hops that something taken out still reaches
};

}  // namespace smartmix::dsp
