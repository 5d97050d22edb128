#include "dsp/band_compressor.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

constexpr double rms_ms = 10.0;
constexpr double crest_ms = 200.0;
// Crest factors squared of a sine, and of the sharpest hits that still make the times shorter (20 dB).
constexpr double smooth_crest = 2.0;
constexpr double sharpest_crest = 100.0;

}  // namespace

void BandCompressor::prepare(double sample_rate, int heard_channels) {
    sample_rate_ = sample_rate;
    powers_.assign(static_cast<std::size_t>(heard_channels), 0.0);
    power_keep_ = keep_per_frame(rms_ms, sample_rate);
    crest_keep_ = keep_per_frame(crest_ms, sample_rate);
}

void BandCompressor::clear() noexcept {
    std::fill(powers_.begin(), powers_.end(), 0.0);
    crest_peak_ = crest_power_ = 0.0;
    detector_.jump(0.0);
    idle_ = true;
}

void BandCompressor::set_bypass(bool on, bool at_once) noexcept {
    live_.move(on ? 0.0 : 1.0, at_once ? 0 : static_cast<int>(std::lround(0.001 * fade_ms * sample_rate_)));
}

int BandCompressor::cell_frames() const noexcept {
    const int still_frames = detection_.auto_times ? moving_cell_frames : longest_cell_frames;
    const int frames = cell_length(controls_, still_frames, moving_cell_frames);
    return cell_length({&live_, 1}, frames, frames);
}

bool BandCompressor::neutral() const noexcept {
    const bool out = live_.value() == 0.0 && !live_.moving();
    const bool nothing = controls_[ratio].value() == 1.0 && !controls_[ratio].moving() && makeup_.unity();
    return out || (nothing && detector_.value() == 0.0);
}

void BandCompressor::begin_cell() noexcept {
    const bool out = live_.value() == 0.0 && !live_.moving();
    if (out || detector_.value() < settled_db) detector_.jump(0.0);
    const Ramp& now = controls_[ratio];
    idle_ = out || (now.value() == 1.0 && !now.moving() && detector_.value() == 0.0);
    if (idle_) {  // it begins to listen anew when it is needed again
        clear();
        return;
    }
    curve_ = CompressionCurve(controls_[threshold].value(), now.value(), controls_[knee].value());
    set_times();
}

// Automatic: the times set are those of a steady tone; the higher the crest factor, the shorter (Giannoulis, Massberg &
// Reiss, "Parameter automation in a dynamic range compressor", JAES 61, 2013).
void BandCompressor::set_times() noexcept {
    double share = 1.0;
    if (detection_.auto_times && crest_power_ > 0.0) {
        share = smooth_crest / std::clamp(crest_peak_ / crest_power_, smooth_crest, sharpest_crest);
    }
    detector_.set_times(share * controls_[attack].value(), share * controls_[release].value(), sample_rate_);
}

void BandCompressor::run(BlockView heard, const float* mix, int frames) noexcept {
    if (idle_) {
        std::fill_n(factors_.begin(), frames, 1.0F);
    } else {
        measure(heard, frames);
        reduce(frames);
    }
    join(mix, frames);
    for (Ramp& ramp : controls_) ramp.advance(frames);
    live_.advance(frames);
}

void BandCompressor::measure(BlockView heard, int frames) noexcept {
    read_peaks(heard, 0, frames, levels_.data());
    if (detection_.auto_times) follow_crest(frames);
    if (!detection_.rms) return;
    std::fill_n(levels_.begin(), frames, 0.0F);
    for (int c = 0; c < heard.channel_count; ++c) {
        const float* x = heard.channels[c];
        double power = powers_[static_cast<std::size_t>(c)];
        for (int i = 0; i < frames; ++i) {
            const auto sample = static_cast<double>(x[i]);
            power = power_keep_ * power + (1.0 - power_keep_) * (sample * sample);
            float& level = levels_[static_cast<std::size_t>(i)];
            level = std::max(level, static_cast<float>(power));
        }
        powers_[static_cast<std::size_t>(c)] = power;
    }
}

void BandCompressor::follow_crest(int frames) noexcept {
    for (int i = 0; i < frames; ++i) {
        const auto peak = static_cast<double>(levels_[static_cast<std::size_t>(i)]);
        const double square = peak * peak;
        const double added = (1.0 - crest_keep_) * square;
        crest_peak_ = std::max(square, crest_keep_ * crest_peak_ + added);
        crest_power_ = crest_keep_ * crest_power_ + added;
    }
}

void BandCompressor::reduce(int frames) noexcept {
    const float scale = detection_.rms ? db_per_octave_of_power : db_per_octave_of_amplitude;
    const CompressionCurve curve = curve_;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        reductions_[i] = curve.reduction_db(scale * log2_fast(levels_[i]));
    }
    detector_.run(reductions_.data(), frames);
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
