#include "dsp/fir_design.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "dsp/polar.hpp"

namespace smartmix::dsp {
namespace {

constexpr float lowest_part = 1e-6F;  // -120 dB: a logarithm has to end somewhere

// 1, then down to 0 over the last quarter of `frames`.
std::vector<float> faded_out(int frames) {
    std::vector<float> fade(static_cast<std::size_t>(frames), 1.0F);
    const int length = frames / 4;
    for (int i = 0; i < length; ++i) {
        const double part = (i + 1.0) / length;
        fade[static_cast<std::size_t>(frames - length + i)] =
            static_cast<float>(0.5 + 0.5 * std::cos(std::numbers::pi * part));
    }
    return fade;
}

}  // namespace

FirDesign::FirDesign(int taps, int grid) : taps_(taps), fft_(grid), work_(fft_) {
    if (taps < 8 || taps % 2 != 0 || taps > grid) throw std::invalid_argument("FIR: expected an even number of taps up to the grid");
    fade_ = faded_out(taps);
    re_.resize(static_cast<std::size_t>(fft_.bins()));
    im_.resize(static_cast<std::size_t>(fft_.bins()));
    time_.resize(static_cast<std::size_t>(grid));
}

void FirDesign::linear_phase(const float* magnitude, float* taps) noexcept {
    std::fill(im_.begin(), im_.end(), 0.0F);
    fft_.inverse(magnitude, im_.data(), time_.data(), work_);
    const int half = taps_ / 2;
    taps[half] = time_[0];
    taps[0] = 0.0F;
    for (int i = 1; i < half; ++i) {
        const float faded = time_[static_cast<std::size_t>(i)] * fade_[static_cast<std::size_t>(2 * i)];
        taps[half + i] = taps[half - i] = faded;
    }
}

void FirDesign::minimum_phase(const float* magnitude, float* taps) noexcept {
    const int bins = fft_.bins();
    const float floor = std::max(*std::max_element(magnitude, magnitude + bins) * lowest_part, 1e-30F);
    for (int k = 0; k < bins; ++k) re_[static_cast<std::size_t>(k)] = std::log(std::max(magnitude[k], floor));
    for (int step = 0; step < minimum_phase_steps; ++step) minimum_phase_step(step, re_.data(), taps);
}

void FirDesign::minimum_phase_step(int step, const float* log_magnitude, float* taps) noexcept {
    constexpr int last = minimum_phase_steps - 1;
    if (step == 0) return fold_cepstrum(log_magnitude);
    if (step == 1) return fft_.forward(time_.data(), re_.data(), im_.data(), work_);
    if (step < last) {
        const int part = (fft_.bins() + last - 3) / (last - 2);
        return turn((step - 2) * part, std::min((step - 1) * part, fft_.bins()));
    }
    fft_.inverse(re_.data(), im_.data(), time_.data(), work_);
    for (int i = 0; i < taps_; ++i) {
        taps[i] = time_[static_cast<std::size_t>(i)] * fade_[static_cast<std::size_t>(i)];
    }
}

void FirDesign::fold_cepstrum(const float* log_magnitude) noexcept {
    std::fill(im_.begin(), im_.end(), 0.0F);
    fft_.inverse(log_magnitude, im_.data(), time_.data(), work_);
    const auto half = time_.size() / 2;
    for (std::size_t i = 1; i < half; ++i) time_[i] *= 2.0F;
    std::fill(time_.begin() + static_cast<std::ptrdiff_t>(half) + 1, time_.end(), 0.0F);
}

// From logarithm and angle to real and imaginary part.
void FirDesign::turn(int first, int end) noexcept {
    float* __restrict re = re_.data();
    float* __restrict im = im_.data();
    for (int k = first; k < end; ++k) polar(re[k], im[k], re[k], im[k]);
}

}  // namespace smartmix::dsp
