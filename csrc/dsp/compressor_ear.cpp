#include "dsp/compressor_ear.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/detector_times.hpp"
#include "dsp/dynamics.hpp"
#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

constexpr double rms_ms = 10.0;
constexpr double crest_ms = 200.0;
// Crest factors squared of a sine, and of the sharpest hits that still make the times shorter (20 dB).
constexpr double smooth_crest = 2.0;
constexpr double sharpest_crest = 100.0;
constexpr double curve_error_db = 0.01;  // more than the fast logarithm is off: below it the curve is 0 to the last bit

}  // namespace

void CompressorEar::prepare(double sample_rate, int heard_channels) {
    sample_rate_ = sample_rate;
    rise_ms_ = fall_ms_ = 0.0;
    powers_.assign(static_cast<std::size_t>(heard_channels), 0.0);
    power_keep_ = keep_per_frame(rms_ms, sample_rate);
    crest_keep_ = keep_per_frame(crest_ms, sample_rate);
}

void CompressorEar::clear() noexcept {
    std::fill(powers_.begin(), powers_.end(), 0.0);
    crest_peak_ = crest_power_ = 0.0;
}

void CompressorEar::set_curve(double threshold_db, double ratio, double knee_db) noexcept {
    const CompressionCurve curve(threshold_db, ratio, knee_db);
    curve_ = {detection_.rms ? db_per_octave_of_power : db_per_octave_of_amplitude, curve.threshold_db, curve.slope,
              curve.half_knee_db, curve.half_over_knee, CompressionCurve::loudest_over_db};
    const double first_db = threshold_db - 0.5 * knee_db - curve_error_db;
    quiet_below_ = static_cast<float>(std::exp(first_db * (std::numbers::ln10 / 20.0)));
}

// Automatic: the times set are those of a steady tone; the higher the crest factor, the shorter (Giannoulis, Massberg &
// Reiss, "Parameter automation in a dynamic range compressor", JAES 61, 2013).
void CompressorEar::set_times(double attack_ms, double release_ms, kernels::DetectorLanes& detectors, int lane) noexcept {
    double share = 1.0;
    if (detection_.auto_times && crest_power_ > 0.0) {
        share = smooth_crest / std::clamp(crest_peak_ / crest_power_, smooth_crest, sharpest_crest);
    }
    const double rise_ms = share * attack_ms;
    const double fall_ms = share * release_ms;
    if (rise_ms == rise_ms_ && fall_ms == fall_ms_) return;
    rise_ms_ = rise_ms;
    fall_ms_ = fall_ms;
    set_detector_times(detectors, lane, rise_ms, fall_ms, sample_rate_);
}

bool CompressorEar::want(const float* const* heard, int channels, int frames, double now_db, float* wanted) noexcept {
    const kernels::DynamicsKernels& kernel = kernels::dynamics_kernels();
    const bool peaks = channels > 0 && (!detection_.rms || detection_.auto_times);
    if (channels == 0) std::fill_n(wanted, frames, 0.0F);  // nothing is heard: what is left is let go
    const float loudest = peaks ? kernel.peaks(heard, channels, wanted, frames) : 0.0F;
    if (detection_.auto_times) follow_crest(wanted, frames);
    if (detection_.rms) follow_powers(heard, channels, frames, wanted);
    if (!detection_.rms && loudest < quiet_below_ && now_db == 0.0) return false;
    kernel.want(curve_, wanted, frames);
    return true;
}

// Channels pair by pair: the two wait for their last frames at the same time.
void CompressorEar::follow_powers(const float* const* heard, int channels, int frames, float* levels) noexcept {
    typedef double Two __attribute__((vector_size(16)));
    std::fill_n(levels, frames, 0.0F);
    const double keep = power_keep_, take = 1.0 - power_keep_;
    for (int c = 0; c < channels; c += 2) {
        const int other = std::min(c + 1, channels - 1);
        const float *left = heard[c], *right = heard[other];
        double& first = powers_[static_cast<std::size_t>(c)];
        double& second = powers_[static_cast<std::size_t>(other)];
        Two power = {first, second};
        for (int i = 0; i < frames; ++i) {
            const Two sample = {static_cast<double>(left[i]), static_cast<double>(right[i])};
            power = keep * power + take * (sample * sample);
            levels[i] = std::max(levels[i], static_cast<float>(std::max(power[0], power[1])));
        }
        first = power[0], second = power[1];
    }
}

void CompressorEar::follow_crest(const float* levels, int frames) noexcept {
    double peak_now = crest_peak_, power = crest_power_;
    const double keep = crest_keep_, take = 1.0 - crest_keep_;
    for (int i = 0; i < frames; ++i) {
        const auto peak = static_cast<double>(levels[i]);
        const double square = peak * peak;
        const double added = take * square;
        peak_now = std::max(square, keep * peak_now + added);
        power = keep * power + added;
    }
    crest_peak_ = peak_now;
    crest_power_ = power;
}

}  // namespace smartmix::dsp
