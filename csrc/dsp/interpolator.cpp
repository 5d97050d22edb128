#include "dsp/interpolator.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>

namespace smartmix::dsp {
namespace {

// ITU-R BS.1770-5 Annex 2, the 48-tap four-phase filter: phases 0 and 1; phases 3 and 2 are the same in reverse.
constexpr std::array<double, 12> bs1770_phase0 = {
    0.0017089843750,  0.0109863281250, -0.0196533203125, 0.0332031250000,  -0.0594482421875, 0.1373291015625,
    0.9721679687500, -0.1022949218750, 0.0476074218750,  -0.0266113281250, 0.0148925781250,  -0.0083007812500};
constexpr std::array<double, 12> bs1770_phase1 = {
    -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250,  -0.1665039062500, 0.4650878906250,
    0.7797851562500, -0.2003173828125, 0.1015625000000,  -0.0582275390625, 0.0330810546875,  -0.0189208984375};

// Passband ripple against transition width. 6.5 keeps the 24 taps within 0.01 dB up to 0.40 fs; 8 keeps the 64 taps
// within 0.002 dB up to 0.455 fs.
constexpr double short_beta = 6.5;
constexpr double sharp_beta = 8.0;

double sinc(double u) noexcept {
    if (u == 0.0) return 1.0;
    return std::sin(std::numbers::pi * u) / (std::numbers::pi * u);
}

double bessel_i0(double x) noexcept {
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k < 60; ++k) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

// Rows of a folded table: `kernel(u)` is the interpolator, `distances` where the first point of each pair lies.
template <std::size_t Size, class Kernel>
void fold(std::array<float, Size>& table, int half_taps, bool half, std::initializer_list<double> distances,
          const Kernel& kernel) {
    std::size_t at = 0;
    for (int k = 0; k < half_taps; ++k) {
        if (half) table[at++] = static_cast<float>(kernel(k + 0.5));
        for (const double distance : distances) {
            const double near = kernel(k + distance);        // weighs x[i-k] at i + distance
            const double far = kernel(k + 1.0 - distance);   // weighs x[i+1+k] there
            table[at++] = static_cast<float>(0.5 * (near + far));
            table[at++] = static_cast<float>(0.5 * (near - far));
        }
    }
}

template <class Kernel>
void fold_sixteenths(Folded64Sixteenths& table, const Kernel& kernel) {
    for (std::size_t k = 0; k < 32; ++k) {
        float* even = table.data() + 16 * k;
        const auto at = static_cast<double>(k);
        even[0] = static_cast<float>(kernel(at + 0.5));
        for (std::size_t p = 1; p < 8; ++p) {
            const double distance = static_cast<double>(p) / 16.0;
            const double near = kernel(at + distance), far = kernel(at + 1.0 - distance);
            even[p] = static_cast<float>(0.5 * (near + far));
            even[8 + p] = static_cast<float>(0.5 * (near - far));
        }
    }
}

void fold_bs1770(FoldedBs1770& table) {
    std::size_t at = 0;
    for (std::size_t k = 0; k < 6; ++k) {
        for (const auto* phase : {&bs1770_phase0, &bs1770_phase1}) {
            // The filter's tap t weighs x[n - t]; the interval is [n-6, n-5]: x[i-k] has t = 6 + k, x[i+1+k] t = 5 - k.
            const double near = (*phase)[6 + k];
            const double far = (*phase)[5 - k];
            table[at++] = static_cast<float>(0.5 * (near + far));
            table[at++] = static_cast<float>(0.5 * (near - far));
        }
    }
}

float fill_fine(FineTable& fine) {
    double bound = 0.0;
    for (int j = 0; j < fine_steps; ++j) {
        double gain = 0.0;
        for (int t = 0; t < fine_taps; ++t) {
            const double u = t - (fine_taps / 2 - 1) - static_cast<double>(j) / fine_steps;
            const double tap = kaiser_sinc(u, fine_taps / 2, sharp_beta);
            fine[static_cast<std::size_t>(j)][static_cast<std::size_t>(t)] = static_cast<float>(tap);
            gain += std::fabs(tap);
        }
        bound = std::max(bound, gain);
    }
    return static_cast<float>(bound * 1.0001);
}

InterpolatorTables design() {
    InterpolatorTables tables{};
    const auto shorter = [](double u) { return kaiser_sinc(u, 12, short_beta); };
    const auto sharper = [](double u) { return kaiser_sinc(u, 32, sharp_beta); };
    fold(tables.short_half, 12, true, {}, shorter);
    fold(tables.short_quarters, 12, false, {1.0 / 4.0}, shorter);
    fold(tables.short_eighths, 12, true, {1.0 / 8.0, 2.0 / 8.0, 3.0 / 8.0}, shorter);
    fold_sixteenths(tables.sharp, sharper);
    fold(tables.hann12, 6, true, {1.0 / 4.0}, [](double u) { return hann_sinc(u, 6); });
    fold_bs1770(tables.bs1770);
    tables.fine_gain_bound = fill_fine(tables.fine);
    double half_gain = 0.0;
    for (const float tap : tables.short_half) half_gain += 2.0 * std::fabs(static_cast<double>(tap));
    tables.half_gain_bound = static_cast<float>(half_gain * 1.0001);
    return tables;
}

}  // namespace

double kaiser_sinc(double u, int half_width, double beta) noexcept {
    const double r = u / half_width;
    if (std::fabs(r) >= 1.0) return 0.0;
    return sinc(u) * bessel_i0(beta * std::sqrt(1.0 - r * r)) / bessel_i0(beta);
}

double hann_sinc(double u, int half_width) noexcept {
    if (std::fabs(u) >= half_width) return 0.0;
    return sinc(u) * 0.5 * (1.0 + std::cos(std::numbers::pi * u / half_width));
}

const InterpolatorTables& interpolator_tables() {
    static const InterpolatorTables tables = design();
    return tables;
}

}  // namespace smartmix::dsp
