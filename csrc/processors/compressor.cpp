#include "processors/compressor.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/fast_log.hpp"

namespace smartmix {
namespace {

constexpr double rms_ms = 10.0;
constexpr double crest_ms = 200.0;
// Crest factors squared of a sine, and of the sharpest hits that still make the times shorter (20 dB).
constexpr double smooth_crest = 2.0;
constexpr double sharpest_crest = 100.0;
constexpr double curve_error_db = 0.01;  // more than the fast logarithm is off: below it the curve is 0 to the last bit

}  // namespace

Compressor::Compressor()
    : Processor({{"threshold_db", "Threshold", "dB", -60.0, 0.0, -18.0, Scale::db, {}},
                 {"ratio", "Ratio", "", 1.0, 20.0, 1.0, Scale::linear, {}},
                 {"knee_db", "Knee", "dB", 0.0, 24.0, 6.0, Scale::db, {}},
                 {"attack_ms", "Attack", "ms", 0.05, 250.0, 10.0, Scale::log, {}},
                 {"release_ms", "Release", "ms", 5.0, 2500.0, 100.0, Scale::log, {}},
                 {"lookahead_ms", "Look-ahead", "ms", 0.0, 10.0, 0.0, Scale::linear, {}},
                 {"makeup_db", "Make-up", "dB", -24.0, 24.0, 0.0, Scale::db, {}},
                 {"mix", "Mix", "", 0.0, 1.0, 1.0, Scale::linear, {}},
                 {"detection", "Detection", "", 0.0, 1.0, 0.0, Scale::choice, {"peak", "rms"}},
                 {"auto_times", "Automatic times", "", 0.0, 1.0, 0.0, Scale::toggle, {}}}) {}

Reduction Compressor::reduction() const {
    const kernels::DetectorLanes& at = lanes();
    const std::int64_t counted = at.counted[lane_];
    return {at.value.lane[lane_], at.deepest.lane[lane_],
            counted > 0 ? at.total.lane[lane_] / static_cast<double>(counted) : 0.0};
}

void Compressor::share(kernels::DetectorLanes& shared, int lane) noexcept {
    shared_ = &shared;
    lane_ = lane;
}

void Compressor::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    rise_ms_ = fall_ms_ = 0.0;
    latency_frames_ = static_cast<int>(std::lround(0.001 * parameter(lookahead) * spec.sample_rate));
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
    heads_.assign(static_cast<std::size_t>(spec.channels), nullptr);
    heard_heads_.assign(static_cast<std::size_t>(spec.heard_channels()), nullptr);
    powers_.assign(static_cast<std::size_t>(spec.heard_channels()), 0.0);
    power_keep_ = dsp::keep_per_frame(rms_ms, sample_rate_);
    crest_keep_ = dsp::keep_per_frame(crest_ms, sample_rate_);
}

void Compressor::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    std::fill(powers_.begin(), powers_.end(), 0.0);
    crest_peak_ = crest_power_ = 0.0;
    kernels::DetectorLanes& at = lanes();
    at.value.lane[lane_] = at.deepest.lane[lane_] = at.total.lane[lane_] = 0.0;
    at.counted[lane_] = 0;
    cell_left_ = 0;
}

void Compressor::on_parameter(int index, double value, int ramp_frames) noexcept {
    cell_left_ = 0;
    switch (static_cast<Index>(index)) {
        case threshold:
        case ratio:
        case knee:
        case attack:
        case release: control_[static_cast<std::size_t>(index)].move(value, ramp_frames); break;
        case lookahead: break;  // from the next prepare on
        case makeup: makeup_.move(value, ramp_frames); break;
        case mix: mix_.move(value, ramp_frames); break;
        case detection: rms_ = value != 0.0; break;
        case auto_times: auto_ = value != 0.0; break;
    }
}

void Compressor::on_process(BlockView io) noexcept {
    const BlockView side_chain = heard(io);
    float* const rows[4] = {reductions_.data(), silent_.data(), silent_.data(), silent_.data()};
    for (int first = 0, frames = 0; first < io.frames; first += frames) {
        frames = begin_piece(io.frames - first);
        for (int c = 0; c < io.channel_count; ++c) heads_[static_cast<std::size_t>(c)] = io.channels[c] + first;
        if (listens()) {
            for (int c = 0; c < side_chain.channel_count; ++c) {
                heard_heads_[static_cast<std::size_t>(c)] = side_chain.channels[c] + first;
            }
            if (want(heard_heads_.data(), side_chain.channel_count, frames, rows[0])) {
                kernels::dynamics_kernels().detect(own_, rows, 1, frames);
            }
        }
        trace_reduction(idle_ || quiet_ ? nullptr : rows[0], frames);
        turn_down(heads_.data(), io.channel_count, frames, rows[0]);
        end_piece(frames);
    }
}

int Compressor::begin_piece(int frames) noexcept {
    if (cell_left_ == 0) cell_left_ = begin_cell();
    quiet_ = false;
    return std::min(frames, cell_left_);
}

