#include "dsp/band_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

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
constexpr double worth_a_try = 1.3;  // times the best cost: a start that is further off after few steps is given up

constexpr BandLeastSquares::Effort quick{10, 1e-3};
constexpr BandLeastSquares::Effort thorough{60, 1e-5};
constexpr BandLeastSquares::Effort last{200, 1e-8};

using Bands = std::vector<FitBand>;

class Search {
public:
    Search(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
           double sample_rate, const BandFitOptions& options)
        : target_db_(target_db), options_(options), top_hz_(std::min(highest_hz, highest_share * sample_rate)),
          squares_(hz, target_db, weights, sample_rate, options.bands) {
        for (const double f : hz) log_hz_.push_back(std::log(f));
        for (const double w : weights) weights_.push_back(std::abs(w));
    }

    BandFit run() {
        BandFit best{greedy(options_.shelves && options_.bands >= 3), 0.0, 0};
        best.cost = refine(best.bands, thorough);
        if (options_.shelves && options_.bands >= 3) keep_if_better(best, greedy(false));
        for (int round = 0; round < options_.rounds; ++round) better(best, round);
        return finished(best);
    }

    BandFit from(std::span<const FitBand> start) { return finished({Bands(start.begin(), start.end()), 0.0, 0}); }

private:
    BandFit finished(BandFit fit) {
        fit.cost = refine(fit.bands, last);
        std::sort(fit.bands.begin(), fit.bands.end(), [](const FitBand& a, const FitBand& b) {
            const auto place = [](const FitBand& x) {
                return x.shape == BandShape::low_shelf ? 0 : x.shape == BandShape::high_shelf ? 2 : 1;
            };
            return place(a) != place(b) ? place(a) < place(b) : a.log_hz < b.log_hz;
        });
        fit.evaluations = squares_.evaluations();
        return fit;
    }

    BandBounds bounds_of(const FitBand& band) const {
        const double gain = options_.max_gain_db;
        const double low = std::log(lowest_hz);
        const double high = std::log(top_hz_);
        if (band.shape == BandShape::bell) {
            return {{low, -gain, std::log(least_q)}, {high, gain, std::log(options_.max_q)}};
        }
        return {{low, -gain, std::log(least_shelf_q)}, {high, gain, std::log(std::min(most_shelf_q, options_.max_q))}};
    }

    double refine(Bands& bands, BandLeastSquares::Effort effort) {
        std::vector<BandBounds> bounds;
        for (const FitBand& band : bands) bounds.push_back(bounds_of(band));
        return squares_.refine(bands, bounds, effort);
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
        for (std::size_t first = 0; first < rest.size();) {
            std::size_t end = first;
            std::size_t peak = first;
            double area = 0.0;
            for (; end < rest.size() && (rest[end] > 0.0) == (rest[first] > 0.0); ++end) {
                const double width = end + 1 < rest.size() ? log_hz_[end + 1] - log_hz_[end] : log_hz_[end] - log_hz_[end - 1];
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

    // Takes out the band that is missed least (in later rounds the next ones) and puts it where most is missing.
    void better(BandFit& best, int round) {
        if (best.bands.size() < 2) return;
        std::vector<std::pair<double, std::size_t>> missed;
        for (std::size_t i = 0; i < best.bands.size(); ++i) {
            Bands without = best.bands;
            without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
            missed.emplace_back(squares_.cost_of(without), i);
        }
        std::sort(missed.begin(), missed.end());
        const std::size_t out = missed[static_cast<std::size_t>(round) % missed.size()].second;
        Bands bands = best.bands;
        bands.erase(bands.begin() + static_cast<std::ptrdiff_t>(out));
        refine(bands, quick);
        if (add(bands)) keep_if_better(best, std::move(bands));
    }

    std::span<const double> target_db_;
    BandFitOptions options_;
    double top_hz_;
    BandLeastSquares squares_;
    std::vector<double> log_hz_, weights_;
};

}  // namespace

BandFit fit_bands(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
                  double sample_rate, const BandFitOptions& options) {
    return Search(hz, target_db, weights, sample_rate, options).run();
}

BandFit refine_bands(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
                     double sample_rate, std::span<const FitBand> start, const BandFitOptions& options) {
    BandFitOptions as_many = options;
    as_many.bands = static_cast<int>(start.size());
    return Search(hz, target_db, weights, sample_rate, as_many).from(start);
}

}  // namespace smartmix::dsp
