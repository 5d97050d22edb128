#pragma once
#include <array>
#include <vector>

#include "dsp/ar_model.hpp"

namespace smartmix::dsp {

// Fills in samples so that the prediction error of all that they touch has the least energy: A. Janssen, R. Veldhuis &
// L. Vries, "Adaptive interpolation of discrete-time signals that can be modeled as autoregressive processes", IEEE Trans.
// ASSP 34 (1986). The unknown samples may lie anywhere: only neighbours within the order of the model meet, so the equations
// are banded and cost unknowns x order^2.
class ArInterpolator {
public:
    explicit ArInterpolator(int most_unknowns);
    int most_unknowns() const noexcept { return static_cast<int>(values_.size()); }

    // x[at[i]] for `count` rising positions; x is known within `order` on both sides of them.
    void solve(const double* a, int order, const int* at, int count, double* x) noexcept;

    // The same where the samples are not lost but disturbed: heard[i], with holds[i] the power of the prediction error over
    // that of the disturbance. 0 is lost.
    void solve_disturbed(const double* a, int order, const int* at, const double* heard, const double* holds, int count,
                         double* x) noexcept;

    // Lost, but each known to lie no nearer to zero than bounds[i], and on that side of it.
    void solve_beyond(const double* a, int order, const int* at, const double* bounds, int count, double* x) noexcept;

private:
    static constexpr int most_exchanges = 10;

    void correlate(const double* a, int order) noexcept;
    double pull(const double* x, int order) const noexcept;  // of the energy on the sample x points to
    void factor(const int* at, const double* holds, int count, int order) noexcept;
    void substitute(int count, int order) noexcept;
    bool exchange(const int* at, const double* bounds, int count, int order, const double* x) noexcept;

    std::array<double, most_ar_order + 1> b_{};  // autocorrelation of the error filter
    std::vector<double> lower_;                  // rows of order + 1, the diagonal last
    std::vector<double> values_;
    std::vector<int> free_;
    std::vector<unsigned char> held_;  // at its bound
};

}  // namespace smartmix::dsp
