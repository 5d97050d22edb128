#pragma once
#include <vector>

namespace smartmix::dsp {

// How much of a frame is kept, per bin, when noise of known power lies under it: log-spectral amplitude estimator
// (Y. Ephraim, D. Malah, IEEE Trans. ASSP 33, 1985) with their decision-directed signal-to-noise ratio, weighted by the
// probability that there is any sound at all, from the power around each bin (I. Cohen, IEEE Signal Processing Letters 9,
// 2002; the fixed prior of T. Gerkmann, C. Breithaupt, R. Martin, 2008).
class NoiseGain {
public:
    struct Settings {
        float floor = 1.0F;      // the least gain, 0 < floor <= 1
        float smoothing = 0.5F;  // 0: quick and detailed, 1: no musical noise
    };

    explicit NoiseGain(int bins);
    void clear() noexcept;
    // `noise` is the expected power of each bin; where it is 0 the gain is exactly 1.
    void find(const float* power, const float* noise, const Settings& settings) noexcept;
    // A frame without any reduction: the memory goes on.
    void skip() noexcept;
    const float* gains() const noexcept { return gains_.data(); }

private:
    void find_presence(std::size_t bins) noexcept;

    std::vector<float> kept_;  // G^2 * power / noise of the frame before
    std::vector<float> ratio_, ratio_before_, presence_, gains_;
};

}  // namespace smartmix::dsp
