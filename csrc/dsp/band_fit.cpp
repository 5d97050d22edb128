#include "dsp/band_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "dsp/least_squares.hpp"

namespace smartmix::dsp {
namespace {

constexpr double lowest_hz = 20.0;
constexpr double highest_hz = 18'500.0;
constexpr double highest_share = 0.45;  // of the sample rate
constexpr double least_q = 0.3;
constexpr double low_shelf_hz = 105.0;
constexpr double high_shelf_hz = 9000.0;
// A shelf with more q has a resonance of its own, which a person does not expect of a shelf.
constexpr double most_shelf_q = 0.9;
constexpr double least_shelf_q = 0.4;
constexpr double unheard_db = 0.02;  // nothing is added for a residual under this
constexpr std::size_t spare = 3;  // bands put beyond what is wanted, and taken back
constexpr std::size_t many_points = 120;
constexpr double worth_a_try = 1.3;  // times the best cost: a start that is further off after few steps is given up

constexpr BandLeastSquares::Effort quick{6, 1e-2};
constexpr BandLeastSquares::Effort thorough{60, 1e-5};
constexpr BandLeastSquares::Effort last{200, 1e-8};

using Bands = std::vector<FitBand>;

// A curve to be fitted.
struct Wanted {
    std::vector<double> hz, target_db, weights;
};

// Every second point of a curve that has many: where to search, at half the cost.
Wanted halved(const Wanted& whole) {
    if (whole.hz.size() < many_points) return whole;
    Wanted half;
    for (std::size_t i = 0; i < whole.hz.size(); i += 2) {
        half.hz.push_back(whole.hz[i]);
        half.target_db.push_back(whole.target_db[i]);
        half.weights.push_back(whole.weights[i]);
    }
    return half;
}

BandBounds bounds_of(const FitBand& band, const BandFitOptions& options, double top_hz) {
    const double gain = options.max_gain_db;
    const double low = std::log(lowest_hz);
    const double high = std::log(top_hz);
    if (band.shape == BandShape::bell) {
        return {{low, -gain, std::log(least_q)}, {high, gain, std::log(options.max_q)}};
    }
    return {{low, -gain, std::log(least_shelf_q)}, {high, gain, std::log(std::min(most_shelf_q, options.max_q))}};
}

std::vector<BandBounds> bounds_of(const Bands& bands, const BandFitOptions& options, double top_hz) {
    std::vector<BandBounds> bounds;
    for (const FitBand& band : bands) bounds.push_back(bounds_of(band, options, top_hz));
    return bounds;
}

double top_hz_at(double sample_rate) { return std::min(highest_hz, highest_share * sample_rate); }

// Shelves at the ends, bells by rising frequency between.
void sort_bands(Bands& bands) {
    std::sort(bands.begin(), bands.end(), [](const FitBand& a, const FitBand& b) {
        const auto place = [](const FitBand& x) {
            return x.shape == BandShape::low_shelf ? 0 : x.shape == BandShape::high_shelf ? 2 : 1;
        };
        return place(a) != place(b) ? place(a) < place(b) : a.log_hz < b.log_hz;
    });
}

class Search {
public:
    Search(const Wanted& wanted, double sample_rate, const BandFitOptions& options)
        : target_db_(wanted.target_db), options_(options), top_hz_(top_hz_at(sample_rate)),
          squares_(wanted.hz, wanted.target_db, wanted.weights, sample_rate, options.bands + static_cast<int>(spare)) {
        for (const double f : wanted.hz) log_hz_.push_back(std::log(f));
        for (const double w : wanted.weights) weights_.push_back(std::abs(w));
    }

