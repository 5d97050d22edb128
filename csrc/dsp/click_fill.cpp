#include <algorithm>
#include <cmath>
#include <numeric>

#include "dsp/click_repair.hpp"

// The second half of ClickRepair: what would be there without the click.
namespace smartmix::dsp {
namespace {

constexpr double most_over_surroundings = 1.25;
constexpr double skirt_deviations = 4.0;
constexpr double gaussian_nine_tenths = 1.645;  // of the deviation
constexpr double least_deviation = 1e-7;   // of the prediction error
constexpr double least_click_share = 0.3;  // of the mean power of a click: what a frame in it has at least

}  // namespace

// Other clicks as near as the model reaches would be taken for sound: they are filled in one go, with what lies between.
ClickRepair::Gap ClickRepair::joined(const Gap& gap, double edge, ClickBench& bench) const noexcept {
    double* errors = bench.errors.data();
    Gap all = gap;
    for (bool more = true; more && all.end - all.first <= grid_.longest;) {
        more = false;
        forward_errors(model_.data(), grid_.order, sound_.data(), all.first - most_ar_order, all.first, errors);
        const double* found = std::find_if(errors, errors + most_ar_order, [&](double e) { return std::fabs(e) > edge; });
        if (found != errors + most_ar_order) {
            all.first -= static_cast<int>(errors + most_ar_order - found) + click_pad;
            more = true;
        }
        backward_errors(model_.data(), grid_.order, sound_.data(), all.end, all.end + most_ar_order, errors);
        for (int i = most_ar_order - 1; i >= 0 && !more; --i) {
            if (std::fabs(errors[i]) <= edge) continue;
            all.end += i + 1 + click_pad;
            more = true;
        }
    }
    return all;
}

// The finer model of the filling hears the skirts of a click that the coarse one does not, and would take them for sound.
ClickRepair::Gap ClickRepair::widened(const Gap& gap, int order, double usual, ClickBench& bench) const noexcept {
    const int skirt = std::max(2, grid_.bin / 2);
    const double edge = skirt_deviations * usual;
    double* errors = bench.errors.data();
    Gap wide = gap;
    forward_errors(model_.data(), order, sound_.data(), gap.first - skirt, gap.first, errors);
    for (int i = gap.first - 1; i >= gap.first - skirt; --i) {
        if (std::fabs(errors[i - gap.first + skirt]) > edge) wide.first = i - 1;
    }
    backward_errors(model_.data(), order, sound_.data(), gap.end, gap.end + skirt, errors);
    for (int i = gap.end; i < gap.end + skirt; ++i) {
        if (std::fabs(errors[i - gap.end]) > edge) wide.end = i + 2;
    }
    return wide;
}

// Of the side that is predicted worse. From the size that nine of ten errors of half a hop stay under, which no single peak
// moves.
double ClickRepair::error_power(const Gap& gap, int order, ClickBench& bench) const noexcept {
    const int frames = grid_.hop / 2;
    const auto deviation = [&](double* errors) {
        double* most = errors + frames * 9 / 10;
        std::nth_element(errors, most, errors + frames, [](double a, double b) { return std::fabs(a) < std::fabs(b); });
        return std::fabs(*most) / gaussian_nine_tenths + least_deviation;
    };
    double* errors = bench.errors.data();
    forward_errors(model_.data(), order, sound_.data(), gap.first - frames, gap.first, errors);
    const double before = deviation(errors);
    backward_errors(model_.data(), order, sound_.data(), gap.end, gap.end + frames, errors);
    const double largest = std::max(before, deviation(errors));
    return largest * largest;
}

// What is heard is sound and click together, and the click is only so large: under loud music the samples still say more than
// any prediction over a long gap. Least squares of prediction error and click, each over its power: what the surroundings leave
// unexplained, and first one power for the whole click, then its own for each frame (S. Godsill & P. Rayner, "Digital Audio
// Restoration", 1998: the click as noise of its own variance).
bool ClickRepair::fill(const Gap& click, int order, double white, ClickBench& bench) noexcept {
    solve_prediction(lags_.data(), order, white, model_.data());
    const double usual_power = error_power(click, order, bench);
    const Gap gap = widened(click, order, std::sqrt(usual_power), bench);
    const int count = gap.end - gap.first;
    double* sound = sound_.data() + gap.first;
    forward_errors(model_.data(), order, sound_.data(), gap.first, gap.end, bench.errors.data());
    const double click_power = power_of_click(count, order, bench);
    for (int i = 0; i < count; ++i) {
        bench.unknown[static_cast<std::size_t>(i)] = gap.first + i;
        bench.heard[static_cast<std::size_t>(i)] = sound[i];
        bench.holds[static_cast<std::size_t>(i)] = usual_power / click_power;
    }
    for (int round = 0; round < 2; ++round) {
        if (round > 0) hold_each(count, usual_power, click_power, sound, bench);
        bench.interpolator.solve_disturbed(model_.data(), order, bench.unknown.data(), bench.heard.data(), bench.holds.data(),
                                           count, sound_.data());
    }
    if (!plausible(gap)) {
        std::copy_n(bench.heard.begin(), count, sound);
        return false;
    }
    keep(gap, bench);
    return true;
}

// From the prediction errors of the gap: the i-th has the first i + 1 taps of the error filter on the click.
double ClickRepair::power_of_click(int count, int order, const ClickBench& bench) const noexcept {
    double heard = 0.0, taps = 0.0, gain = 0.0;
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        heard += bench.errors[at] * bench.errors[at];
        if (i <= order) taps += model_[at] * model_[at];
        gain += taps;
    }
    return heard / gain + least_deviation * least_deviation;
}

// No louder than what is around it by more than a little: a model that fits badly makes bumps.
bool ClickRepair::plausible(const Gap& gap) const noexcept {
    const auto size = [](double a, double b) { return std::fabs(a) < std::fabs(b); };
    const auto at = [&](int frame) { return sound_.begin() + frame; };
    const double before = std::fabs(*std::max_element(at(gap.first - grid_.hop / 2), at(gap.first), size));
    const double after = std::fabs(*std::max_element(at(gap.end), at(gap.end + grid_.hop / 2), size));
    const double inside = std::fabs(*std::max_element(at(gap.first), at(gap.end), size));
    return inside <= most_over_surroundings * std::max(before, after);
}

// What was filled in, as something to add.
void ClickRepair::keep(const Gap& gap, const ClickBench& bench) noexcept {
    const int start = (hops - 1 - ClickGrid::hops_ahead) * grid_.hop;
    for (int i = gap.first; i < gap.end; ++i) {
        const double more = sound_[static_cast<std::size_t>(i)] - bench.heard[static_cast<std::size_t>(i - gap.first)];
        add_[static_cast<std::size_t>(i - start)] += static_cast<float>(more);
        (i - start < grid_.hop ? added_ : added_later_) = true;
    }
}

// By the click that the first round found, smoothed over neighbours.
void ClickRepair::hold_each(int count, double usual_power, double click_power, const double* sound,
                            ClickBench& bench) const noexcept {
    const auto power_at = [&](int i) {
        const auto at = static_cast<std::size_t>(std::clamp(i, 0, count - 1));
        const double click = bench.heard[at] - sound[at];
        return click * click;
    };
    for (int i = 0; i < count; ++i) {
        const double own = 0.25 * power_at(i - 1) + 0.5 * power_at(i) + 0.25 * power_at(i + 1);
        bench.holds[static_cast<std::size_t>(i)] = usual_power / (own + least_click_share * click_power);
    }
}

}  // namespace smartmix::dsp
