#pragma once
#include <span>
#include <vector>

#include "dsp/band_designs.hpp"
#include "dsp/svf_design.hpp"
#include "kernels/band_slopes.hpp"

namespace smartmix::dsp {

// A band whose frequency and q are searched for: straight in their logarithms, gain straight in dB.
struct FitBand {
    BandShape shape = BandShape::bell;
    double log_hz = 0.0;
    double gain_db = 0.0;
    double log_q = 0.0;
};

BandSettings settings_of(const FitBand& band);

// The response in dB of bands in series on a list of frequencies, and its slopes by log_hz, gain_db and log_q of every
// band. The response is that of the designs that play (band_designs.hpp). With t = tan^2(w / 2), W = t / g^2, it is
//     10 lg of  ((m0 + m2 - m0 W)^2 + (m0 k + m1)^2 W) / ((1 - W)^2 + k^2 W)
// whose slopes by the five numbers g^-2, m0 + m2, m0, (m0 k + m1)^2 and k^2 are closed forms. The slopes of those five
// by a setting are central differences of the design in double: no frequency takes part, so this costs little, is good to
// 1e-5, and needs no change when a design is improved.
class BandModel {
public:
    BandModel(std::span<const double> hz, double sample_rate, int most_bands);  // allocates

    int points() const noexcept { return points_; }
    int places() const noexcept { return static_cast<int>(t_.size()); }  // points() brought up to a multiple of four

    // The response, and with `slopes` the Jacobian behind it.
    void evaluate(std::span<const FitBand> bands, bool slopes) noexcept;

    const std::vector<double>& response_db() const noexcept { return response_db_; }
    // Column 3 band + of, of: 0 ... 2, begins at slopes() + places() times its number.
    const double* slopes() const noexcept { return slopes_.data(); }

private:
    using Powers = kernels::BandSlopeKernels::Powers;
    using Slopes = kernels::BandSlopeKernels::Slopes;
    static constexpr int designs_per_band = 7;  // as it is, and a step up and down in each setting

    void design(std::span<const FitBand> bands, bool slopes) noexcept;
    Powers powers_at(int band, int which) const noexcept;
    Powers difference(int band, int of) const noexcept;
    void add(const Powers& at) noexcept;
    void add_with_slopes(int band, const Powers& at, const Slopes& by) noexcept;

    int points_;
    double sample_rate_;
    BandDesigns designs_;
    std::vector<BandSections> made_;
    std::vector<double> t_, ratio_, response_db_, slopes_;
};

}  // namespace smartmix::dsp
