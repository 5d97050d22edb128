#include "dsp/band_magnitude.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace smartmix::dsp {
namespace {

double square(double x) { return x * x; }

// Power of one section by the sine and cosine of half the angle, both squared: see response_db in svf_design.cpp.
struct SectionPower {
    double low, high, slope2, per_g2, k2;

    explicit SectionPower(const SvfCoefficients& c)
        : low(c.m0 + c.m2), high(c.m0), slope2(square(c.m0 * c.k + c.m1)), per_g2(1.0 / (c.g * c.g)), k2(c.k * c.k) {}

    double at(double sine2, double cosine2) const {
        const double w = sine2 * per_g2;
        return (square(low * cosine2 - high * w) + slope2 * w * cosine2) / (square(cosine2 - w) + k2 * w * cosine2);
    }
};

}  // namespace

BandMagnitude::BandMagnitude(int bins) {
    for (int k = 0; k < bins; ++k) {
        const double angle = 0.5 * std::numbers::pi * k / (bins - 1);
        sine2_.push_back(square(std::sin(angle)));
        cosine2_.push_back(square(std::cos(angle)));
    }
    power_.resize(sine2_.size());
}

void BandMagnitude::add(const BandSections& band) noexcept {
    for (int s = 0; s < band.count && count_ < max_sections; ++s) {
        sections_[count_++] = band.section[static_cast<std::size_t>(s)];
    }
}

void BandMagnitude::evaluate(int first, int end, float* magnitude) noexcept {
    std::fill(power_.begin() + first, power_.begin() + end, 1.0);
    double* power = power_.data();
    const double* sine2 = sine2_.data();
    const double* cosine2 = cosine2_.data();
    for (int s = 0; s < count_; ++s) {
        const SectionPower section(sections_[s]);
        for (int k = first; k < end; ++k) power[k] *= section.at(sine2[k], cosine2[k]);
    }
    for (int k = first; k < end; ++k) magnitude[k] = static_cast<float>(std::sqrt(power[k]));
}

}  // namespace smartmix::dsp
