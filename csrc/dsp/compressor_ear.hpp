#pragma once
#include <vector>

#include "kernels/dynamics.hpp"

namespace smartmix::dsp {

// How a compressor listens.
struct CompressorDetection {
    bool rms = false;
    bool auto_times = false;
};

// What a compressor hears, and what it wants for it before its detector: the level of the louder channel (its peak, or the
// mean square of the last 10 ms), the curve, and the times, which may follow the crest factor. The compressor and each band
// of the multiband one have one of these and a detector in a lane.
class CompressorEar {
public:
    void prepare(double sample_rate, int heard_channels);  // allocates
    void clear() noexcept;
    void set_detection(CompressorDetection detection) noexcept { detection_ = detection; }
    CompressorDetection detection() const noexcept { return detection_; }

    void set_curve(double threshold_db, double ratio, double knee_db) noexcept;
    // Those of the detector in `lane`.
    void set_times(double attack_ms, double release_ms, kernels::DetectorLanes& detectors, int lane) noexcept;
    // The reductions wanted in `frames` frames of what is heard. False, and no reductions written, where nothing is wanted
    // and the detector, which is at `now_db`, has nothing left to let go.
    bool want(const float* const* heard, int channels, int frames, double now_db, float* wanted) noexcept;

private:
    void follow_powers(const float* const* heard, int channels, int frames, float* levels) noexcept;
    void follow_crest(const float* levels, int frames) noexcept;

    double sample_rate_ = 48000.0;
    CompressorDetection detection_;
    kernels::WantedCurve curve_;
    float quiet_below_ = 0.0F;  // amplitude under which the curve asks for nothing
    double rise_ms_ = 0.0, fall_ms_ = 0.0;  // those the detector has
    std::vector<double> powers_;  // running mean square of each channel that is heard
    double power_keep_ = 0.0, crest_keep_ = 0.0;
    double crest_peak_ = 0.0, crest_power_ = 0.0;
};

}  // namespace smartmix::dsp
