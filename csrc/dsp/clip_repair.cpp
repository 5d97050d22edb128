#include "dsp/clip_repair.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix::dsp {
namespace {

constexpr double hop_s = 0.016;
constexpr double longest_s = 0.004;
constexpr double white_share = 1e-9;
constexpr int hops_remembered = 64;  // a second: how long a limit counts after its last flat top, and a peak against it
constexpr double most_over_level = 4.0;

}  // namespace

ClipGrid::ClipGrid(double sample_rate) noexcept
    : hop(static_cast<int>(std::lround(hop_s * sample_rate))),
      order(std::clamp(static_cast<int>(std::lround(sample_rate * 48.0 / 48000.0)), 16, most_ar_order)),
      longest(static_cast<int>(longest_s * sample_rate)) {}

ClipBench::ClipBench(const ClipGrid& grid)
    : autocorrelation(3 * grid.hop),
      interpolator(grid.hop + grid.longest),
      tried(static_cast<std::size_t>(3 * grid.hop), 0.0),
      at(static_cast<std::size_t>(grid.hop + grid.longest), 0),
      bounds(at.size(), 0.0) {}

ClipRepair::ClipRepair(const ClipGrid& grid)
    : grid_(grid), sound_(static_cast<std::size_t>(hops * grid.hop), 0.0), add_(static_cast<std::size_t>(2 * grid.hop), 0.0F) {}

void ClipRepair::clear() noexcept {
    std::fill(sound_.begin(), sound_.end(), 0.0);
    std::fill(add_.begin(), add_.end(), 0.0F);
    up_ = down_ = {};
    added_ = added_later_ = false;
}

void ClipRepair::shift(const float* hop) noexcept {
    std::copy(sound_.begin() + grid_.hop, sound_.end(), sound_.begin());
    std::copy(hop, hop + grid_.hop, sound_.end() - grid_.hop);
    std::copy(add_.begin() + grid_.hop, add_.end(), add_.begin());
    std::fill(add_.end() - grid_.hop, add_.end(), 0.0F);
    added_ = added_later_;
    added_later_ = false;
}

bool ClipRepair::hand_out(float* add) noexcept {
    if (added_) std::copy_n(add_.begin(), grid_.hop, add);
    return added_;
}

bool ClipRepair::pass(const float* hop, float* add) noexcept {
    shift(hop);
    return hand_out(add);
}

bool ClipRepair::run(const float* hop, const ClipSettings& settings, ClipBench& bench, float* add) noexcept {
    shift(hop);
    const ClipLevels limits = levels(settings.level);
    if (limits.up > 0.0 || limits.down > 0.0) {
        // Nothing that an earlier hop has put back is clipped any more.
        int first = grid_.hop;
        while (first < 2 * grid_.hop && add_[static_cast<std::size_t>(first - grid_.hop)] != 0.0F) ++first;
        const int count = clipped_frames(sound_.data(), first, 2 * grid_.hop + grid_.longest, limits, settings.longest_frames,
                                         bench.at.data(), bench.interpolator.most_unknowns());
        if (count > 0 && bench.at.front() < 2 * grid_.hop) {
            for (int i = 0; i < count; ++i) {
                const auto at = static_cast<std::size_t>(i);
                bench.bounds[at] = sound_[static_cast<std::size_t>(bench.at[at])];
            }
            fill(count, bench);
            if (plausible(count, bench)) keep(count, bench);
        }
    }
    return hand_out(add);
}

// Looked for in the newest hop and the one at work: one that begins with the next hop is known when it counts. What has been
// passed within the last second is no limit.
ClipLevels ClipRepair::levels(double level) noexcept {
    if (level > 0.0) return {level, level};
    const ClipLevels found = find_clip_levels(sound_.data(), grid_.hop, hops * grid_.hop - 2);
    const auto newest = std::minmax_element(sound_.end() - grid_.hop, sound_.end());
    up_.hear(std::max(*newest.second, 0.0), found.up);
    down_.hear(std::max(-*newest.first, 0.0), found.down);
    return {up_.now(), down_.now()};
}

void ClipRepair::Limit::hear(double peak, double found) noexcept {
    ++peak_age;
    ++level_age;
    if (peak >= highest || peak_age > hops_remembered) {
        highest = peak;
        peak_age = 0;
    }
    if (found > 0.0 || level_age > hops_remembered) {
        level = found;
        level_age = 0;
    }
}

double ClipRepair::Limit::now() const noexcept { return level >= highest * (1.0 - flat_share) ? level : 0.0; }

// Janssen's rounds: a model of the sound as it is, the tops that it wants, a model of that.
void ClipRepair::fill(int count, ClipBench& bench) noexcept {
    std::copy(sound_.begin(), sound_.end(), bench.tried.begin());
    for (int round = 0; round < rounds; ++round) {
        lags_.fill(0.0);
        bench.autocorrelation.add(bench.tried.data(), hops * grid_.hop, grid_.order, lags_.data());
        solve_prediction(lags_.data(), grid_.order, white_share, model_.data());
        bench.interpolator.solve_beyond(model_.data(), grid_.order, bench.at.data(), bench.bounds.data(), count,
                                        bench.tried.data());
    }
}

bool ClipRepair::plausible(int count, const ClipBench& bench) const noexcept {
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double top = std::fabs(bench.tried[static_cast<std::size_t>(bench.at[at])]);
        if (!(top <= most_over_level * std::fabs(bench.bounds[at]))) return false;
    }
    return true;
}

// The runs that begin in the hop at work; the others come again with more of their future.
void ClipRepair::keep(int count, const ClipBench& bench) noexcept {
    int end = 0;
    while (end < count && (bench.at[static_cast<std::size_t>(end)] < 2 * grid_.hop ||
                           (end > 0 && bench.at[static_cast<std::size_t>(end)] == bench.at[static_cast<std::size_t>(end - 1)] + 1))) {
        ++end;
    }
    for (int i = 0; i < end; ++i) {
        const auto at = static_cast<std::size_t>(bench.at[static_cast<std::size_t>(i)]);
        const int to = bench.at[static_cast<std::size_t>(i)] - grid_.hop;
        add_[static_cast<std::size_t>(to)] = static_cast<float>(bench.tried[at] - sound_[at]);
        sound_[at] = bench.tried[at];
        (to < grid_.hop ? added_ : added_later_) = true;
    }
}

}  // namespace smartmix::dsp
