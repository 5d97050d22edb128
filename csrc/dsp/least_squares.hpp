#pragma once
#include <span>
#include <vector>

#include "dsp/band_model.hpp"

namespace smartmix::dsp {

// What a band may be set to.
struct BandBounds {
    double low[3];
    double high[3];
};

// Levenberg-Marquardt (D. Marquardt, 1963; K. Madsen, H. Nielsen, O. Tingleff, "Methods for non-linear least squares
// problems", 2004) on the settings of bands, within bounds: a setting that stands at its bound and wants to go beyond
// rests for that step.
class BandLeastSquares {
public:
    BandLeastSquares(std::span<const double> hz, std::span<const double> target_db, std::span<const double> weights,
                     double sample_rate, int most_bands);  // allocates

    struct Effort {
        int steps;
        double least_gain;  // ends when a step lowers the cost by less than this part of it
    };

    // Betters `bands` in place and returns the cost.
    double refine(std::span<FitBand> bands, std::span<const BandBounds> bounds, Effort effort);
    double cost_of(std::span<const FitBand> bands);  // and the residual
    const std::vector<double>& residual_db() const noexcept { return residual_db_; }  // of the last of the two calls
    int evaluations() const noexcept { return evaluations_; }

private:
    double evaluate(std::span<const FitBand> bands, bool slopes);
    void gather(int settings);
    bool solve(std::span<const FitBand> bands, std::span<const BandBounds> bounds, double damping);
    bool factor(int order);

    std::vector<double> target_db_, squared_weights_;
    BandModel model_;
    std::vector<double> residual_db_, scratch_, matrix_, slope_, factor_, step_;
    std::vector<int> free_;
    int evaluations_ = 0;
};

}  // namespace smartmix::dsp
