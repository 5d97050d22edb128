#pragma once
#include <vector>

#include "dsp/real_fft.hpp"

namespace smartmix::dsp {

// FIR filters from a magnitude, given on a grid of `grid` / 2 + 1 frequencies from 0 to half the sample rate (numpy's
// rfftfreq). Made once (allocates); designing allocates nothing and takes one transform of the grid (linear phase) or four
// (minimum phase). The last quarter of the taps, on both sides of a linear-phase filter, is faded out by half a cosine:
// cut off there, a long decay would ripple over all frequencies.
class FirDesign {
public:
    FirDesign(int taps, int grid);  // even, taps <= grid; the grid is a size of RealFft

    int taps() const noexcept { return taps_; }
    int bins() const noexcept { return fft_.bins(); }

    // Symmetric about tap taps / 2 to the last bit (tap 0 is 0), which is also its delay.
    void linear_phase(const float* magnitude, float* taps) noexcept;

    // As little delay as the magnitude allows: its phase is the Hilbert transform of the logarithm, taken by folding the
    // cepstrum (A. Oppenheim, R. Schafer, "Discrete-Time Signal Processing", ch. 13). Magnitudes are held 120 dB under
    // the largest. The grid should have a few times as many points as taps: what the cepstrum has beyond folds back.
    void minimum_phase(const float* magnitude, float* taps) noexcept;

    // The same from the natural logarithm of the magnitude, in parts of like cost for work that is spread over time: steps
    // 0 ... minimum_phase_steps - 1 in their order, with nothing else designed between. `taps` are written by the last.
    static constexpr int minimum_phase_steps = 5;
    void minimum_phase_step(int step, const float* log_magnitude, float* taps) noexcept;

private:
    void fold_cepstrum(const float* log_magnitude) noexcept;
    void turn(int first, int end) noexcept;

    int taps_;
    RealFft fft_;
    RealFft::Work work_;
    std::vector<float> fade_;  // the last quarter of half the taps' length
    std::vector<float> re_, im_, time_;
};

}  // namespace smartmix::dsp
