#pragma once
#include <array>

#include "dsp/svf_design.hpp"

namespace smartmix::dsp {

// One section for one or two channels: what an effect with a single moving filter needs. The equaliser and the strip bank
// run many sections in lanes instead (kernels/sections.hpp), in the same arithmetic.

// Two integrators, each with the rounding error it still owes (W. Kahan, "Further remarks on reducing truncation errors",
// 1965): an integrator of a 20 Hz filter at 192 kHz adds thousands of small steps per period.
struct SvfMemory {
    float s1 = 0.0F;
    float c1 = 0.0F;
    float s2 = 0.0F;
    float c2 = 0.0F;
};

template <class T>
inline void add_exactly(T& sum, T& owed, const T& step) {
    owed = owed + step;
    const T next = sum + owed;
    owed = owed - (next - sum);
    sum = next;
}

// One sample through one section, in float or double.
template <class T>
inline T svf_tick(T x, const T& g, const T& gk, const T& a2, const T& m0, const T& m1, const T& m2, T& s1, T& c1, T& s2,
                  T& c2) {
    const T t = (x - s2) - gk * s1;
    const T d1 = a2 * t;
    const T v1 = s1 + d1;
    const T d2 = g * v1;
    const T v2 = s2 + d2;
    add_exactly(s1, c1, d1 + d1);
    add_exactly(s2, c2, d2 + d2);
    return (m0 * x + m1 * v1) + m2 * v2;
}

// A section on its way between two designs, straight in (g, k, m); frame 0 of the way has `from`.
struct SvfGlide {
    SvfCoefficients from;
    SvfCoefficients to;
    int frames = 1;
};

// Runs a section on its way over `frames` frames of `channels` (1 or 2) channels, in place; `done` frames of the way lie
// behind. The same bits for any cut into blocks.
void run_glide(const SvfGlide& glide, int done, std::array<SvfMemory, 2>& memory, float* const* channels,
               int channel_count, int frames) noexcept;

}  // namespace smartmix::dsp
