#include "dsp/svf_design.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "dsp/matched_design.hpp"

namespace smartmix::dsp {
namespace {

constexpr double pi = std::numbers::pi;

double prewarped(double sample_rate, double hz) { return std::tan(pi * std::min(hz / sample_rate, 0.49)); }

// Damping of pole pair `pair` of a Butterworth filter of this order (S. Butterworth, 1930): the poles lie evenly spaced
// on a circle, so 1/Q is twice the cosine of their angle.
double butterworth_k(int order, int pair) {
    const double angle = order % 2 == 0 ? pi * (2 * pair + 1) / (2 * order) : pi * (pair + 1) / order;
    return 2.0 * std::cos(angle);
}

BandSections design_pass(const BandSettings& settings, double sample_rate) {
    const bool high = settings.shape == BandShape::high_pass;
    const auto second_order = [&](double q) {
        return high ? design_high_pass(sample_rate, settings.hz, q) : design_low_pass(sample_rate, settings.hz, q);
    };
    const int order = settings.slope_db_oct / 6;
    BandSections band;
    if (order == 2) {
        band.section[0] = second_order(settings.q);
        band.count = 1;
        return band;
    }
    if (order % 2 == 1) {
        band.section[0] = high ? design_first_order_high_pass(sample_rate, settings.hz)
                               : design_first_order_low_pass(sample_rate, settings.hz);
        band.count = 1;
    }
    for (int pair = 0; pair < order / 2; ++pair) {
        band.section[static_cast<std::size_t>(band.count++)] = second_order(1.0 / butterworth_k(order, pair));
    }
    return band;
}

}  // namespace

SvfCoefficients design_bell(double sample_rate, double hz, double gain_db, double q) {
    return matched_bell(matched_frequency(sample_rate, hz), gain_db, q);
}

SvfCoefficients design_low_shelf(double sample_rate, double hz, double gain_db, double q) {
    return matched_low_shelf(sample_rate, hz, gain_db, q);
}

SvfCoefficients design_high_shelf(double sample_rate, double hz, double gain_db, double q) {
    return matched_high_shelf(sample_rate, hz, gain_db, q);
}

SvfCoefficients design_tilt(double sample_rate, double hz, double gain_db) {
    return matched_tilt(sample_rate, hz, gain_db);
}

SvfCoefficients design_notch(double sample_rate, double hz, double q) {
    return matched_notch(matched_frequency(sample_rate, hz), q);
}

SvfCoefficients design_high_pass(double sample_rate, double hz, double q) {
    return {prewarped(sample_rate, hz), 1.0 / q, 1.0, -1.0 / q, -1.0};
}

SvfCoefficients design_low_pass(double sample_rate, double hz, double q) {
    return {prewarped(sample_rate, hz), 1.0 / q, 0.0, 0.0, 1.0};
}

SvfCoefficients design_first_order_high_pass(double sample_rate, double hz) {
    return {prewarped(sample_rate, hz), 2.0, 1.0, -1.0, -1.0};
}

SvfCoefficients design_first_order_low_pass(double sample_rate, double hz) {
    return {prewarped(sample_rate, hz), 2.0, 0.0, 1.0, 1.0};
}

double response_db(const SvfCoefficients& c, double sample_rate, double hz) {
    const double w = std::tan(pi * std::min(hz / sample_rate, 0.5)) / c.g;
    // Coefficients of s are gathered first: in a high-pass they cancel exactly, which keeps the stop band exact.
    const std::complex<double> above(c.m0 + c.m2 - c.m0 * w * w, (c.m0 * c.k + c.m1) * w);
    const std::complex<double> below(1.0 - w * w, c.k * w);
    return 20.0 * std::log10(std::abs(above) / std::abs(below));
}

BandSections design_band(const BandSettings& s, double sample_rate) {
    const auto one = [](const SvfCoefficients& section) { return BandSections{{section}, 1}; };
    switch (s.shape) {
        case BandShape::off: return {};
        case BandShape::bell: return one(design_bell(sample_rate, s.hz, s.gain_db, s.q));
        case BandShape::low_shelf: return one(design_low_shelf(sample_rate, s.hz, s.gain_db, s.q));
        case BandShape::high_shelf: return one(design_high_shelf(sample_rate, s.hz, s.gain_db, s.q));
        case BandShape::notch: return one(design_notch(sample_rate, s.hz, s.q));
        case BandShape::tilt: return one(design_tilt(sample_rate, s.hz, s.gain_db));
        case BandShape::high_pass:
        case BandShape::low_pass: return design_pass(s, sample_rate);
    }
    return {};
}

double response_db(const BandSections& band, double sample_rate, double hz) {
    double db = 0.0;
    for (int i = 0; i < band.count; ++i) db += response_db(band.section[static_cast<std::size_t>(i)], sample_rate, hz);
    return db;
}

}  // namespace smartmix::dsp
