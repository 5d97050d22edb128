#pragma once
#include <vector>

#include "dsp/fir_design.hpp"
#include "dsp/tone_curve.hpp"

namespace smartmix::dsp {

enum class TonePhase { minimum, linear };

// The FIR of a curve on the tone grid: straight in octaves between its points, 0 dB beyond them. Made once (allocates);
// designing is done in steps of like cost and allocates nothing.
class ToneFir {
public:
    ToneFir(double sample_rate, TonePhase phase);

    static int taps_for(double sample_rate, TonePhase phase) noexcept;
    int tap_count() const noexcept { return fir_.taps(); }
    int delay_frames() const noexcept { return phase_ == TonePhase::linear ? fir_.taps() / 2 : 0; }
    int steps() const noexcept { return steps_for(phase_); }
    static constexpr int steps_for(TonePhase phase) noexcept {
        return reading_steps + (phase == TonePhase::linear ? 1 : FirDesign::minimum_phase_steps);
    }

    void step(int step, const ToneRow& curve_db) noexcept;  // 0 ... steps() - 1 in their order
    void design(const ToneRow& curve_db) noexcept;          // all of them
    const float* taps() const noexcept { return taps_.data(); }
    double response_db(double hz) const noexcept;  // of the taps

private:
    static constexpr int reading_steps = 2;
    static constexpr int nowhere = -1;
    struct Place {  // of a bin on the grid of points
        int point = nowhere;
        float part = 0.0F;
    };

    void read(int first, int end, const ToneRow& curve_db) noexcept;

    double sample_rate_;
    TonePhase phase_;
    FirDesign fir_;
    std::vector<Place> places_;
    std::vector<float> magnitude_;  // its logarithm, for minimum phase
    std::vector<float> taps_;
};

}  // namespace smartmix::dsp
