#pragma once
#include <cstdint>
#include <vector>

namespace smartmix::dsp {

// Whole numbers with the rounding error fed back through `taps`: the noise is white noise filtered by 1 + sum taps[k] z^-(k+1),
// so a filter that is low where the ear is keen moves it to where it is not. Gerzon and Craven, AES 87th Convention (1989).
class NoiseShaper {
public:
    NoiseShaper(std::vector<double> taps, int channels);

    // `exact` and `noise` (the dither, in steps) hold `frames` frames of all channels, one channel beside the other; so do
    // `codes`. Codes stay within -full_scale and full_scale - 1.
    void quantise(const double* exact, const double* noise, std::int32_t* codes, std::size_t frames, double full_scale) noexcept;

    std::int64_t clipped() const noexcept { return clipped_; }

private:
    std::vector<double> taps_;
    int channels_;
    std::vector<double> errors_;  // of the last frames, the newest at `newest_`; taps.size() for each channel, twice over: no end to wrap at
    std::size_t newest_ = 0;
    std::int64_t clipped_ = 0;
};

}  // namespace smartmix::dsp
