#include "dsp/click_repair.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace smartmix::dsp {
namespace {

constexpr double bin_s = 0.0005;
constexpr int longest_bins = 8;
constexpr double white_share = 1e-6;       // keeps the empty top of a lossy file from being blown up
constexpr double fill_white_share = 1e-9;  // a long gap needs all of the tone
constexpr double least_usual = 3e-5;       // -90 dBFS: under it nothing is heard to stand out
constexpr double level_step = 10.0;
constexpr double edge_share = 1.0;         // of the usual error: where a click begins and ends

// A longest click, its margins and its skirts.
int most_unknowns(const ClickGrid& grid) noexcept { return grid.longest + grid.bin + 2 * click_pad + 8; }

}  // namespace

ClickGrid::ClickGrid(double sample_rate) noexcept
    : bin(std::max(2, static_cast<int>(std::lround(bin_s * sample_rate)))),
      hop(bins_per_hop * bin),
      order(std::clamp(static_cast<int>(std::lround(sample_rate * 32.0 / 48000.0)), 16, most_ar_order)),
      longest(longest_bins * bin) {}

ClickBench::ClickBench(const ClickGrid& grid)
    : autocorrelation(3 * grid.hop),
      interpolator(most_unknowns(grid)),
      errors(static_cast<std::size_t>((2 * context_bins + 1) * grid.bin), 0.0),
      back_errors(errors.size(), 0.0),
      unknown(static_cast<std::size_t>(most_unknowns(grid)), 0),
      heard(unknown.size(), 0.0),
      holds(unknown.size(), 0.0) {}

ClickRepair::ClickRepair(const ClickGrid& grid)
    : grid_(grid),
      sound_(static_cast<std::size_t>(hops * grid.hop), 0.0),
      add_(static_cast<std::size_t>(2 * grid.hop), 0.0F),
      bins_(static_cast<std::size_t>(hops * ClickGrid::bins_per_hop), 0.0),
      heard_bins_(bins_.size(), 0.0) {}

void ClickRepair::clear() noexcept {
    std::fill(sound_.begin(), sound_.end(), 0.0);
    std::fill(add_.begin(), add_.end(), 0.0F);
    std::fill(bins_.begin(), bins_.end(), 0.0);
    std::fill(heard_bins_.begin(), heard_bins_.end(), 0.0);
    added_ = added_later_ = false;
}

void ClickRepair::shift(const float* hop) noexcept {
    std::copy(sound_.begin() + grid_.hop, sound_.end(), sound_.begin());
    std::copy(hop, hop + grid_.hop, sound_.end() - grid_.hop);
    std::copy(bins_.begin() + ClickGrid::bins_per_hop, bins_.end(), bins_.begin());
    std::copy(heard_bins_.begin() + ClickGrid::bins_per_hop, heard_bins_.end(), heard_bins_.begin());
    std::copy(add_.begin() + grid_.hop, add_.end(), add_.begin());
    std::fill(add_.end() - grid_.hop, add_.end(), 0.0F);
    added_ = added_later_;
    added_later_ = false;
}

bool ClickRepair::hand_out(float* add) noexcept {
    if (added_) std::copy_n(add_.begin(), grid_.hop, add);
    return added_;
}

// Nothing is known of a hop that nobody looked at: a click is not judged by it.
bool ClickRepair::pass(const float* hop, float* add) noexcept {
    shift(hop);
    std::fill(bins_.end() - ClickGrid::bins_per_hop, bins_.end(), std::numeric_limits<double>::infinity());
    std::fill(heard_bins_.end() - ClickGrid::bins_per_hop, heard_bins_.end(), 0.0);
    return hand_out(add);
}

bool ClickRepair::run(const float* hop, const ClickSettings& settings, ClickBench& bench, float* add) noexcept {
    shift(hop);
    measure(bench);
    // A click that is judged here may have begun a whole longest click earlier, and that is still to be played.
    const int first = (hops - 1 - ClickGrid::hops_ahead) * ClickGrid::bins_per_hop + longest_bins + 4;
    int repairs = 0;
    for (int bin = first; bin < first + ClickGrid::bins_per_hop && repairs < most_repairs; ++bin) {
        if (stands_out(bin, settings.threshold) && mend(bin, settings, bench)) ++repairs;
    }
    return hand_out(add);
}

// The newest hop, by a predictor of the last three.
void ClickRepair::measure(ClickBench& bench) noexcept {
    const int frames = static_cast<int>(sound_.size());
    lags_.fill(0.0);
    bench.autocorrelation.add(sound_.data() + frames - 3 * grid_.hop, 3 * grid_.hop, grid_.order, lags_.data());
    solve_prediction(lags_.data(), grid_.order, white_share, model_.data());
    forward_errors(model_.data(), grid_.order, sound_.data(), frames - grid_.hop, frames, bench.errors.data());
    double* bins = bins_.data() + (hops - 1) * ClickGrid::bins_per_hop;
    for (int b = 0; b < ClickGrid::bins_per_hop; ++b) {
        double largest = 0.0;
        for (int i = b * grid_.bin; i < (b + 1) * grid_.bin; ++i) {
            largest = std::max(largest, std::fabs(bench.errors[static_cast<std::size_t>(i)]));
        }
        bins[b] = largest;
    }
    std::copy_n(bins, ClickGrid::bins_per_hop, heard_bins_.end() - ClickGrid::bins_per_hop);
}

