#pragma once
#include <cstddef>
#include <string>

namespace smartmix::kernels {

inline constexpr int tank_lines = 16;
inline constexpr int tank_tile = 64;  // frames at most in one call
// By how much `cut` is late: its low pass works two samples behind its high pass, so that none waits for the other.
inline constexpr int cut_latency_frames = 2;

// A tile of each line, planar.
struct alignas(32) TankTile {
    float line[tank_lines][tank_tile];
};

// Values on a straight way, each from `from` on by `step` per frame.
template <std::size_t Count>
struct alignas(32) Ways {
    float from[Count] = {};
    float step[Count] = {};
};

// What a line loses on its way round: a factor and a low pass of second order (dsp/svf_design.hpp, Butterworth).
struct TankDamping {
    Ways<tank_lines> gain;
    Ways<tank_lines> g;
    alignas(32) float s1[tank_lines] = {};
    alignas(32) float s2[tank_lines] = {};
};

// A high pass and after it a low pass for two channels, Butterworth of second order, in four lanes: high pass left, right,
// low pass left, right.
struct CutFilters {
    Ways<4> g;
    alignas(16) float s1[4] = {};
    alignas(16) float s2[4] = {};
    alignas(16) float out[4] = {};    // of the frame before
    alignas(16) float older[4] = {};  // ... and the one before that
};

// The hot loops of reverb and delay. Nothing is contracted to a fused multiply-add and no sum is taken in another order:
// every instruction set gives the same bits, for any cut into tiles, moving with a step of zero or standing still.
struct TankKernels {
    const char* isa;

    // Each line through its damping, in place; `done` frames of the ways lie behind.
    void (*damp)(TankDamping& damping, bool moving, int done, TankTile& tile, int frames);

    // Every line becomes a sum of all, with signs of a Hadamard matrix, frame by frame; no energy is lost or won.
    void (*mix)(TankTile& tile, int frames);

    // Two channels through the cut filters, in place.
    void (*cut)(CutFilters& filters, bool moving, int done, float* left, float* right, int frames);
};

// The fastest set this machine runs, or the one named in SMARTMIX_ISA as for peak_scan(). Chosen once.
const TankKernels& tank_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const TankKernels* tank_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
