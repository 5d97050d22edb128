// Bands fitted to curves: what an equaliser can do is found, hostile curves stay finite, the loops agree in every set.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "check.hpp"
#include "dsp/band_fit.hpp"
#include "kernels/band_slopes.hpp"

using namespace smartmix;

namespace {

constexpr double sample_rate = 48000.0;

std::vector<double> grid(int points) {
    std::vector<double> hz;
    for (int i = 0; i < points; ++i) hz.push_back(30.0 * std::pow(16000.0 / 30.0, i / (points - 1.0)));
    return hz;
}

void test_known_bands(int points) {
    const std::vector<double> hz = grid(points);
    std::vector<double> target;
    for (const double f : hz) {
        target.push_back(dsp::response_db(dsp::design_bell(sample_rate, 400.0, -6.0, 1.4), sample_rate, f) +
                         dsp::response_db(dsp::design_bell(sample_rate, 3000.0, 4.0, 0.8), sample_rate, f));
    }
    const std::vector<double> ones(hz.size(), 1.0);
    dsp::BandFitOptions options;
    options.bands = 4;
    const dsp::BandFit fit = dsp::fit_bands(hz, target, ones, sample_rate, options);
    CHECK(fit.bands.size() <= 4);
    CHECK(std::sqrt(fit.cost / points) < 0.05);
}

void test_hostile_curves() {
    const std::vector<double> hz = grid(61);
    std::vector<double> steps;
    for (std::size_t i = 0; i < hz.size(); ++i) steps.push_back(i % 2 == 0 ? 200.0 : -200.0);
    const std::vector<double> nothing(hz.size(), 0.0);
    const std::vector<double> ones(hz.size(), 1.0);
    for (const int bands : {1, 2, 3, 24}) {
        dsp::BandFitOptions options;
        options.bands = bands;
        for (const std::vector<double>* weights : {&ones, &nothing}) {
            const dsp::BandFit fit = dsp::fit_bands(hz, steps, *weights, 8000.0 * bands, options);
            CHECK(std::isfinite(fit.cost));
            for (const dsp::FitBand& band : fit.bands) {
                CHECK(std::isfinite(band.log_hz) && std::abs(band.gain_db) <= 18.0 && std::isfinite(band.log_q));
            }
        }
    }
}

std::vector<double> products_of(const kernels::BandSlopeKernels& kernel, int settings, int count) {
    std::vector<double> columns;
    for (int i = 0; i < settings * count; ++i) columns.push_back(std::sin(0.37 * i * i));
    const std::vector<double> weight(columns.begin(), columns.begin() + count);
    std::vector<double> scratch(static_cast<std::size_t>(count));
    std::vector<double> made(static_cast<std::size_t>(settings * (settings + 1)));
    kernel.products(columns.data(), settings, count, weight.data(), columns.data() + count, scratch.data(), made.data(),
                    made.data() + settings);
    return made;
}

void test_sets_agree() {
    const kernels::BandSlopeKernels* baseline = kernels::band_slope_kernels_for("baseline");
    const kernels::BandSlopeKernels* avx2 = kernels::band_slope_kernels_for("avx2");
    CHECK(baseline != nullptr);
    if (baseline == nullptr || avx2 == nullptr) return;
    for (const int settings : {3, 7, 30}) {
        const std::vector<double> a = products_of(*baseline, settings, 124);
        const std::vector<double> b = products_of(*avx2, settings, 124);
        CHECK(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
    }
}

}  // namespace

void test_band_fit() {
    test_known_bands(120);
    test_known_bands(241);
    test_hostile_curves();
    test_sets_agree();
}