// First look, at half the threshold: the errors of several predictors are compared.
bool ClickRepair::stands_out(int bin, double threshold) const noexcept {
    const double* bins = bins_.data() + bin;
    const double own = bins[0];
    if (own <= 0.5 * threshold * least_usual || own < bins[-1] || own < bins[1]) return false;
    const int core = grid_.longest / grid_.bin / 2;
    ContextBins errors;
    std::copy_n(bins - context_bins, errors.size(), errors.begin());
    const double* heard = heard_bins_.data() + bin - context_bins;
    return own > 0.5 * threshold * usual_error(errors, heard, core, expected_peaks);
}

bool ClickRepair::mend(int bin, const ClickSettings& settings, ClickBench& bench) noexcept {
    const int middle = bin * grid_.bin + grid_.bin / 2;
    const int core = settings.longest_frames + 2 * grid_.bin;
    if (!fit(middle, core, bench)) return false;
    solve_prediction(lags_.data(), grid_.order, white_share, model_.data());
    const Judged click = judge(middle, core, bench);
    if (click.peak <= settings.threshold * click.usual) return false;
    Gap gap = extent(click, settings.longest_frames, bench);
    if (gap.end <= gap.first) return false;
    gap = joined(gap, 0.5 * settings.threshold * click.usual, bench);
    if (gap.end - gap.first > grid_.longest) return false;
    if (!fill(gap, most_ar_order, fill_white_share, bench) && !fill(gap, grid_.order, white_share, bench)) return false;
    for (int b = gap.first / grid_.bin - 1; b <= gap.end / grid_.bin + 2; ++b) {
        double& error = bins_[static_cast<std::size_t>(b)];
        error = std::min(error, click.usual);
    }
    return true;
}

// To a hop and a half on either side of the core: whether the level holds. Where it does not, something starts or ends
// there, which is no click however sharp it is.
bool ClickRepair::fit(int middle, int core, ClickBench& bench) noexcept {
    const int frames = grid_.hop + grid_.hop / 2;
    lags_.fill(0.0);
    bench.autocorrelation.add(sound_.data() + middle - core - frames, frames, most_ar_order, lags_.data());
    const double floor = frames * least_usual * least_usual;
    const double before = lags_[0] + floor;
    bench.autocorrelation.add(sound_.data() + middle + core, frames, most_ar_order, lags_.data());
    const double after = lags_[0] - before + 2.0 * floor;
    return std::max(before, after) <= level_step * level_step * std::min(before, after);
}

// A click upsets the prediction of what follows it: what comes after is judged backwards in time.
ClickRepair::Judged ClickRepair::judge(int middle, int core, ClickBench& bench) const noexcept {
    const int around = context_bins * grid_.bin + grid_.bin / 2;
    const int first = middle - around;
    const int size = static_cast<int>(bench.errors.size());
    const int split = middle - first;
    forward_errors(model_.data(), grid_.order, sound_.data(), first, first + split + core, bench.errors.data());
    backward_errors(model_.data(), grid_.order, sound_.data(), middle - core, first + size, bench.back_errors.data());
    Judged found;
    for (int i = middle - 2 * grid_.bin; i < middle + 2 * grid_.bin; ++i) {
        const double error = std::fabs(bench.errors[static_cast<std::size_t>(i - first)]);
        if (error > found.peak) found = {error, 0.0, i};
    }
    ContextBins bins{};
    for (int b = 0; b < 2 * context_bins + 1; ++b) {
        for (int i = b * grid_.bin; i < (b + 1) * grid_.bin; ++i) {
            const bool later = i >= split;
            const double error = later ? bench.back_errors[static_cast<std::size_t>(i - split + core)]
                                       : bench.errors[static_cast<std::size_t>(i)];
            bins[static_cast<std::size_t>(b)] = std::max(bins[static_cast<std::size_t>(b)], std::fabs(error));
        }
    }
    const double* heard = heard_bins_.data() + middle / grid_.bin - context_bins;
    found.usual = std::max(least_usual, usual_error(bins, heard, core / grid_.bin, expected_peaks));
    return found;
}

// From the peak back to the first frame that the past does not explain, and on to the last that the future does not, over
// lulls of a quarter of a millisecond; nothing when that is too long for a click.
ClickRepair::Gap ClickRepair::extent(const Judged& click, int longest, ClickBench& bench) const noexcept {
    const double edge = edge_share * click.usual;
    const int reach = longest + 1, lull = std::max(2, grid_.bin / 2);
    double* errors = bench.errors.data();
    forward_errors(model_.data(), grid_.order, sound_.data(), click.at - reach, click.at + 1, errors);
    int first = click.at;
    for (int i = click.at; i >= click.at - reach && first - i <= lull; --i) {
        if (std::fabs(errors[i - click.at + reach]) > edge) first = i;
    }
    backward_errors(model_.data(), grid_.order, sound_.data(), first, first + reach + 1, errors);
    int last = click.at;
    for (int i = click.at; i <= first + reach && i - last <= lull; ++i) {
        if (std::fabs(errors[i - first]) > edge) last = i;
    }
    if (last - first + 1 > longest) return {};
    return {first - click_pad, last + 1 + click_pad};
}

}  // namespace smartmix::dsp
