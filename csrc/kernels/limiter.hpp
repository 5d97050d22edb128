#pragma once
#include <cstdint>
#include <string>

namespace smartmix::kernels {

// Content so near the Nyquist frequency that no interpolator of finite length shows its height between samples: four poles
// pick it out, and a decaying maximum holds its size. Two channels side by side.
struct TailMemory {
    double stage[4][2] = {};
    double held[2] = {};
};

// What the gains of a piece come to. Sums are whole numbers: any cut of the same gains adds up to the same.
struct GainCount {
    double smallest = 1.0;
    std::int64_t counted = 0;  // gains under counted_gain
    std::int64_t log_sum = 0;  // of the logs of those, in steps of 2^-26
};
inline constexpr double counted_gain = 0.98855309465693886;  // 0.1 dB of reduction
inline constexpr double log_steps = 1 << 26;

// The hot loops of the true peak limiter that run along time. Every instruction set gives the same bits, and so does any cut
// into blocks: a frame is worked out from its own numbers, and nothing is contracted to a fused multiply-add.
struct LimiterKernels {
    const char* isa;

    // The log of the gain that brings peaks[i] to `aim` times ceilings[i], `deepest` at the least; 0 where the peak does
    // not pass its ceiling. Within 1e-13 of the exact value.
    void (*demands)(const float* peaks, const float* ceilings, double aim, double deepest, double* logs, int frames);

    // In place: logs of gains, none above 0, become the gains in units of 1 / `unity`, rounded down to whole ones. A
    // log of 0 is exactly `unity`. Within 1e-12 of the exact gain, and a unit.
    void (*most_gains)(double* logs, double unity, int frames);

    // sums[i] = sum + the first i + 1 of values less the first i + 1 of late; returns the last. Whole numbers, whose sums
    // are below 2^53: no order of adding them is wrong. `sums` may be `values`.
    double (*running_sums)(const double* values, const double* late, double sum, double* sums, int frames);

    // smallest[i] is the smallest of `least`, the first i + 1 values and ends[i + 1]; ends[i] becomes values[i]. Returns
    // the smallest of `least` and all values. `smallest` may be `values`.
    double (*running_minima)(const double* values, double* ends, double least, double* smallest, int frames);

    // Every value becomes the smallest from there to the end.
    void (*minima_to_end)(double* values, int count);

    // In place: sums become gains, sums[i] / whole; those of a piece of up to 256, counted.
    GainCount (*finish)(double* sums, double whole, int frames);

    // What two channels have next to the Nyquist frequency, as it is to be added to their readings.
    void (*tails)(TailMemory& memory, const float* left, const float* right, float* left_tail, float* right_tail, int frames);

    // to[i] = from[i] gains[i], rounded once; a gain that is 1 as a float leaves the very bits alone. The rows may be the same.
    void (*apply)(const float* from, const double* gains, float* to, int frames);
};

// The set that runs (kernels/dispatch.hpp).
const LimiterKernels& limiter_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const LimiterKernels* limiter_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
