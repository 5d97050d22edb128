#pragma once
#include <array>

#include "kernels/tank.hpp"

namespace smartmix::dsp {

inline constexpr int reverb_lines = kernels::tank_lines;
inline constexpr int early_taps = 18;  // a side
inline constexpr double longest_pre_delay_ms = 200.0;

// A feedback delay network (J.-M. Jot & A. Chaigne, "Digital delay networks for designing artificial reverberators", AES
// 90th convention, 1991) of 16 lines mixed by a Hadamard matrix, fed through two stages of delays and the same
// matrix so that echoes are dense from the first pass on. All in frames; what is known of the room at one size.
struct ReverbGeometry {
    int pre_delay = 0;
    std::array<std::array<int, early_taps>, 2> early{};  // after the pre-delay
    std::array<int, reverb_lines> entry{};               // first stage, read from the input
    std::array<int, reverb_lines> spread{};              // second stage
    std::array<int, reverb_lines> line{};                // primes, all different
    bool operator==(const ReverbGeometry&) const = default;

    int onset() const noexcept;  // the last frame at which something new begins: late part and early reflections
};

// `size` 0 (every path 0.4 times as long) over 0.5 to 1 (2.5 times).
ReverbGeometry design_geometry(double size, double pre_delay_ms, double sample_rate) noexcept;

// One early reflection: how loud, with which sign, and whether it comes from the other side.
struct EarlyTap {
    float factor = 0.0F;
    bool crossed = false;
};
using EarlyPattern = std::array<std::array<EarlyTap, early_taps>, 2>;
EarlyPattern design_early_pattern();  // factors by distance; their squares add up to 1 on each side

// Signs of what goes into the 16 lines, and the input side of each. A bent sequence: its Hadamard transform is flat, so
// that low notes, for which the first delays are nothing, still reach all lines alike.
float entry_sign(int line) noexcept;
int entry_side(int line) noexcept;

// Loss of each line for one pass: a line of m frames loses 60 dB in decay_s, and twice that at damping_hz, where the
// decay is half as long. `frames` may be in between two lengths.
struct LineDamping {
    std::array<double, reverb_lines> gain{};
    std::array<double, reverb_lines> g{};  // of a Butterworth low pass in dsp/svf_design.hpp's sense
};
LineDamping design_damping(double decay_s, double damping_hz, const std::array<double, reverb_lines>& frames,
                           double sample_rate) noexcept;

double prewarped(double hz, double sample_rate) noexcept;  // g of a filter at hz, taken at 0.49 sample_rate when higher

// What pink noise keeps of its K-weighted power through the cut filters and through the late part: what the output has to
// be divided by to be as loud as the input.
class PinkEnergy {
public:
    void prepare(double low_cut_hz, double high_cut_hz, double sample_rate);
    double after_cuts() const noexcept { return after_cuts_; }
    // Of one output. Lines are taken as incoherent and mixed evenly: with a mean squared pass gain G they give out G / (1 - G)
    // of what they are fed.
    double after_late(const LineDamping& damping) const noexcept;

private:
    static constexpr int bands = 10;  // octaves from 31.25 Hz
    std::array<double, bands> power_{};
    std::array<double, bands> warped4_{};  // tan(pi f / fs)^4
    double after_cuts_ = 1.0;
};

}  // namespace smartmix::dsp
