#include "processors/compressor.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix {
namespace {

constexpr double rms_ms = 10.0;
constexpr double crest_ms = 200.0;
// Crest factors squared of a sine, and of the sharpest hits that still make the times shorter (20 dB).
constexpr double smooth_crest = 2.0;
constexpr double sharpest_crest = 100.0;

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

Reduction Compressor::reduction() const { return {detector_.value(), log_.max_db(), log_.mean_db()}; }

void Compressor::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    latency_frames_ = static_cast<int>(std::lround(0.001 * parameter(lookahead) * spec.sample_rate));
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
    powers_.assign(static_cast<std::size_t>(spec.heard_channels()), 0.0);
    power_keep_ = dsp::keep_per_frame(rms_ms, sample_rate_);
    crest_keep_ = dsp::keep_per_frame(crest_ms, sample_rate_);
}

void Compressor::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    std::fill(powers_.begin(), powers_.end(), 0.0);
    crest_peak_ = crest_power_ = 0.0;
    detector_.jump(0.0);
    log_.clear();
    cells_.restart();
}

void Compressor::on_parameter(int index, double value, int ramp_frames) noexcept {
    cells_.restart();
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
    cells_.walk(io.frames, [&] { return begin_cell(); },
                [&](int first, int frames) { run_cell(io, side_chain, first, frames); });
}

int Compressor::begin_cell() noexcept {
    const int still_frames = auto_ ? dsp::moving_cell_frames : dsp::longest_cell_frames;
    const int frames = dsp::cell_length(control_, still_frames, dsp::moving_cell_frames);
    const dsp::Ramp& ratio_now = control_[ratio];
    if (detector_.value() < dsp::settled_db) detector_.jump(0.0);
    idle_ = ratio_now.value() == 1.0 && !ratio_now.moving() && detector_.value() == 0.0;
    if (idle_) {  // it begins to listen anew when it is needed again
        std::fill(powers_.begin(), powers_.end(), 0.0);
        crest_peak_ = crest_power_ = 0.0;
        return frames;
    }
    curve_ = dsp::CompressionCurve(control_[threshold].value(), ratio_now.value(), control_[knee].value());
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
    detector_.set_times(share * control_[attack].value(), share * control_[release].value(), sample_rate_);
}

// What is heard is read before anything changes: without a side chain it is `io` itself.
void Compressor::run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept {
    const bool untouched = idle_ && makeup_.unity();
    if (idle_) {
        std::fill_n(factors_.begin(), frames, 1.0F);
    } else {
        measure(side_chain, first, frames);
        reduce(frames);
    }
    trace_reduction(idle_ ? nullptr : reductions_.data(), frames);
    dsp::CellValues shares;
    makeup_.fill(shares.data(), frames);
    for (int i = 0; i < frames; ++i) factors_[static_cast<std::size_t>(i)] *= shares[static_cast<std::size_t>(i)];
    fill_mix(shares.data(), frames);
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        factors_[i] = (1.0F - shares[i]) + shares[i] * factors_[i];  // exactly 1 where the factor is
    }
    for (int c = 0; c < io.channel_count; ++c) {
        float* x = io.channels[c] + first;
        delays_[static_cast<std::size_t>(c)].run(x, frames);
        if (!untouched) dsp::apply_factors(x, factors_.data(), frames);
    }
    for (dsp::Ramp& ramp : control_) ramp.advance(frames);
}

void Compressor::measure(BlockView side_chain, int first, int frames) noexcept {
    dsp::read_peaks(side_chain, first, frames, levels_.data());
    if (auto_) follow_crest(frames);
    if (!rms_) return;
    std::fill_n(levels_.begin(), frames, 0.0F);
    for (int c = 0; c < side_chain.channel_count; ++c) {
        const float* x = side_chain.channels[c] + first;
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

void Compressor::follow_crest(int frames) noexcept {
    for (int i = 0; i < frames; ++i) {
        const auto peak = static_cast<double>(levels_[static_cast<std::size_t>(i)]);
        const double square = peak * peak;
        const double added = (1.0 - crest_keep_) * square;
        crest_peak_ = std::max(square, crest_keep_ * crest_peak_ + added);
        crest_power_ = crest_keep_ * crest_power_ + added;
    }
}

void Compressor::reduce(int frames) noexcept {
    const float scale = rms_ ? dsp::db_per_octave_of_power : dsp::db_per_octave_of_amplitude;
    const dsp::CompressionCurve curve = curve_;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        reductions_[i] = curve.reduction_db(scale * dsp::log2_fast(levels_[i]));
    }
    detector_.run(reductions_.data(), frames);
    log_.add(reductions_.data(), frames);
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        factors_[i] = dsp::factor_of_reduction(reductions_[i]);
    }
}

void Compressor::fill_mix(float* shares, int frames) noexcept {
    if (!mix_.moving()) {
        std::fill_n(shares, frames, static_cast<float>(mix_.value()));
        return;
    }
    for (int i = 0; i < frames; ++i) shares[i] = static_cast<float>(mix_.value_after(i));
    mix_.advance(frames);
}

}  // namespace smartmix
