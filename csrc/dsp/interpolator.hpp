#pragma once
#include <array>

namespace smartmix::dsp {

// The value of a band-limited signal between its samples, as a symmetric kernel w(u) of the distance u in samples:
// x(i + d) = sum over k of x[i + k] w(k - d).
double kaiser_sinc(double u, int half_width, double beta) noexcept;  // sinc times Kaiser, zero from half_width on
double hann_sinc(double u, int half_width) noexcept;                 // sinc times raised cosine

// Coefficients for the points between x[i] and x[i+1], folded: with s = x[i-k] + x[i+1+k] and d = x[i-k] - x[i+1+k],
// the middle is the sum of half * s, and the two points a quarter (or an eighth ...) from either end are E + O and
// E - O with E the sum of even * s and O the sum of odd * d. So the larger of the two is |E| + |O|.
// Row k holds: half (if there is one), then even and odd of each pair. Rows follow each other in k = 0 .. K-1.
using Folded24Half = std::array<float, 12>;         // 24 taps: the middle
using Folded24Quarters = std::array<float, 12 * 2>;  // 24 taps: 1/4 and 3/4
using Folded24Eighths = std::array<float, 12 * 7>;   // 24 taps: all eighths
using FoldedBs1770 = std::array<float, 6 * 4>;       // Recommendation: 1/8, 3/8, 5/8, 7/8
using FoldedHann12 = std::array<float, 6 * 3>;       // 49-tap Hann sinc cut into quarters

// 64 taps, all sixteenths, for one position at a time: row k holds the even coefficients of the middle and of the pairs
// 1/16 .. 7/16, then the odd ones (the middle's is 0).
using Folded64Sixteenths = std::array<float, 32 * 16>;

inline constexpr int fine_steps = 32;  // points per sample of the fine interpolator
inline constexpr int fine_taps = 64;
using FineTable = std::array<std::array<float, fine_taps>, fine_steps>;

// Everything the true peak meter and the true peak limiter interpolate with; designed once, in double.
struct InterpolatorTables {
    Folded24Half short_half;
    Folded24Quarters short_quarters;
    Folded24Eighths short_eighths;
    Folded64Sixteenths sharp;
    FoldedBs1770 bs1770;
    FoldedHann12 hann12;
    FineTable fine;          // fine[j][t] weighs x[i - 31 + t] for the point i + j / 32
    float fine_gain_bound;   // no point of `fine` exceeds the largest sample it sees times this
    float half_gain_bound;   // and no middle of `short_half`
};

const InterpolatorTables& interpolator_tables();

}  // namespace smartmix::dsp
