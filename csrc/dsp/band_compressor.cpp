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
    detectors_->value.lane[lane_] = 0.0;
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
    if (out || reduction_db() < settled_db) detectors_->value.lane[lane_] = 0.0;
    const Ramp& now = controls_[ratio];
    idle_ = out || (now.value() == 1.0 && !now.moving() && reduction_db() == 0.0);
    if (idle_) {  // it begins to listen anew when it is needed again
        clear();
        return;
    }
    ear_.set_curve(controls_[threshold].value(), now.value(), controls_[knee].value());
    ear_.set_times(controls_[attack].value(), controls_[release].value(), *detectors_, lane_);
}

void BandCompressor::want(BlockView heard, int frames) noexcept {
    quiet_ = idle_ || !ear_.want(heard.channels, heard.channel_count, frames, reduction_db(), reductions_.data());
    if (quiet_) std::fill_n(reductions_.begin(), frames, 0.0F);
}

void BandCompressor::finish(const float* mix, int frames) noexcept {
    if (quiet_) {
        std::fill_n(factors_.begin(), frames, 1.0F);
    } else {
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
            factors_[i] = factor_of_reduction(reductions_[i]);
        }
    }
    join(mix, frames);
    for (Ramp& ramp : controls_) ramp.advance(frames);
    live_.advance(frames);
}

// Make-up, and how much of the compressed band there is: exactly 1 where nothing is done.
void BandCompressor::join(const float* mix, int frames) noexcept {
    CellValues gains, shares;
    makeup_.fill(gains.data(), frames);
    if (live_.moving()) {
        for (int i = 0; i < frames; ++i) shares[static_cast<std::size_t>(i)] = static_cast<float>(live_.value_after(i));
    } else {
        std::fill_n(shares.begin(), frames, static_cast<float>(live_.value()));
    }
    for (int i = 0; i < frames; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const float share = mix[i] * shares[at];
        factors_[at] = (1.0F - share) + share * (factors_[at] * gains[at]);
    }
}

}  // namespace smartmix::dsp
