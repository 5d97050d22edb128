#pragma once
#include <string>

#include "dsp/interpolator.hpp"

namespace smartmix::kernels {

inline constexpr int scan_group = 8;  // positions a kernel looks at together

// What is known of eight positions before they are looked at closely.
struct Near {
    const float* level;      // of half_scan
    const float* threshold;  // what it was asked to find
    const float* tail;       // what is added to a reading
    const float* ceiling;    // of the frames: a position answers to the lower of those at its two ends
};

// The hot loops of true peak metering and limiting. Every instruction set gives the same bits: a position's sums run in
// the same order whatever the vector width, and nothing is contracted to a fused multiply-add.
struct PeakScan {
    const char* isa;

    // The largest |x[i]| over [0, frames).
    float (*largest)(const float* x, int frames);

    // For each position i in [0, frames), `frames` a multiple of 8: level[i] is the largest of |x[i]|, |x[i+1]| and the
    // interpolated middle between them (24 taps). Writes the first position of each group of 8 that has a level at or
    // above its threshold to `groups` and returns how many there are; where samples are so small that none can have, levels
    // are left as they are. Reads x[-11 .. frames + 12].
    int (*half_scan)(const dsp::InterpolatorTables& tables, const float* x, int frames, const float* threshold,
                     float* level, int* groups);

    // For eight positions: the 24-tap points a quarter, a half and three quarters of the way to the next sample.
    void (*quarters)(const dsp::InterpolatorTables& tables, const float* x, float* q1, float* q2, float* q3);

    // One point of the fine interpolator: the sum of x[t] taps[t] over its 64 taps.
    float (*fine_point)(const float* x, const float* taps);

    // For eight positions: raises peak[i] to the largest reading that any meter of the family has between x[i] and x[i+1], both
    // included, plus tail[i]; not where that is sure to stay under the ceiling, or level[i] (of half_scan) is under
    // threshold[i]. One bit for each reading that passes. It comes from its own numbers alone, whatever it stands beside.
    unsigned (*readings)(const dsp::InterpolatorTables& tables, const float* x, const Near& near, float* peak);
};

// The set that runs (kernels/dispatch.hpp).
const PeakScan& peak_scan();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const PeakScan* peak_scan_for(const std::string& isa);

}  // namespace smartmix::kernels
