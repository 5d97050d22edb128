#pragma once
#include <array>

#include "dsp/svf_design.hpp"

namespace smartmix::dsp {

// What a section needs per sample while its settings stand still. The integrators take increments (d = a2 * t) instead
// of a new value near the old one, so coefficients that are tiny at low frequencies keep their relative precision in
// float32: errors stay below -120 dB at 20 Hz and 192 kHz, where a direct form filter is at -45 dB.
struct SvfSection {
    float g = 0.0F;
    float gk = 0.0F;  // g + k
    float a2 = 0.0F;  // g / (1 + g (g + k))
    float m0 = 1.0F;
    float m1 = 0.0F;
    float m2 = 0.0F;

    SvfSection() = default;
    explicit SvfSection(const SvfCoefficients& c)
        : g(static_cast<float>(c.g)),
          gk(static_cast<float>(c.g + c.k)),
          a2(static_cast<float>(c.g / (1.0 + c.g * (c.g + c.k)))),
          m0(static_cast<float>(c.m0)),
          m1(static_cast<float>(c.m1)),
          m2(static_cast<float>(c.m2)) {}
};

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

// One sample through one section. T is float, or a vector of floats that are independent sections.
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

// Runs `count` still sections in series over `frames` frames of `channels` (1 or 2) channels, in place. The result
// is the same, bit for bit, for any cut into blocks. memory[i][c] belongs to section i and channel c.
struct SvfSlot {
    const SvfSection* section = nullptr;
    std::array<SvfMemory, 2>* memory = nullptr;
};
void run_sections(const SvfSlot* slots, int count, float* const* channels, int channel_count, int frames) noexcept;

// The same for one section on its way; `done` frames of the way lie behind.
void run_glide(const SvfGlide& glide, int done, std::array<SvfMemory, 2>& memory, float* const* channels,
               int channel_count, int frames) noexcept;

}  // namespace smartmix::dsp
