#include "processors/gate.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix {

Gate::Gate()
    : Processor({{"threshold_db", "Threshold", "dB", -80.0, 0.0, -40.0, Scale::db, {}},
                 {"range_db", "Range", "dB", 0.0, 100.0, 0.0, Scale::db, {}},
                 {"ratio", "Ratio", "", 1.0, 100.0, 10.0, Scale::linear, {}},
                 {"hysteresis_db", "Hysteresis", "dB", 0.0, 24.0, 4.0, Scale::db, {}},
                 {"attack_ms", "Attack", "ms", 0.05, 100.0, 0.5, Scale::log, {}},
                 {"release_ms", "Release", "ms", 1.0, 2500.0, 100.0, Scale::log, {}},
                 {"hold_ms", "Hold", "ms", 0.1, 2000.0, 30.0, Scale::log, {}},
                 {"lookahead_ms", "Look-ahead", "ms", 0.0, 10.0, 0.0, Scale::linear, {}}}) {}

Reduction Gate::reduction() const { return {detector_.value(), log_.max_db(), log_.mean_db()}; }

void Gate::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    latency_frames_ = static_cast<int>(std::lround(0.001 * parameter(lookahead) * spec.sample_rate));
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
}

void Gate::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    detector_.jump(0.0);
    log_.clear();
    cells_.restart();
    open_frames_ = 0;
    fresh_ = true;
}

void Gate::on_parameter(int index, double value, int ramp_frames) noexcept {
    cells_.restart();
    if (index != lookahead) control_[static_cast<std::size_t>(index)].move(value, ramp_frames);
}

void Gate::on_process(BlockView io) noexcept {
    const BlockView side_chain = heard(io);
    cells_.walk(io.frames, [&] { return begin_cell(); },
                [&](int first, int frames) { run_cell(io, side_chain, first, frames); });
}

int Gate::begin_cell() noexcept {
    const int frames = dsp::cell_length(control_, dsp::longest_cell_frames, dsp::moving_cell_frames);
    open_db_ = static_cast<float>(control_[threshold].value());
    close_db_ = static_cast<float>(control_[threshold].value() - control_[hysteresis].value());
    range_db_ = static_cast<float>(control_[range].value());
    steepness_ = static_cast<float>(control_[ratio].value() - 1.0);
    hold_frames_ = std::max(1, static_cast<int>(std::lround(0.001 * control_[hold].value() * sample_rate_)));
    open_frames_ = std::min(open_frames_, hold_frames_);
    detector_.set_times(control_[release].value(), control_[attack].value(), sample_rate_);
    const bool nothing = range_db_ == 0.0F || steepness_ == 0.0F;
    if (fresh_ && !nothing) detector_.jump(static_cast<double>(range_db_));
    fresh_ = false;
    if (detector_.value() < dsp::settled_db) detector_.jump(0.0);
    idle_ = nothing && detector_.value() == 0.0;
    if (idle_) open_frames_ = 0;
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
    }
    trace_reduction(idle_ ? nullptr : reductions_.data(), frames);
    for (int c = 0; c < io.channel_count; ++c) {
        float* x = io.channels[c] + first;
        delays_[static_cast<std::size_t>(c)].run(x, frames);
        if (!idle_) dsp::apply_factors(x, factors_.data(), frames);
    }
    for (dsp::Ramp& ramp : control_) ramp.advance(frames);
}

void Gate::measure(BlockView side_chain, int first, int frames) noexcept {
    dsp::read_peaks(side_chain, first, frames, levels_.data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        levels_[i] = dsp::db_per_octave_of_amplitude * dsp::log2_fast(levels_[i]);
    }
}

// A sample counts from the threshold on when closed and from the lower one on when open. An open gate asks for
// nothing; a closed one for what the ratio says about the level, down to the range.
void Gate::decide(int frames) noexcept {
    int open = open_frames_;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const float level = levels_[i];
        open = level >= (open > 0 ? close_db_ : open_db_) ? hold_frames_ : std::max(open - 1, 0);
        const float asked = std::min(range_db_, steepness_ * std::max(open_db_ - level, 0.0F));
        reductions_[i] = open > 0 ? 0.0F : asked;
    }
    open_frames_ = open;
}

}  // namespace smartmix
