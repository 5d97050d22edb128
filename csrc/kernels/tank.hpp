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

// The hot loops of reverb and delay. Where a line or tap is read, a whole tile has to be readable. Nothing is contracted to a fused multiply-add and no sum is taken in another order:
// every instruction set gives the same bits, for any cut into tiles, moving with a step of zero or standing still.
struct TankKernels {
    const char* isa;

    // Each of 16 lines through its damping; `done` frames of the ways lie behind.
    void (*damp)(TankDamping& damping, bool moving, int done, const float* const* lines, TankTile& out, int frames);

    // Every line of `out` becomes a sum of all 16, each times its factor, with the signs of a Hadamard matrix: with factors of
    // 1 or -1 no energy is lost or won. The lines may be those of `out`.
    void (*mix)(const float* const* lines, const float* factors, TankTile& out, int frames);

    // The sum of `count` taps, each times its factor; `out` holds a tile.
    void (*sum)(const float* const* taps, const float* factors, int count, float* out, int frames);

    // Two channels through the cut filters, in place.
    void (*cut)(CutFilters& filters, bool moving, int done, float* left, float* right, int frames);
};

// The set that runs (kernels/dispatch.hpp).
const TankKernels& tank_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const TankKernels* tank_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
