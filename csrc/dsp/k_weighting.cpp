#include "dsp/k_weighting.hpp"

#include <cmath>
#include <complex>
#include <numbers>

namespace smartmix::dsp {
namespace {

constexpr double table_rate = 48000.0;
constexpr Biquad table_shelf = {1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241,
                                0.73248077421585};
constexpr Biquad table_high_pass = {1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621};

// c0 + c1 p + c2 p^2, with p the complex frequency over the filter's own.
struct Analog {
    double c0, c1, c2;
};

// With s = (1 - 1/z) / (1 + 1/z), d0 + d1/z + d2/z^2 is proportional to (d0+d1+d2) + 2 (d0-d2) s + (d0-d1+d2) s^2.
Analog to_analog(double d0, double d1, double d2, double warp) {
    return {d0 + d1 + d2, 2.0 * (d0 - d2) * warp, (d0 - d1 + d2) * warp * warp};
}

// How the bilinear transform squeezes the frequency at which the denominator's ends weigh the same.
double own_warp(const Biquad& digital) {
    return std::sqrt((1.0 + digital.a1 + digital.a2) / (1.0 - digital.a1 + digital.a2));
}

Biquad redesign(const Biquad& digital, double sample_rate) {
    const double warp = own_warp(digital);
    const double k = std::tan(std::atan(warp) * table_rate / sample_rate);
    const Analog top = to_analog(digital.b0, digital.b1, digital.b2, warp);
    const Analog bottom = to_analog(1.0, digital.a1, digital.a2, warp);
    const auto first = [k](const Analog& a) { return a.c0 * k * k + a.c1 * k + a.c2; };
    const auto second = [k](const Analog& a) { return 2.0 * (a.c0 * k * k - a.c2); };
    const auto third = [k](const Analog& a) { return a.c0 * k * k - a.c1 * k + a.c2; };
    const double a0 = first(bottom);
    return {first(top) / a0, second(top) / a0, third(top) / a0, second(bottom) / a0, third(bottom) / a0};
}

double magnitude(const Biquad& q, std::complex<double> z1) {
    return std::abs((q.b0 + z1 * (q.b1 + z1 * q.b2)) / (1.0 + z1 * (q.a1 + z1 * q.a2)));
}

}  // namespace

KWeighting design_k_weighting(double sample_rate) {
    KWeighting weighting{redesign(table_shelf, sample_rate), redesign(table_high_pass, sample_rate)};
    weighting.high_pass.b0 = 1.0;
    weighting.high_pass.b1 = -2.0;
    weighting.high_pass.b2 = 1.0;
    return weighting;
}

double response_db(const KWeighting& weighting, double hz, double sample_rate) {
    const auto z1 = std::polar(1.0, -2.0 * std::numbers::pi * hz / sample_rate);
    return 20.0 * std::log10(magnitude(weighting.shelf, z1) * magnitude(weighting.high_pass, z1));
}

}  // namespace smartmix::dsp
