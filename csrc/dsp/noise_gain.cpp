#include "dsp/noise_gain.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

constexpr float highest_ratio = 1e4F;
constexpr float least_prior = 0.0031622777F;  // -25 dB: what is lower sounds like bubbles (O. Cappé, 1994)
constexpr float quick = 0.90F, calm = 0.98F;  // how much of the ratio comes from the frame before
constexpr int around = 3;                     // bins to each side that speak for one
constexpr float expected_ratio = 10.0F;       // of sound, where there is some
constexpr float odds = 0.7F / 0.3F;           // of sound, before looking
constexpr float half_freedom = 4.0F;          // of the mean over `around` bins and two frames that overlap
constexpr float log2_e = 1.4426950F;

// exp(E1(v) / 2) by M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 5.1.53 and 5.1.56; v > 0.
float half_exponential_integral(float v) noexcept {
    if (v < 1.0F) {
        const float series = -0.57721566F + v * (0.99999193F + v * (-0.24991055F + v * (0.05519968F + v * (-0.00976004F +
                             v * 0.00107857F))));
        return exp2_fast(0.5F * (log2_e * series - log2_fast(v)));
    }
    if (v > 40.0F) return 1.0F;
    const float above = 0.2677737343F + v * (8.6347608925F + v * (18.0590169730F + v * (8.5733287401F + v)));
    const float below = 3.9584969228F + v * (21.0996530827F + v * (25.6329561486F + v * (9.5733223454F + v)));
    const float e1 = exp2_fast(-log2_e * v) * above / (v * below);
    return exp2_fast(0.5F * log2_e * e1);
}

}  // namespace

NoiseGain::NoiseGain(int bins) {
    for (auto* row : {&kept_, &ratio_, &ratio_before_, &presence_, &gains_}) {
        row->assign(static_cast<std::size_t>(bins), 0.0F);
    }
}

void NoiseGain::clear() noexcept {
    for (auto* row : {&kept_, &ratio_, &ratio_before_}) std::fill(row->begin(), row->end(), 0.0F);
}

void NoiseGain::skip() noexcept {
    std::fill(kept_.begin(), kept_.end(), 0.0F);
    std::fill(ratio_.begin(), ratio_.end(), 0.0F);
}

void NoiseGain::find(const float* power, const float* noise, const Settings& settings) noexcept {
    const std::size_t bins = gains_.size();
    std::swap(ratio_, ratio_before_);
    for (std::size_t k = 0; k < bins; ++k) {
        ratio_[k] = noise[k] > 0.0F ? std::min(power[k] / noise[k], highest_ratio) : highest_ratio;
    }
    find_presence(bins);
    const float memory = quick + (calm - quick) * settings.smoothing;
    const float floor_log2 = log2_fast(settings.floor);
    for (std::size_t k = 0; k < bins; ++k) {
        const float prior =
            std::max(memory * kept_[k] + (1.0F - memory) * std::max(ratio_[k] - 1.0F, 0.0F), least_prior);
        const float wiener = prior / (1.0F + prior);
        const float v = std::max(wiener * ratio_[k], 1e-8F);
        const float sound = std::min(wiener * half_exponential_integral(v), 1.0F);
        kept_[k] = sound * sound * ratio_[k];
        const float doubt = settings.smoothing * (1.0F - presence_[k]);
        const float mixed = exp2_fast((1.0F - doubt) * log2_fast(sound) + doubt * floor_log2);
        gains_[k] = noise[k] > 0.0F ? std::clamp(mixed, settings.floor, 1.0F) : 1.0F;
    }
}

// The neighbourhood as a running sum, in double: what it forgets leaves less than 1e-10 behind.
void NoiseGain::find_presence(std::size_t bins) noexcept {
    const auto at = [&](std::ptrdiff_t k) {
        const auto i = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(k, 0, static_cast<std::ptrdiff_t>(bins) - 1));
        return static_cast<double>(ratio_[i]) + static_cast<double>(ratio_before_[i]);
    };
    constexpr float share = expected_ratio / (1.0F + expected_ratio);
    const float offset = std::log(1.0F + expected_ratio);
    double sum = 0.0;
    for (std::ptrdiff_t k = -around; k < around; ++k) sum += at(k);
    for (std::size_t k = 0; k < bins; ++k) {
        const auto middle = static_cast<std::ptrdiff_t>(k);
        sum += at(middle + around);
        const auto mean = static_cast<float>(sum / (2.0 * (2 * around + 1)));
        sum -= at(middle - around);
        const float likelihood = std::min(half_freedom * (mean * share - offset), 40.0F);
        const float against = exp2_fast(-log2_e * likelihood) / odds;
        presence_[k] = 1.0F / (1.0F + against);
    }
}

}  // namespace smartmix::dsp
