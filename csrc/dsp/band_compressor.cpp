#include "dsp/band_compressor.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
void BandCompressor::prepare(double sample_rate, int heard_channels) {
    sample_rate_ = sample_rate;
    ear_.prepare(sample_rate, heard_channels);
}

void BandCompressor::clear() noexcept {
    ear_.clear();
    detectors_.value.lane[0] = 0.0;
    idle_ = true;
}

void BandCompressor::set_bypass(bool on, bool at_once) noexcept {
    live_.move(on ? 0.0 : 1.0, at_once ? 0 : static_cast<int>(std::lround(0.001 * fade_ms * sample_rate_)));
}

int BandCompressor::cell_frames() const noexcept {
    const int still_frames = ear_.detection().auto_times ? moving_cell_frames : longest_cell_frames;
    const int frames = cell_length(controls_, still_frames, moving_cell_frames);
    return cell_length({&live_, 1}, frames, frames);
}

bool BandCompressor::neutral() const noexcept {
    const bool out = live_.value() == 0.0 && !live_.moving();
    const bool nothing = controls_[ratio].value() == 1.0 && !controls_[ratio].moving() && makeup_.unity();
    return out || (nothing && reduction_db() == 0.0);
}

void BandCompressor::begin_cell() noexcept {
    const bool out = live_.value() == 0.0 && !live_.moving();
    if (out || reduction_db() < settled_db) detectors_.value.lane[0] = 0.0;
    const Ramp& now = controls_[ratio];
    idle_ = out || (now.value() == 1.0 && !now.moving() && reduction_db() == 0.0);
    if (idle_) {  // it begins to listen anew when it is needed again
        clear();
        return;
    }
    ear_.set_curve(controls_[threshold].value(), now.value(), controls_[knee].value());
    ear_.set_times(controls_[attack].value(), controls_[release].value(), detectors_, 0);
}

void BandCompressor::run(BlockView heard, const float* mix, int frames) noexcept {
    if (idle_) {
        std::fill_n(factors_.begin(), frames, 1.0F);
    } else {
        reduce(heard, frames);
    }
    join(mix, frames);
    for (Ramp& ramp : controls_) ramp.advance(frames);
    live_.advance(frames);
}

void BandCompressor::reduce(BlockView heard, int frames) noexcept {
    if (!ear_.want(heard.channels, heard.channel_count, frames, reduction_db(), reductions_.data())) {
        std::fill_n(reductions_.begin(), frames, 0.0F);
        std::fill_n(factors_.begin(), frames, 1.0F);
        return;
    }
    float* const rows[4] = {reductions_.data(), silent_.data(), silent_.data(), silent_.data()};
    kernels::dynamics_kernels().detect(detectors_, rows, 1, frames);
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        factors_[i] = factor_of_reduction(reductions_[i]);
    }
}

// Make-up, and how much of the compressed band there is: exactly 1 where nothing is done.
void BandCompressor::join(const float* mix, int frames) noexcept {
    CellValues gains;
    makeup_.fill(gains.data(), frames);
    for (int i = 0; i < frames; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const float share = mix[i] * static_cast<float>(live_.value_after(i));
        factors_[at] = (1.0F - share) + share * (factors_[at] * gains[at]);
    }
}

}  // namespace smartmix::dsp
