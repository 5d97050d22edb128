#include "processors/gate.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix {
namespace {

constexpr double rms_ms = 10.0;
constexpr double infinite_ratio = 100.0;  // the highest there is
constexpr float infinitely_steep = 1e6F;  // dB per dB: any range within a step of a float

}  // namespace

Gate::Gate()
    : Processor({{"threshold_db", "Threshold", "dB", -80.0, 0.0, -40.0, Scale::db, {}},
                 {"range_db", "Range", "dB", 0.0, 100.0, 0.0, Scale::db, {}},
                 {"ratio", "Ratio", "", 1.0, 100.0, 10.0, Scale::linear, {}},
                 {"hysteresis_db", "Hysteresis", "dB", 0.0, 24.0, 4.0, Scale::db, {}},
                 {"attack_ms", "Attack", "ms", 0.05, 100.0, 0.5, Scale::log, {}},
                 {"release_ms", "Release", "ms", 1.0, 2500.0, 100.0, Scale::log, {}},
                 {"hold_ms", "Hold", "ms", 0.1, 2000.0, 30.0, Scale::log, {}},
                 {"lookahead_ms", "Look-ahead", "ms", 0.0, 10.0, 0.0, Scale::linear, {}},
                 {"knee_db", "Knee", "dB", 0.0, 24.0, 0.0, Scale::db, {}},
                 {"mix", "Mix", "", 0.0, 1.0, 1.0, Scale::linear, {}},
                 {"detection", "Detection", "", 0.0, 1.0, 0.0, Scale::choice, {"peak", "rms"}}}) {}

Reduction Gate::reduction() const { return {detector_.value(), log_.max_db(), log_.mean_db()}; }

void Gate::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    latency_frames_ = static_cast<int>(std::lround(0.001 * parameter(lookahead) * spec.sample_rate));
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
    powers_.assign(static_cast<std::size_t>(spec.heard_channels()), 0.0);
    power_keep_ = dsp::keep_per_frame(rms_ms, sample_rate_);
}

void Gate::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    std::fill(powers_.begin(), powers_.end(), 0.0);
    detector_.jump(0.0);
    log_.clear();
    cells_.restart();
    open_frames_ = 0;
    fresh_ = true;
}

void Gate::on_parameter(int index, double value, int ramp_frames) noexcept {
    cells_.restart();
    switch (static_cast<Index>(index)) {
        case lookahead: break;  // from the next prepare on
        case knee: knee_.move(value, ramp_frames); break;
        case mix: mix_.move(value, ramp_frames); break;
        case detection: rms_ = value != 0.0; break;
        default: control_[static_cast<std::size_t>(index)].move(value, ramp_frames);
    }
}

void Gate::on_process(BlockView io) noexcept {
    const BlockView side_chain = heard(io);
    cells_.walk(io.frames, [&] { return begin_cell(); },
                [&](int first, int frames) { run_cell(io, side_chain, first, frames); });
}

int Gate::begin_cell() noexcept {
    int frames = dsp::cell_length(control_, dsp::longest_cell_frames, dsp::moving_cell_frames);
    frames = dsp::cell_length({&knee_, 1}, frames, std::min(frames, dsp::moving_cell_frames));
    const double opens_at = control_[threshold].value() + 0.5 * knee_.value();
    open_db_ = static_cast<float>(opens_at);
    close_db_ = static_cast<float>(opens_at - control_[hysteresis].value());
    range_db_ = static_cast<float>(control_[range].value());
    const double ratio_now = control_[ratio].value();
    const bool infinite = ratio_now >= infinite_ratio;  // nothing bends: what does not open it loses the range
    curve_ = dsp::CompressionCurve(0.0, 1.0, infinite ? 0.0 : knee_.value());
    curve_.slope = infinite ? infinitely_steep : static_cast<float>(ratio_now - 1.0);
    hold_frames_ = std::max(1, static_cast<int>(std::lround(0.001 * control_[hold].value() * sample_rate_)));
    open_frames_ = std::min(open_frames_, hold_frames_);
    detector_.set_times(control_[release].value(), control_[attack].value(), sample_rate_);
    const bool nothing = range_db_ == 0.0F || curve_.slope == 0.0F;
    if (fresh_ && !nothing) detector_.jump(static_cast<double>(range_db_));
    fresh_ = false;
    if (detector_.value() < dsp::settled_db) detector_.jump(0.0);
    idle_ = nothing && detector_.value() == 0.0;
    if (idle_) {
        open_frames_ = 0;
        std::fill(powers_.begin(), powers_.end(), 0.0);
    }
    return frames;
}

// What is heard is read before anything changes: without a side chain it is `io` itself.
void Gate::run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept {
    if (!idle_) {
        measure(side_chain, first, frames);
        decide(frames);
        detector_.run(reductions_.data(), frames);
        log_.add(reductions_.data(), frames);
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
            factors_[i] = dsp::factor_of_reduction(reductions_[i]);
        }
        mix_factors(frames);
    }
    trace_reduction(idle_ ? nullptr : reductions_.data(), frames);
    for (int c = 0; c < io.channel_count; ++c) {
        float* x = io.channels[c] + first;
        delays_[static_cast<std::size_t>(c)].run(x, frames);
        if (!idle_) dsp::apply_factors(x, factors_.data(), frames);
    }
    for (dsp::Ramp& ramp : control_) ramp.advance(frames);
    knee_.advance(frames);
    mix_.advance(frames);
}

void Gate::measure(BlockView side_chain, int first, int frames) noexcept {
    if (!rms_) {
        dsp::read_peaks(side_chain, first, frames, levels_.data());
    } else {
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
    const float scale = rms_ ? dsp::db_per_octave_of_power : dsp::db_per_octave_of_amplitude;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) levels_[i] = scale * dsp::log2_fast(levels_[i]);
}

// Exactly 1 where the factor is.
void Gate::mix_factors(int frames) noexcept {
    if (!mix_.moving() && mix_.value() == 1.0) return;
    for (int i = 0; i < frames; ++i) {
        float& factor = factors_[static_cast<std::size_t>(i)];
        const auto share = static_cast<float>(mix_.value_after(i));
        factor = (1.0F - share) + share * factor;
    }
}

// A level counts from the top of the knee on when closed, and from `hysteresis` under it on when open. An open gate asks
// for nothing; a closed one for what the ratio says about the level, down to the range.
void Gate::decide(int frames) noexcept {
    const float threshold_db = open_db_ - curve_.half_knee_db;
    const dsp::CompressionCurve curve = curve_;
    const float range_db = range_db_;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        reductions_[i] = std::min(range_db, curve.reduction_over(threshold_db - levels_[i]));
    }
    const float open_db = open_db_, close_db = close_db_;
    int open = open_frames_;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const bool reached = levels_[i] >= (open > 0 ? close_db : open_db);
        open = reached ? hold_frames_ : std::max(open - 1, 0);
        reductions_[i] = open > 0 ? 0.0F : reductions_[i];
    }
    open_frames_ = open;
}

}  // namespace smartmix
