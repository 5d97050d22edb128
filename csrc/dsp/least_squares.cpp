#include "dsp/least_squares.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/band_slopes.hpp"

namespace smartmix::dsp {
namespace {

constexpr double first_damping = 1e-2;
constexpr double least_damping = 1e-9;
constexpr double least_curvature = 1e-6;  // a band at 0 dB has no slope by frequency and q: their steps need an end
constexpr int most_refusals = 8;
constexpr int lanes = 4;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// In four sums side by side, which vector units can take.
double dot(const double* a, const double* b, int count) {
    double sums[lanes] = {};
    int i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (int lane = 0; lane < lanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
    }
    double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

double& setting(FitBand& band, int of) { return of == 0 ? band.log_hz : of == 1 ? band.gain_db : band.log_q; }
double setting(const FitBand& band, int of) { return of == 0 ? band.log_hz : of == 1 ? band.gain_db : band.log_q; }

std::vector<double> squared(std::span<const double> values) {
    std::vector<double> squares;
    for (const double x : values) squares.push_back(x * x);
    return squares;
}

}  // namespace

BandLeastSquares::BandLeastSquares(std::span<const double> hz, std::span<const double> target_db,
                                   std::span<const double> weights, double sample_rate, int most_bands)
    : target_db_(target_db.begin(), target_db.end()),
      squared_weights_(squared(weights)), model_(hz, sample_rate, most_bands) {
    const std::size_t settings = at(3 * most_bands);
    const std::size_t places = at(model_.places());
    residual_db_.resize(places);
    squared_weights_.resize(places);  // what is there to fill up weighs nothing
    scratch_.resize(std::max(places, settings));
    matrix_.resize(settings * settings);
    factor_.resize(settings * settings);
    slope_.resize(settings);
    step_.resize(settings);
}

double BandLeastSquares::evaluate(std::span<const FitBand> bands, bool slopes) {
    ++evaluations_;
    model_.evaluate(bands, slopes);
    const std::vector<double>& made = model_.response_db();
    double cost = 0.0;
    for (std::size_t i = 0; i < made.size(); ++i) {
        residual_db_[i] = target_db_[i] - made[i];
        cost += squared_weights_[i] * residual_db_[i] * residual_db_[i];
    }
    return cost;
}

double BandLeastSquares::cost_of(std::span<const FitBand> bands) { return evaluate(bands, false); }

// J'W J and J'W r of the slopes as they stand.
void BandLeastSquares::gather(int settings) {
    kernels::band_slope_kernels().products(model_.slopes(), settings, model_.places(), squared_weights_.data(),
                                           residual_db_.data(), scratch_.data(), slope_.data(), matrix_.data());
}

// The damped step of all settings that may move, in step_; false where the matrix is not positive.
bool BandLeastSquares::solve(std::span<const FitBand> bands, std::span<const BandBounds> bounds, double damping) {
    const int settings = 3 * static_cast<int>(bands.size());
    free_.clear();
    for (int a = 0; a < settings; ++a) {
        const double x = setting(bands[at(a / 3)], a % 3);
        const bool low = x <= bounds[at(a / 3)].low[a % 3] + 1e-9 && slope_[at(a)] < 0.0;
        const bool high = x >= bounds[at(a / 3)].high[a % 3] - 1e-9 && slope_[at(a)] > 0.0;
        step_[at(a)] = 0.0;
        if (!low && !high) free_.push_back(a);
    }
    const int order = static_cast<int>(free_.size());
    for (int i = 0; i < order; ++i) {
        for (int j = 0; j <= i; ++j) {
            factor_[at(i * order + j)] = matrix_[at(free_[at(i)] * settings + free_[at(j)])];
        }
        double& diagonal = factor_[at(i * order + i)];
        diagonal += damping * (diagonal + least_curvature);
    }
    if (!factor(order)) return false;
    std::vector<double>& x = scratch_;
    for (int i = 0; i < order; ++i) {
        double sum = slope_[at(free_[at(i)])];
        for (int j = 0; j < i; ++j) sum -= factor_[at(i * order + j)] * x[at(j)];
        x[at(i)] = sum / factor_[at(i * order + i)];
    }
    for (int i = order - 1; i >= 0; --i) {
        double sum = x[at(i)];
        for (int j = i + 1; j < order; ++j) sum -= factor_[at(j * order + i)] * x[at(j)];
        x[at(i)] = sum / factor_[at(i * order + i)];
        step_[at(free_[at(i)])] = x[at(i)];
    }
    return true;
}

// Cholesky's, in place, of the lower triangle.
bool BandLeastSquares::factor(int order) {
    for (int i = 0; i < order; ++i) {
        double* row = factor_.data() + at(i * order);
        for (int j = 0; j <= i; ++j) {
            const double* other = factor_.data() + at(j * order);
            const double rest = row[j] - dot(row, other, j);
            if (i != j) {
                row[j] = rest / other[j];
            } else if (rest > 0.0) {
                row[i] = std::sqrt(rest);
            } else {
                return false;
            }
        }
    }
    return true;
}

double BandLeastSquares::refine(std::span<FitBand> bands, std::span<const BandBounds> bounds, Effort effort) {
    const int settings = 3 * static_cast<int>(bands.size());
    const auto within = [&](int a, double x) {
        return std::clamp(x, bounds[at(a / 3)].low[a % 3], bounds[at(a / 3)].high[a % 3]);
    };
    for (int a = 0; a < settings; ++a) setting(bands[at(a / 3)], a % 3) = within(a, setting(bands[at(a / 3)], a % 3));
    std::vector<FitBand> tried(bands.begin(), bands.end());
    double cost = evaluate(bands, true);
    double damping = first_damping;
    for (int step = 0; step < effort.steps; ++step) {
        gather(settings);
        double found = cost;
        for (int refused = 0; refused < most_refusals && found >= cost; ++refused, damping *= found < cost ? 1.0 : 4.0) {
            if (!solve(bands, bounds, damping)) continue;
            for (int a = 0; a < settings; ++a) {
                setting(tried[at(a / 3)], a % 3) = within(a, setting(bands[at(a / 3)], a % 3) + step_[at(a)]);
            }
            found = evaluate(tried, true);
        }
        if (found >= cost) break;
        std::copy(tried.begin(), tried.end(), bands.begin());
        const double gain = (cost - found) / std::max(cost, 1e-12);
        cost = found;
        damping = std::max(damping / 5.0, least_damping);
        if (gain < effort.least_gain) break;
    }
    return evaluate(bands, false);
}

}  // namespace smartmix::dsp
