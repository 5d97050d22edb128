#include "dsp/ar_interpolator.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix::dsp {

ArInterpolator::ArInterpolator(int most_unknowns)
    : lower_(static_cast<std::size_t>(most_unknowns) * (most_ar_order + 1), 0.0),
      values_(static_cast<std::size_t>(most_unknowns), 0.0),
      free_(static_cast<std::size_t>(most_unknowns), 0),
      held_(static_cast<std::size_t>(most_unknowns), 0) {}

void ArInterpolator::correlate(const double* a, int order) noexcept {
    for (int lag = 0; lag <= order; ++lag) {
        double sum = 0.0;
        for (int k = 0; k + lag <= order; ++k) sum += a[k] * a[k + lag];
        b_[static_cast<std::size_t>(lag)] = sum;
    }
}

double ArInterpolator::pull(const double* x, int order) const noexcept {
    double sum = b_[0] * x[0];
    for (int k = 1; k <= order; ++k) sum += b_[static_cast<std::size_t>(k)] * (x[-k] + x[k]);
    return sum;
}

// Cholesky of b(|at_i - at_j|), which is nothing beyond the order, and of what holds a sample where it was heard.
void ArInterpolator::factor(const int* at, const double* holds, int count, int order) noexcept {
    const auto row = [&](int i) { return lower_.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(order + 1); };
    for (int i = 0; i < count; ++i) {
        double* now = row(i);
        const int first = std::max(0, i - order);
        for (int j = first; j <= i; ++j) {
            const int apart = at[i] - at[j];
            double sum = apart <= order ? b_[static_cast<std::size_t>(apart)] : 0.0;
            if (i == j && holds != nullptr) sum += holds[i];
            const double* other = row(j);
            const int from = std::max(first, j - order);
            for (int k = from; k < j; ++k) sum -= now[k - i + order] * other[k - j + order];
            if (j < i) {
                now[j - i + order] = sum / other[order];
            } else {
                now[order] = std::sqrt(std::max(sum, 1e-12 * b_[0]));
            }
        }
    }
}

void ArInterpolator::substitute(int count, int order) noexcept {
    const auto row = [&](int i) { return lower_.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(order + 1); };
    double* v = values_.data();
    for (int i = 0; i < count; ++i) {
        double sum = v[i];
        for (int k = std::max(0, i - order); k < i; ++k) sum -= row(i)[k - i + order] * v[k];
        v[i] = sum / row(i)[order];
    }
    for (int i = count - 1; i >= 0; --i) {
        double sum = v[i];
        for (int k = i + 1; k <= std::min(count - 1, i + order); ++k) sum -= row(k)[i - k + order] * v[k];
        v[i] = sum / row(i)[order];
    }
}

void ArInterpolator::solve(const double* a, int order, const int* at, int count, double* x) noexcept {
    solve_disturbed(a, order, at, nullptr, nullptr, count, x);
}

// Least of error power + holds[i] (x[at[i]] - heard[i])^2.
void ArInterpolator::solve_disturbed(const double* a, int order, const int* at, const double* heard, const double* holds,
                                     int count, double* x) noexcept {
    if (count <= 0 || count > most_unknowns()) return;
    correlate(a, order);
    factor(at, holds, count, order);
    for (int i = 0; i < count; ++i) x[at[i]] = 0.0;
    for (int i = 0; i < count; ++i) {
        values_[static_cast<std::size_t>(i)] = (holds != nullptr ? holds[i] * heard[i] : 0.0) - pull(x + at[i], order);
    }
    substitute(count, order);
    for (int i = 0; i < count; ++i) x[at[i]] = values_[static_cast<std::size_t>(i)];
}

// Block principal pivoting (J. Portugal, J. Judice & L. Vicente, Math. Comp. 63, 1994): whoever breaks its bound is held at
// it, whoever is held against its will is let go, all at once. What is left over after the last exchange is held.
void ArInterpolator::solve_beyond(const double* a, int order, const int* at, const double* bounds, int count,
                                  double* x) noexcept {
    if (count <= 0 || count > most_unknowns()) return;
    std::fill_n(held_.begin(), count, static_cast<unsigned char>(0));
    for (int round = 0; round < most_exchanges; ++round) {
        int free = 0;
        for (int i = 0; i < count; ++i) {
            if (held_[static_cast<std::size_t>(i)] != 0) {
                x[at[i]] = bounds[i];
            } else {
                free_[static_cast<std::size_t>(free++)] = at[i];
            }
        }
        if (free > 0) solve(a, order, free_.data(), free, x);
        if (!exchange(at, bounds, count, order, x)) break;
    }
    for (int i = 0; i < count; ++i) {
        double& value = x[at[i]];
        value = bounds[i] < 0.0 ? std::min(value, bounds[i]) : std::max(value, bounds[i]);
    }
}

bool ArInterpolator::exchange(const int* at, const double* bounds, int count, int order, const double* x) noexcept {
    bool changed = false;
    for (int i = 0; i < count; ++i) {
        const double side = bounds[i] < 0.0 ? -1.0 : 1.0;
        unsigned char& held = held_[static_cast<std::size_t>(i)];
        const bool wrong = held != 0 ? side * pull(x + at[i], order) < 0.0 : side * (x[at[i]] - bounds[i]) < 0.0;
        if (!wrong) continue;
        held = held != 0 ? 0 : 1;
        changed = true;
    }
    return changed;
}

}  // namespace smartmix::dsp
