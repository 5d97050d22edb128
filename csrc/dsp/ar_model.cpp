#include "dsp/ar_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace smartmix::dsp {
namespace {

constexpr int lags_at_once = 8;
constexpr double least_power = 1e-20;  // silence predicts silence

}  // namespace

Autocorrelation::Autocorrelation(int most_frames)
    : tapered_(static_cast<std::size_t>(most_frames + most_ar_order + lags_at_once), 0.0) {}

void Autocorrelation::add(const double* x, int frames, int order, double* lags) noexcept {
    // cos() of equal steps by rotation: a library call per sample would cost more than the lags.
    const double step = 2.0 * std::numbers::pi / (frames - 1);
    const double turn_cos = std::cos(step), turn_sin = std::sin(step);
    double c = 1.0, s = 0.0;
    for (int i = 0; i < frames; ++i) {
        tapered_[static_cast<std::size_t>(i)] = x[i] * (0.5 - 0.5 * c);
        const double next = c * turn_cos - s * turn_sin;
        s = s * turn_cos + c * turn_sin;
        c = next;
    }
    std::fill_n(tapered_.begin() + frames, order + lags_at_once, 0.0);
    for (int first = 0; first <= order; first += lags_at_once) {
        std::array<double, lags_at_once> sums{};
        const double* later = tapered_.data() + first;
        for (int i = 0; i < frames; ++i) {
            const double now = tapered_[static_cast<std::size_t>(i)];
            for (std::size_t k = 0; k < lags_at_once; ++k) sums[k] += now * later[static_cast<std::size_t>(i) + k];
        }
        const int count = std::min(lags_at_once, order + 1 - first);
        for (int k = 0; k < count; ++k) lags[first + k] += sums[static_cast<std::size_t>(k)];
    }
}

void solve_prediction(const double* lags, int order, double white_share, double* a) noexcept {
    std::fill_n(a, order + 1, 0.0);
    a[0] = 1.0;
    double power = lags[0] * (1.0 + white_share) + least_power;
    std::array<double, most_ar_order + 1> before{};
    for (int i = 1; i <= order; ++i) {
        double sum = lags[i];
        for (int k = 1; k < i; ++k) sum += a[k] * lags[i - k];
        const double reflection = -sum / power;
        if (!(std::fabs(reflection) < 1.0)) return;  // rounding has eaten the rest: the lower order stands
        std::copy_n(a, i, before.begin());
        for (int k = 1; k < i; ++k) a[k] += reflection * before[static_cast<std::size_t>(i - k)];
        a[i] = reflection;
        power *= 1.0 - reflection * reflection;
    }
}

void forward_errors(const double* a, int order, const double* x, int first, int end, double* errors) noexcept {
    std::copy(x + first, x + end, errors);
    for (int k = 1; k <= order; ++k) {
        const double* earlier = x + first - k;
        const double weight = a[k];
        for (int i = 0; i < end - first; ++i) errors[i] += weight * earlier[i];
    }
}

void backward_errors(const double* a, int order, const double* x, int first, int end, double* errors) noexcept {
    std::copy(x + first, x + end, errors);
    for (int k = 1; k <= order; ++k) {
        const double* later = x + first + k;
        const double weight = a[k];
        for (int i = 0; i < end - first; ++i) errors[i] += weight * later[i];
    }
}

}  // namespace smartmix::dsp