    // What was best before the second thoughts, and what after them.
    std::array<BandFit, 2> run() {
        BandFit best{greedy(options_.shelves && options_.bands >= 3), 0.0, 0};
        best.cost = refine(best.bands, thorough);
        if (options_.shelves && options_.bands >= 3) keep_if_better(best, greedy(false));
        keep_if_better(best, thinned(best.bands));
        const BandFit first = best;
        for (int round = 0; round < options_.rounds; ++round) better(best, round);
        best.evaluations = squares_.evaluations();
        return {first, best};
    }

private:
    double refine(Bands& bands, BandLeastSquares::Effort effort) {
        return squares_.refine(bands, bounds_of(bands, options_, top_hz_), effort);
    }

    double mean_target(double low_hz, double high_hz) const {
        double sum = 0.0;
        double count = 0.0;
        for (std::size_t i = 0; i < log_hz_.size(); ++i) {
            if (log_hz_[i] < std::log(low_hz) || log_hz_[i] > std::log(high_hz)) continue;
            sum += weights_[i] * target_db_[i];
            count += weights_[i];
        }
        return count > 0.0 ? sum / count : 0.0;
    }

    Bands greedy(bool with_shelves) {
        Bands bands;
        if (with_shelves) {
            const double whole = mean_target(0.0 + lowest_hz, top_hz_);
            const double q = std::log(0.7);
            bands.push_back({BandShape::low_shelf, std::log(low_shelf_hz), mean_target(lowest_hz, 90.0) - whole, q});
            bands.push_back({BandShape::high_shelf, std::log(std::min(high_shelf_hz, 0.5 * top_hz_)),
                             mean_target(high_shelf_hz, 2.0 * top_hz_) - whole, q});
        }
        refine(bands, quick);
        while (static_cast<int>(bands.size()) < options_.bands && add(bands)) refine(bands, quick);
        return bands;
    }

    // A bell on the largest lobe of the residual; false where nothing is left to do.
    bool add(Bands& bands) const {
        const std::vector<double>& rest = squares_.residual_db();
        const Lobe lobe = largest_lobe(rest);
        const double peak = rest[lobe.peak];
        if (std::abs(peak) < unheard_db) return false;
        std::size_t first = lobe.peak;
        std::size_t end = lobe.peak;
        while (first > lobe.first && std::abs(rest[first - 1]) > 0.5 * std::abs(peak)) --first;
        while (end + 1 < lobe.end && std::abs(rest[end + 1]) > 0.5 * std::abs(peak)) ++end;
        const double octaves = std::max((log_hz_[end] - log_hz_[first]) / std::log(2.0), 0.1);
        const double q = std::exp2(0.5 * octaves) / (std::exp2(octaves) - 1.0);
        const double gain = std::clamp(peak, -options_.max_gain_db, options_.max_gain_db);
        bands.push_back({BandShape::bell, log_hz_[lobe.peak], gain, std::log(std::clamp(q, 0.35, 0.8 * options_.max_q))});
        return true;
    }

    struct Lobe {
        std::size_t first, end, peak;
    };

    // The stretch of one sign with the largest area over the logarithm of frequency.
    Lobe largest_lobe(const std::vector<double>& rest) const {
        Lobe largest{0, 0, 0};
        double most = -1.0;
        for (std::size_t first = 0; first < log_hz_.size();) {
            std::size_t end = first;
            std::size_t peak = first;
            double area = 0.0;
            for (; end < log_hz_.size() && (rest[end] > 0.0) == (rest[first] > 0.0); ++end) {
                const double width = end + 1 < log_hz_.size() ? log_hz_[end + 1] - log_hz_[end] : log_hz_[end] - log_hz_[end - 1];
                area += weights_[end] * std::abs(rest[end]) * width;
                if (weights_[end] * std::abs(rest[end]) > weights_[peak] * std::abs(rest[peak])) peak = end;
            }
            if (area > most) {
                most = area;
                largest = {first, end, peak};
            }
            first = end;
        }
        return largest;
    }

    void keep_if_better(BandFit& best, Bands bands) {
        double cost = refine(bands, quick);
        if (cost > worth_a_try * best.cost) return;
        cost = refine(bands, thorough);
        if (cost < best.cost) best = {std::move(bands), cost, 0};
    }

