#include "processors/de_esser.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/band_hearing.hpp"
#include "dsp/fast_log.hpp"
#include "dsp/ringing.hpp"

namespace smartmix {
namespace {

constexpr double power_ms = 3.0;
constexpr double knee_db = 6.0;
constexpr double butterworth_q = 0.70710678118654752;

}  // namespace

DeEsser::DeEsser()
    : Processor({{"threshold_db", "Threshold", "dB", -80.0, 0.0, -36.0, Scale::db, {}},
                 {"relative_db", "Over the voice", "dB", -40.0, 20.0, 0.0, Scale::db, {}},
                 {"ratio", "Ratio", "", 1.0, 20.0, 4.0, Scale::linear, {}},
                 {"range_db", "Range", "dB", 0.0, 24.0, 0.0, Scale::db, {}},
                 {"freq_hz", "Frequency", "Hz", 2000.0, 16000.0, 6500.0, Scale::log, {}},
                 {"q", "Q", "", 0.3, 6.0, 1.2, Scale::log, {}},
                 {"attack_ms", "Attack", "ms", 0.1, 50.0, 1.0, Scale::log, {}},
                 {"release_ms", "Release", "ms", 5.0, 500.0, 60.0, Scale::log, {}},
                 {"shape", "Shape", "", 0.0, 1.0, 0.0, Scale::choice, {"bell", "high_shelf"}},
                 {"lookahead_ms", "Look-ahead", "ms", 0.0, 10.0, 0.0, Scale::linear, {}}}) {}

// A filter on its way back to flat rings like the slower of its ends.
int DeEsser::tail_frames() const noexcept {
    const double deepest_db = parameter(range);
    if (deepest_db == 0.0 || parameter(ratio) == 1.0) return latency_frames_;
    return latency_frames_ + cell_frames + std::max(dsp::ring_frames(design(deepest_db)), dsp::ring_frames(design(0.0)));
}

Reduction DeEsser::reduction() const { return {detector_.value(), log_.max_db(), log_.mean_db()}; }

void DeEsser::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    latency_frames_ = static_cast<int>(std::lround(0.001 * parameter(lookahead) * sample_rate_));
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
    power_keep_ = dsp::keep_per_frame(power_ms, sample_rate_);
    ears_.assign(static_cast<std::size_t>((spec.heard_channels() + 1) / 2), {});
    glide_.prepare(spec.channels);
}

void DeEsser::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    forget_what_was_heard();
    glide_.reset();
    detector_.jump(0.0);
    log_.clear();
    cells_.restart();
    controls_changed_ = true;
}

void DeEsser::on_parameter(int index, double value, int ramp_frames) noexcept {
    cells_.restart();
    controls_changed_ = true;
    if (index == shape) {
        shelf_ = value != 0.0;
    } else if (index != lookahead) {  // that counts from the next prepare on
        control_[static_cast<std::size_t>(index)].move(value, ramp_frames);
    }
}

void DeEsser::on_process(BlockView io) noexcept {
    const BlockView side_chain = heard(io);
    cells_.walk(io.frames, [&] { return begin_cell(); },
                [&](int first, int frames) { run_cell(io, side_chain, first, frames); });
}

// What is heard is read before anything changes: without a side chain it is `io` itself.
void DeEsser::run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept {
    if (!idle_) {
        listen(side_chain, first, frames);
        reduce(frames);
    }
    trace_reduction(idle_ ? nullptr : reductions_.data(), frames);
    for (int c = 0; c < io.channel_count; ++c) {
        delays_[static_cast<std::size_t>(c)].run(io.channels[c] + first, frames);
    }
    if (glide_.running()) glide_.run(io, first, frames);
    for (dsp::Ramp& ramp : control_) ramp.advance(frames);
    glide_.advance(frames);
}

int DeEsser::begin_cell() noexcept {
    const bool moving = dsp::any_moving(control_);
    if (controls_changed_ || moving) set_controls();
    controls_changed_ = moving;
    if (detector_.value() < dsp::settled_db) detector_.jump(0.0);
    const bool nothing = !moving && (range_db_ == 0.0F || curve_.slope == 0.0F);
    glide_.begin(detector_.value(), cell_frames, [this](double reduction_db) { return design(reduction_db); });
    idle_ = nothing && detector_.value() == 0.0;
    if (idle_) forget_what_was_heard();  // it begins to listen anew
    return idle_ && !glide_.running() ? dsp::longest_cell_frames : dsp::cell_length(control_, cell_frames, cell_frames);
}

void DeEsser::set_controls() noexcept {
    const double hz = control_[freq].value();
    dsp::SvfCoefficients band_filter = shelf_ ? dsp::design_high_pass(sample_rate_, hz, butterworth_q)
                                              : dsp::design_low_pass(sample_rate_, hz, control_[q].value());
    if (!shelf_) {  // the band output of the same section, 0 dB in the middle
        band_filter.m1 = band_filter.k;
        band_filter.m2 = 0.0;
    }
    const kernels::Hearing heard[] = {
        dsp::design_ear(band_filter, power_keep_),
        dsp::design_ear(dsp::design_low_pass(sample_rate_, 0.5 * hz, butterworth_q), power_keep_)};
    for (kernels::HearingLanes& ears : ears_) {
        for (const Ear ear : {band, below}) ears.set(ear, heard[ear]);
    }
    threshold_db_ = static_cast<float>(control_[threshold].value());
    relative_db_ = static_cast<float>(control_[relative].value());
    range_db_ = static_cast<float>(control_[range].value());
    curve_ = dsp::CompressionCurve(0.0, control_[ratio].value(), knee_db);
    detector_.set_times(control_[attack].value(), control_[release].value(), sample_rate_);
}

dsp::SvfCoefficients DeEsser::design(double reduction_db) const noexcept {
    const double hz = control_[freq].value();
    return shelf_ ? dsp::design_high_shelf(sample_rate_, hz, -reduction_db, butterworth_q)
                  : dsp::design_bell(sample_rate_, hz, -reduction_db, control_[q].value());
}

void DeEsser::forget_what_was_heard() noexcept {
    for (kernels::HearingLanes& ears : ears_) {
        for (const Ear ear : {band, below}) ears.clear(ear);
    }
}

// The louder channel counts, frame by frame, in the band and below it.
void DeEsser::listen(BlockView side_chain, int first, int frames) noexcept {
    std::fill_n(band_powers_.begin(), frames, 0.0F);
    std::fill_n(below_powers_.begin(), frames, 0.0F);
    float* const rows[kernels::HearingLanes::filters] = {band_powers_.data(), below_powers_.data(), nullptr, nullptr};
    for (int c = 0; c < side_chain.channel_count; c += 2) {
        const float* left = side_chain.channels[c] + first;
        const float* right = c + 1 < side_chain.channel_count ? side_chain.channels[c + 1] + first : left;
        kernels::hearing_kernels().levels(ears_[static_cast<std::size_t>(c / 2)], 2, left, right, rows, frames);
    }
}

void DeEsser::reduce(int frames) noexcept {
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const float band_db = dsp::db_per_octave_of_power * dsp::log2_fast(band_powers_[i]);
        const float below_db = dsp::db_per_octave_of_power * dsp::log2_fast(below_powers_[i]);
        const float over_db = std::min(band_db - threshold_db_, band_db - below_db - relative_db_);
        reductions_[i] = std::min(range_db_, curve_.reduction_over(over_db));
    }
    detector_.run(reductions_.data(), frames);
    log_.add(reductions_.data(), frames);
}

}  // namespace smartmix
