#pragma once
#include <span>
#include <vector>

#include "dsp/band_model.hpp"

namespace smartmix::dsp {

struct BandFitOptions {
    int bands = 10;  // at most; fewer where another would not be heard
    double max_gain_db = 18.0;
    double max_q = 8.0;
    bool shelves = true;  // from three bands on a low and a high shelf may take the ends
    int rounds = 24;      // attempts to do better than the greedy fit
};

struct BandFit {
    std::vector<FitBand> bands;  // by rising frequency, shelves at the ends
    double cost = 0.0;           // sum of squared weighted errors, dB^2
    int evaluations = 0;
};

// Bands in series whose response comes as near to `target_db` at `hz` (rising) as squares go, each point with its weight.
// Bands are put one after another where the largest lobe of what is missing lies, all of them adjusted each time
// (Levenberg-Marquardt within bounds); then bands that do little are taken out and put elsewhere while that helps.
// The same input gives the same bands. Not for the audio thread: allocates, takes milliseconds.
BandFit fit_bands(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
                  double sample_rate, const BandFitOptions& options);

// Adjusts given bands only: what fit_bands does from each start. Gains, q and frequencies are brought within bounds.
BandFit refine_bands(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
                     double sample_rate, std::span<const FitBand> start, const BandFitOptions& options);

}  // namespace smartmix::dsp
