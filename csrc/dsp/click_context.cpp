#include "dsp/click_context.hpp"

#include <algorithm>

namespace smartmix::dsp {
namespace {

constexpr int middle = context_bins;

// The `count`th largest of bins first .. end.
double passed(const ContextBins& errors, int first, int end, int count) noexcept {
    std::array<double, context_bins> sorted;
    const int size = end - first;
    if (size < count) return 0.0;
    std::copy(errors.begin() + first, errors.begin() + end, sorted.begin());
    const auto at = sorted.begin() + (count - 1);
    std::nth_element(sorted.begin(), at, sorted.begin() + size, [](double a, double b) { return a > b; });
    return *at;
}

}  // namespace

double usual_error(const ContextBins& errors, const double* heard, int core, int expected_peaks) noexcept {
    constexpr int bins = 2 * context_bins + 1;
    const int before = middle - core, after = middle + core + 1;
    double usual = std::max(passed(errors, 0, before, expected_peaks + 1), passed(errors, after, bins, expected_peaks + 1));
    // A period is known to a bin or so.
    ContextBins near;
    for (std::size_t i = 0; i < near.size(); ++i) near[i] = std::max(errors[i], heard[i]);
    std::fill(near.begin() + before, near.begin() + after, 0.0);
    ContextBins wide = near;
    for (std::size_t i = 1; i + 1 < wide.size(); ++i) wide[i] = std::max({near[i - 1], near[i], near[i + 1]});
    const auto at = [&](int offset) { return wide[static_cast<std::size_t>(middle + offset)]; };
    for (int period = core + 1; period <= context_bins; ++period) {
        usual = std::max(usual, std::min(at(-period), at(period)));
        if (2 * period > context_bins) continue;
        usual = std::max(usual, std::min(at(period), at(2 * period)));
        usual = std::max(usual, std::min(at(-period), at(-2 * period)));
    }
    return usual;
}

}  // namespace smartmix::dsp
