#pragma once
#include <string>

namespace smartmix::kernels {

inline constexpr int saturation_tile = 64;           // frames at most in one go, before oversampling
inline constexpr int most_oversampled_frames = 512;  // 8 times that

// What a curve still knows of the sample before: `s` and `r` are its share of the quotient below.
struct CurveMemory {
    float u = 0.0F;
    float s = 1.0F;
    float r = 0.0F;
};

// Small signal gain `drive` before the curve, and how much of the samples is `kept` beside it and so is not to come out
// again. Both on straight ways of which `done` frames lie behind: frame j has drive + drive_step * j. `bias` leans the
// curve to one side.
struct CurveSettings {
    float drive = 0.0F;
    float drive_step = 0.0F;
    float kept = 1.0F;
    float kept_step = 0.0F;
    int done = 0;
    float bias = 0.0F;
};

// The hot loops of saturation. Curves are taken as their mean between two samples (antiderivative antialiasing of first
// order, docs/dsp/saturation.md); what comes out is what the curve adds to that mean of the samples themselves. No sum is
// taken in another order and nothing is contracted: the same bits for every instruction set and any cut into tiles.
struct SaturationKernels {
    const char* isa;

    // y[i] = sum over k of taps[k] x[i - k], added to what is there if asked; x is readable `count` - 1 frames back.
    void (*convolve)(const float* x, const float* taps, int count, bool add, float* y, int frames);

    // In place: f(v) = v / sqrt(1 + v^2), around the bias, with unit slope and no offset.
    void (*bend)(const CurveSettings& curve, CurveMemory& memory, float* u, int frames);

    // In place: f(v) = v - 4/27 v^3 up to |v| = 3/2, and 1 from there.
    void (*clip)(const CurveSettings& curve, CurveMemory& memory, float* u, int frames);
};

const SaturationKernels& saturation_kernels();                             // of this process
const SaturationKernels* saturation_kernels_for(const std::string& isa);  // nullptr when there is none; for tests

}  // namespace smartmix::kernels
