#pragma once
#include <vector>

namespace smartmix::dsp {

// Linear prediction: what the samples around say about a sample. Everything in double.

inline constexpr int most_ar_order = 64;

// Autocorrelations of a stretch under a Hann window, lags 0 .. order, added to `lags`.
class Autocorrelation {
public:
    explicit Autocorrelation(int most_frames);
    // frames <= most_frames, order <= most_ar_order.
    void add(const double* x, int frames, int order, double* lags) noexcept;

private:
    std::vector<double> tapered_;
};

// Prediction error filter a[0..order], a[0] = 1, of autocorrelations, by the Levinson-Durbin recursion (J. Makhoul, "Linear
// prediction: a tutorial review", Proc. IEEE 63, 1975). `white_share` of the power is taken to be white noise besides.
void solve_prediction(const double* lags, int order, double white_share, double* a) noexcept;

// What prediction from the past leaves over in frames first .. end of x, or prediction from the future: error[0] is that of
// x[first]. Needs `order` samples before (after) them.
void forward_errors(const double* a, int order, const double* x, int first, int end, double* errors) noexcept;
void backward_errors(const double* a, int order, const double* x, int first, int end, double* errors) noexcept;

}  // namespace smartmix::dsp