void Compressor::end_piece(int frames) noexcept {
    cell_left_ -= frames;
    for (dsp::Ramp& ramp : control_) ramp.advance(frames);
}

int Compressor::begin_cell() noexcept {
    const int still_frames = auto_ ? dsp::moving_cell_frames : dsp::longest_cell_frames;
    const int frames = dsp::cell_length(control_, still_frames, dsp::moving_cell_frames);
    const dsp::Ramp& ratio_now = control_[ratio];
    if (now_db() < dsp::settled_db) now_db() = 0.0;
    idle_ = ratio_now.value() == 1.0 && !ratio_now.moving() && now_db() == 0.0;
    if (idle_) {  // it begins to listen anew when it is needed again
        std::fill(powers_.begin(), powers_.end(), 0.0);
        crest_peak_ = crest_power_ = 0.0;
        return frames;
    }
    const dsp::CompressionCurve curve(control_[threshold].value(), ratio_now.value(), control_[knee].value());
    curve_ = {rms_ ? dsp::db_per_octave_of_power : dsp::db_per_octave_of_amplitude, curve.threshold_db, curve.slope,
              curve.half_knee_db, curve.half_over_knee, curve.loudest_over_db};
    const double first_db = control_[threshold].value() - 0.5 * control_[knee].value() - curve_error_db;
    quiet_below_ = static_cast<float>(std::exp(first_db * (std::numbers::ln10 / 20.0)));
    set_times();
    return frames;
}

// Automatic: the times set are those of a steady tone; the higher the crest factor, the shorter (Giannoulis, Massberg &
// Reiss, "Parameter automation in a dynamic range compressor", JAES 61, 2013).
void Compressor::set_times() noexcept {
    double share = 1.0;
    if (auto_ && crest_power_ > 0.0) {
        share = smooth_crest / std::clamp(crest_peak_ / crest_power_, smooth_crest, sharpest_crest);
    }
    const double rise_ms = share * control_[attack].value();
    const double fall_ms = share * control_[release].value();
    if (rise_ms == rise_ms_ && fall_ms == fall_ms_) return;
    rise_ms_ = rise_ms;
    fall_ms_ = fall_ms;
    kernels::DetectorLanes& at = lanes();
    at.rise.lane[lane_] = dsp::keep_per_frame(rise_ms, sample_rate_);
    at.fall.lane[lane_] = dsp::keep_per_frame(fall_ms, sample_rate_);
    at.rise_take.lane[lane_] = -std::expm1(-1000.0 / (rise_ms * sample_rate_));
    at.fall_take.lane[lane_] = -std::expm1(-1000.0 / (fall_ms * sample_rate_));
}

bool Compressor::want(const float* const* heard, int channels, int frames, float* wanted) noexcept {
    const kernels::DynamicsKernels& kernel = kernels::dynamics_kernels();
    float loudest = 0.0F;
    if (!rms_ || auto_) loudest = kernel.peaks(heard, channels, wanted, frames);
    if (auto_) follow_crest(wanted, frames);
    if (rms_) follow_powers(heard, channels, frames, wanted);
    quiet_ = !rms_ && loudest < quiet_below_ && now_db() == 0.0;
    if (quiet_) return false;
    kernel.want(curve_, wanted, frames);
    return true;
}

void Compressor::follow_powers(const float* const* heard, int channels, int frames, float* levels) noexcept {
    std::fill_n(levels, frames, 0.0F);
    const double keep = power_keep_, take = 1.0 - power_keep_;
    for (int c = 0; c < channels; ++c) {
        const float* x = heard[c];
        double power = powers_[static_cast<std::size_t>(c)];
        for (int i = 0; i < frames; ++i) {
            const auto sample = static_cast<double>(x[i]);
            power = keep * power + take * (sample * sample);
            levels[i] = std::max(levels[i], static_cast<float>(power));
        }
        powers_[static_cast<std::size_t>(c)] = power;
    }
}

void Compressor::follow_crest(const float* levels, int frames) noexcept {
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

void Compressor::turn_down(float* const* io, int channels, int frames, const float* reductions) noexcept {
    const bool reduces = !idle_ && !quiet_;
    const bool untouched = !reduces && makeup_.unity();
    for (int c = 0; latency_frames_ > 0 && c < channels; ++c) delays_[static_cast<std::size_t>(c)].run(io[c], frames);
    dsp::CellValues makeups;
    dsp::CellValues shares;
    kernels::TurnDown how{static_cast<float>(makeup_.gain()), static_cast<float>(mix_.value())};
    if (!makeup_.steady()) {
        makeup_.fill(makeups.data(), frames);
        how.makeups = makeups.data();
    }
    if (mix_.moving()) {
        for (int i = 0; i < frames; ++i) shares[static_cast<std::size_t>(i)] = static_cast<float>(mix_.value_after(i));
        mix_.advance(frames);
        how.mixes = shares.data();
    }
    if (untouched) return;
    const float* reduced = reduces ? reductions : silent_.data();
    kernels::dynamics_kernels().turn_down(io, channels, reduced, how, frames);
}

}  // namespace smartmix
