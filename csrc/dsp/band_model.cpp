#include "dsp/band_model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace smartmix::dsp {
namespace {

constexpr double decibels = 10.0 / std::numbers::ln10;
constexpr double topmost = 0.4999;  // of the sample rate: the tangent has its pole at half of it
// Steps of the central differences. The designs are good to 1e-10: these leave six digits in the slopes.
constexpr double steps[3] = {1e-3, 1e-2, 1e-3};

double square(double x) { return x * x; }

}  // namespace

BandSettings settings_of(const FitBand& band) {
    BandSettings settings;
    settings.shape = band.shape;
    settings.hz = std::exp(band.log_hz);
    settings.gain_db = band.gain_db;
    settings.q = std::exp(band.log_q);
    return settings;
}

BandModel::BandModel(std::span<const double> hz, double sample_rate, int most_bands)
    : points_(static_cast<int>(hz.size())), sample_rate_(sample_rate) {
    for (const double f : hz) t_.push_back(square(std::tan(std::numbers::pi * std::min(f / sample_rate, topmost))));
    while (t_.size() % 4 != 0) t_.push_back(1.0);
    ratio_.resize(t_.size());
    made_.resize(static_cast<std::size_t>(designs_per_band * most_bands));
    response_db_.resize(hz.size());
    slopes_.resize(t_.size() * static_cast<std::size_t>(3 * most_bands));
}

void BandModel::design(std::span<const FitBand> bands, bool slopes) noexcept {
    std::size_t at = 0;
    for (const FitBand& band : bands) {
        designs_.ask(settings_of(band), sample_rate_, made_[at]);
        for (int of = 0; of < 3 && slopes; ++of) {
            FitBand above = band;
            FitBand below = band;
            (of == 0 ? above.log_hz : of == 1 ? above.gain_db : above.log_q) += steps[of];
            (of == 0 ? below.log_hz : of == 1 ? below.gain_db : below.log_q) -= steps[of];
            designs_.ask(settings_of(above), sample_rate_, made_[at + static_cast<std::size_t>(2 * of + 1)]);
            designs_.ask(settings_of(below), sample_rate_, made_[at + static_cast<std::size_t>(2 * of + 2)]);
        }
        at += designs_per_band;
    }
    designs_.make();
}

BandModel::Powers BandModel::powers_at(int band, int which) const noexcept {
    const SvfCoefficients& c = made_[static_cast<std::size_t>(designs_per_band * band + which)].section[0];
    return {1.0 / square(c.g), c.m0 + c.m2, c.m0, square(c.m0 * c.k + c.m1), square(c.k)};
}

BandModel::Powers BandModel::difference(int band, int of) const noexcept {
    const Powers above = powers_at(band, 2 * of + 1);
    const Powers below = powers_at(band, 2 * of + 2);
    const double scale = decibels / (2.0 * steps[of]);
    return {scale * (above.per_g2 - below.per_g2), scale * (above.low - below.low), scale * (above.high - below.high),
            scale * (above.slope2 - below.slope2), scale * (above.k2 - below.k2)};
}

void BandModel::evaluate(std::span<const FitBand> bands, bool slopes) noexcept {
    design(bands, slopes);
    std::fill(ratio_.begin(), ratio_.end(), 1.0);
    for (int band = 0; band < static_cast<int>(bands.size()); ++band) {
        const Powers at = powers_at(band, 0);
        if (slopes) {
            add_with_slopes(band, at, {{difference(band, 0), difference(band, 1), difference(band, 2)}});
        } else {
            add(at);
        }
    }
    for (std::size_t i = 0; i < response_db_.size(); ++i) response_db_[i] = decibels * std::log(ratio_[i]);
}

void BandModel::add(const Powers& at) noexcept {
    const double* t = t_.data();
    double* ratio = ratio_.data();
    for (int i = 0; i < places(); ++i) {
        const double w = t[i] * at.per_g2;
        ratio[i] *= (square(at.low - at.high * w) + at.slope2 * w) / (square(1.0 - w) + at.k2 * w);
    }
}

void BandModel::add_with_slopes(int band, const Powers& at, const Slopes& by) noexcept {
    double* first = slopes_.data() + static_cast<std::size_t>(3 * band) * t_.size();
    double* const columns[] = {first, first + t_.size(), first + 2 * t_.size()};
    kernels::band_slope_kernels().section(t_.data(), places(), at, by, ratio_.data(), columns);
}

}  // namespace smartmix::dsp
