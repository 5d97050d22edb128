#pragma once
#include <string>

namespace smartmix::kernels {

// A tree of three crossovers that stand still, for two channels (dsp/crossover.hpp): the middle cut, the all-pass of the
// outer cuts, the outer cuts. g of each, of the trapezoidal state variable filters.
struct CrossoverTree {
    float low = 0.1F, middle = 0.1F, high = 0.1F;
};

// Both integrators of a section, each with the rounding error it owes; four lanes: left and right of two branches.
struct alignas(16) CrossoverSection {
    float s1[4] = {}, c1[4] = {}, s2[4] = {}, c2[4] = {};
};

inline constexpr int crossover_sections = 7;  // middle cut twice, all-pass, high cut twice, low cut twice

// Nothing is contracted to a fused multiply-add and no sum is taken in another order: every instruction set gives the same
// bits, and those of dsp::Crossover going frame by frame.
struct CrossoverKernels {
    const char* isa;

    // `frames` of left and right to rows out[2 * band], out[2 * band + 1]; any cut into calls gives the same bits.
    void (*split)(const CrossoverTree& tree, CrossoverSection* sections, const float* left, const float* right, int frames,
                  float* const* out);
};

// The set that runs (kernels/dispatch.hpp).
const CrossoverKernels& crossover_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const CrossoverKernels* crossover_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
