#pragma once
#include <string>

namespace smartmix::kernels {

// What becomes of finished strips: sums in double. Every product and every sum is rounded once and in the order of the
// strips, so that all instruction sets give the same bits.
struct SumKernels {
    const char* isa;

    // Whether there is neither NaN nor infinity.
    bool (*finite)(const float* x, int frames);

    // sum += x[0] * gains[0], then x[1] * gains[1] ... `count` of them.
    void (*add)(double* sum, const float* const* x, const double* gains, int count, int frames);

    // sum += x * (gains * factor), a gain for each frame.
    void (*add_ramp)(double* sum, const float* x, const double* gains, double factor, int frames);
};

// The set that runs (kernels/dispatch.hpp).
const SumKernels& sum_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const SumKernels* sum_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
