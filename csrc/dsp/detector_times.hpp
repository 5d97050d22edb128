#pragma once
#include <cmath>

#include "dsp/dynamics.hpp"
#include "kernels/dynamics.hpp"

namespace smartmix::dsp {

inline void set_detector_times(kernels::DetectorLanes& detectors, int lane, double rise_ms, double fall_ms,
                               double sample_rate) noexcept {
    detectors.rise.lane[lane] = keep_per_frame(rise_ms, sample_rate);
    detectors.fall.lane[lane] = keep_per_frame(fall_ms, sample_rate);
    detectors.rise_take.lane[lane] = -std::expm1(-1000.0 / (rise_ms * sample_rate));
    detectors.fall_take.lane[lane] = -std::expm1(-1000.0 / (fall_ms * sample_rate));
}

}  // namespace smartmix::dsp
