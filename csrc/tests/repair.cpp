// Prediction and filling in ways Python cannot reach: the banded solver against elimination written out, bounds against the
// conditions of a minimum, the predictor against its normal equations.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "check.hpp"
#include "dsp/ar_interpolator.hpp"
#include "dsp/ar_model.hpp"
#include "dsp/click_context.hpp"
#include "dsp/clip_finder.hpp"

using namespace smartmix;

void test_repair();

namespace {

std::vector<double> random_walk(int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<double> x(static_cast<std::size_t>(count), 0.0);
    for (std::size_t i = 2; i < x.size(); ++i) {
        x[i] = 1.6 * x[i - 1] - 0.8 * x[i - 2] + static_cast<double>(random()) / 4294967296.0 - 0.5;
    }
    return x;
}

std::vector<double> fitted(const std::vector<double>& x, int order, std::vector<double>& lags) {
    dsp::Autocorrelation autocorrelation(static_cast<int>(x.size()));
    lags.assign(static_cast<std::size_t>(order) + 1, 0.0);
    autocorrelation.add(x.data(), static_cast<int>(x.size()), order, lags.data());
    std::vector<double> a(static_cast<std::size_t>(order) + 1);
    dsp::solve_prediction(lags.data(), order, 0.0, a.data());
    return a;
}

// sum_k a_k r(|i - k|) = 0 for i = 1 .. order.
void test_prediction() {
    constexpr int order = 24;
    std::vector<double> lags;
    const std::vector<double> a = fitted(random_walk(2000, 1U), order, lags);
    for (int i = 1; i <= order; ++i) {
        double sum = 0.0;
        for (int k = 0; k <= order; ++k) sum += a[static_cast<std::size_t>(k)] * lags[static_cast<std::size_t>(std::abs(i - k))];
        CHECK(std::fabs(sum) < 1e-9 * lags[0]);
    }
    std::vector<double> silent(order + 1, 0.0), none(order + 1, 1.0);
    dsp::solve_prediction(silent.data(), order, 0.0, none.data());
    CHECK(none[0] == 1.0 && none[1] == 0.0 && none[order] == 0.0);
}

// Energy of the prediction error that a sample has a part in, plus what holds it: as it is written down.
double cost(const std::vector<double>& a, const std::vector<double>& x) {
    double sum = 0.0;
    for (std::size_t i = a.size() - 1; i < x.size(); ++i) {
        double error = 0.0;
        for (std::size_t k = 0; k < a.size(); ++k) error += a[k] * x[i - k];
        sum += error * error;
    }
    return sum;
}

struct Case {
    std::vector<double> x, a;
    std::vector<int> at;
};

Case some_case(unsigned seed) {
    std::vector<double> lags;
    Case made{random_walk(400, seed), {}, {}};
    made.a = fitted(made.x, 16, lags);
    std::mt19937 random(seed);
    for (int i = 150; i < 220; ++i) {
        if (random() % 3U != 0U) made.at.push_back(i);
    }
    return made;
}

// At a minimum nothing is won by moving any sample.
void test_filling() {
    for (unsigned seed = 1; seed < 6; ++seed) {
        Case c = some_case(seed);
        dsp::ArInterpolator interpolator(200);
        std::vector<double> x = c.x;
        interpolator.solve(c.a.data(), 16, c.at.data(), static_cast<int>(c.at.size()), x.data());
        const double least = cost(c.a, x);
        CHECK(least <= cost(c.a, c.x));
        for (const int at : c.at) {
            for (const double step : {-1e-3, 1e-3}) {
                std::vector<double> moved = x;
                moved[static_cast<std::size_t>(at)] += step;
                CHECK(cost(c.a, moved) > least);
            }
        }
        std::vector<double> heard, held(c.at.size(), 1e9);
        for (const int at : c.at) heard.push_back(c.x[static_cast<std::size_t>(at)]);
        interpolator.solve_disturbed(c.a.data(), 16, c.at.data(), heard.data(), held.data(), static_cast<int>(c.at.size()), x.data());
        for (const int at : c.at) CHECK(std::fabs(x[static_cast<std::size_t>(at)] - c.x[static_cast<std::size_t>(at)]) < 1e-6);
    }
}

// Beyond its bound a sample is where it wants to be; at the bound it would rather go on towards zero.
void test_bounds() {
    int held = 0, free = 0;
    for (unsigned seed = 1; seed < 9; ++seed) {
        Case c = some_case(seed);
        dsp::ArInterpolator interpolator(200);
        std::vector<double> x = c.x, bounds;
        for (const int at : c.at) {
            const double size = std::max(std::fabs(c.x[static_cast<std::size_t>(at)]), 1e-3);
            bounds.push_back(c.x[static_cast<std::size_t>(at)] < 0.0 ? -size : size);
        }
        interpolator.solve_beyond(c.a.data(), 16, c.at.data(), bounds.data(), static_cast<int>(c.at.size()), x.data());
        for (std::size_t i = 0; i < c.at.size(); ++i) {
            const auto at = static_cast<std::size_t>(c.at[i]);
            const double side = bounds[i] < 0.0 ? -1.0 : 1.0;
            CHECK(side * x[at] >= side * bounds[i]);
            std::vector<double> out = x, in = x;
            out[at] += side * 1e-6;
            in[at] -= side * 1e-6;
            const double slope = (cost(c.a, out) - cost(c.a, in)) / 2e-6;
            const bool at_bound = x[at] == bounds[i];
            (at_bound ? held : free) += 1;
            CHECK(at_bound ? slope > -1e-3 : std::fabs(slope) < 1e-3);
        }
    }
    CHECK(held > 20 && free > 20);
}

void test_surroundings() {
    dsp::ContextBins bins{};
    bins[dsp::context_bins] = 1.0;
    CHECK(dsp::usual_error(bins, bins.data(), 3, 3) == 0.0);
    for (const int period : {10, 25, 60}) {  // pulses of a voice
        bins.fill(0.0);
        for (int b = dsp::context_bins % period; b < 2 * dsp::context_bins + 1; b += period) bins[static_cast<std::size_t>(b)] = 0.5;
        CHECK(dsp::usual_error(bins, bins.data(), 3, 3) == 0.5);
    }
    bins.fill(0.01);
    for (const int other : {20, 47, 101, 130}) bins[static_cast<std::size_t>(other)] = 0.9;  // other clicks, here and there
    CHECK(dsp::usual_error(bins, bins.data(), 3, 3) == 0.01);
    for (int b = dsp::context_bins + 5; b < dsp::context_bins + 15; ++b) bins[static_cast<std::size_t>(b)] = 0.3;  // an attack
    CHECK(dsp::usual_error(bins, bins.data(), 3, 3) == 0.3);
}

}  // namespace

void test_repair() {
    test_prediction();
    test_filling();
    test_bounds();
    test_surroundings();
}
