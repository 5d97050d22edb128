#pragma once
#include <span>
#include <vector>

#include "dsp/svf_design.hpp"

namespace smartmix::dsp {

// The magnitude of equaliser bands in series on a grid of frequencies 0 ... half the sample rate, as response_db gives it
// but for many frequencies at once: no logarithm and no tangent for each.
class BandMagnitude {
public:
    explicit BandMagnitude(int bins);  // allocates

    void clear() noexcept { count_ = 0; }
    void add(const BandSections& band) noexcept;  // up to max_sections in all; beyond, nothing is added

    // magnitude[k] for k = first ... end - 1.
    void evaluate(int first, int end, float* magnitude) noexcept;

    int bins() const noexcept { return static_cast<int>(sine2_.size()); }

private:
    static constexpr int max_bands = 24;
    static constexpr int max_sections = max_bands * max_sections_per_band;

    std::vector<double> sine2_, cosine2_;  // of half the angle: tan^2, without its pole at half the sample rate
    std::vector<double> power_;
    SvfCoefficients sections_[max_sections];
    int count_ = 0;
};

}  // namespace smartmix::dsp