    // Two ways out of a local minimum, in turns.
    void better(BandFit& best, int round) {
        if (best.bands.size() < 2) return;
        Bands bands = best.bands;
        if (round % 2 == 0) {
            if (!swap(bands, round / 2)) return;
        } else {
            shake(bands);
        }
        keep_if_better(best, std::move(bands));
    }

    // One band more where most is missing, then out with the one that is missed least (in later rounds the next ones).
    bool swap(Bands& bands, int round) {
        squares_.cost_of(bands);
        if (!add(bands)) return false;
        refine(bands, quick);
        drop(bands, bands.size() - 1, round);
        return true;
    }

    // Of the first `among` bands, the one that is missed least, or in later rounds the next ones.
    void drop(Bands& bands, std::size_t among, int round) {
        std::vector<std::pair<double, std::size_t>> missed;
        for (std::size_t i = 0; i < among; ++i) {
            Bands without = bands;
            without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
            missed.emplace_back(squares_.cost_of(without), i);
        }
        std::sort(missed.begin(), missed.end());
        const std::size_t out = missed[static_cast<std::size_t>(round) % missed.size()].second;
        bands.erase(bands.begin() + static_cast<std::ptrdiff_t>(out));
    }

    // More bands than wanted, then out with those that are missed least.
    Bands thinned(Bands bands) {
        const auto most = static_cast<std::size_t>(options_.bands);
        refine(bands, quick);
        while (bands.size() < most + spare && add(bands)) refine(bands, quick);
        while (bands.size() > most) {
            drop(bands, bands.size(), 0);
            refine(bands, quick);
        }
        return bands;
    }

    void shake(Bands& bands) {
        for (FitBand& band : bands) {
            band.log_hz += 0.2 * random();
            band.gain_db += 1.0 * random();
            band.log_q += 0.35 * random();
        }
    }

    // About normal, the same in every run: three even numbers of a linear congruence (D. Lehmer; Park and Miller, 1988).
    double random() {
        double sum = 0.0;
        for (int i = 0; i < 3; ++i) {
            seed_ = seed_ * 48271U % 2147483647U;
            sum += 2.0 * static_cast<double>(seed_) / 2147483647.0 - 1.0;
        }
        return sum;
    }

    std::uint64_t seed_ = 20'260'101U;
    std::vector<double> target_db_;
    BandFitOptions options_;
    double top_hz_;
    BandLeastSquares squares_;
    std::vector<double> log_hz_, weights_;
};

}  // namespace

BandFit fit_bands(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
                  double sample_rate, const BandFitOptions& options) {
    const Wanted wanted{{hz.begin(), hz.end()}, {target_db.begin(), target_db.end()}, {weights.begin(), weights.end()}};
    const auto [first, best] = Search(halved(wanted), sample_rate, options).run();
    BandFit fit = refine_bands(hz, target_db, weights, sample_rate, first.bands, options);
    fit.evaluations += best.evaluations;
    if (options.rounds == 0) return fit;
    // On every second point one may have been better that is not on all.
    BandFit other = refine_bands(hz, target_db, weights, sample_rate, best.bands, options);
    other.evaluations += fit.evaluations;
    return other.cost < fit.cost ? other : fit;
}

BandFit refine_bands(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
                     double sample_rate, std::span<const FitBand> start, const BandFitOptions& options) {
    BandLeastSquares squares(hz, target_db, weights, sample_rate, static_cast<int>(start.size()));
    BandFit fit{Bands(start.begin(), start.end()), 0.0, 0};
    fit.cost = squares.refine(fit.bands, bounds_of(fit.bands, options, top_hz_at(sample_rate)), last);
    fit.evaluations = squares.evaluations();
    sort_bands(fit.bands);
    return fit;
}

}  // namespace smartmix::dsp
