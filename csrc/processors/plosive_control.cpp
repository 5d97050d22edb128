#include "processors/plosive_control.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"
#include "dsp/ringing.hpp"

namespace smartmix {
namespace {

constexpr double low_power_ms = 8.0;
constexpr double voice_power_ms = 30.0;
constexpr double rise_db_per_s = 40.0;  // of what is usual: a burst of 50 ms moves it by two decibels
constexpr double fall_db_per_s = 6.0;   // so that it stays near the loud lows of a voice
constexpr double pause_db_per_s = 1.0;  // while the lows are 20 dB under it
constexpr double pause_db = 20.0;
constexpr double settling_s = 0.1;      // after the first sound, until the level of the voice is known
constexpr float quietest_db = -70.0F;    // what is usual stays where it was while nobody speaks
constexpr double butterworth_q = 0.70710678118654752;

}  // namespace

PlosiveControl::PlosiveControl()
    : Processor({{"range_db", "Range", "dB", 0.0, 36.0, 0.0, Scale::db, {}},
                 {"rise_db", "Over the usual", "dB", 3.0, 30.0, 6.0, Scale::db, {}},
                 {"freq_hz", "Frequency", "Hz", 60.0, 300.0, 110.0, Scale::log, {}},
                 {"attack_ms", "Attack", "ms", 0.5, 20.0, 2.0, Scale::log, {}},
                 {"release_ms", "Release", "ms", 10.0, 500.0, 60.0, Scale::log, {}},
                 {"lookahead_ms", "Look-ahead", "ms", 0.0, 20.0, 10.0, Scale::linear, {}},
                 {"delta", "Hear what is taken away", "", 0.0, 1.0, 0.0, Scale::toggle, {}}}) {}

// A filter on its way back to flat rings like the slower of its ends.
int PlosiveControl::tail_frames() const noexcept {
    const double deepest_db = parameter(range);
    if (deepest_db == 0.0) return latency_frames_;
    return latency_frames_ + cell_frames + std::max(dsp::ring_frames(design(deepest_db)), dsp::ring_frames(design(0.0)));
}

Reduction PlosiveControl::reduction() const { return {detector_.value(), log_.max_db(), log_.mean_db()}; }

void PlosiveControl::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    latency_frames_ = static_cast<int>(std::lround(0.001 * parameter(lookahead) * sample_rate_));
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
    low_keep_ = dsp::keep_per_frame(low_power_ms, sample_rate_);
    voice_keep_ = dsp::keep_per_frame(voice_power_ms, sample_rate_);
    usual_rise_db_ = rise_db_per_s / sample_rate_;
    usual_fall_db_ = fall_db_per_s / sample_rate_;
    usual_pause_db_ = pause_db_per_s / sample_rate_;
    ears_.assign(static_cast<std::size_t>(spec.channels), {});
    dry_.assign(static_cast<std::size_t>(spec.channels), {});
    glide_.prepare(spec.channels);
}

void PlosiveControl::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    std::fill(ears_.begin(), ears_.end(), Ear{});
    glide_.reset();
    detector_.jump(0.0);
    log_.clear();
    cells_.restart();
    usual_known_ = false;
    settling_frames_ = 0;
    controls_changed_ = true;
}

void PlosiveControl::on_parameter(int index, double value, int ramp_frames) noexcept {
    if (index == delta) {
        delta_ = value != 0.0;
    } else if (index != lookahead) {  // that counts from the next prepare on
        cells_.restart();
        controls_changed_ = true;
        control_[static_cast<std::size_t>(index)].move(value, ramp_frames);
    }
}

void PlosiveControl::on_process(BlockView io) noexcept {
    cells_.walk(io.frames, [&] { return begin_cell(); }, [&](int first, int frames) { run_cell(io, first, frames); });
}

void PlosiveControl::run_cell(BlockView io, int first, int frames) noexcept {
    if (!idle_) {
        listen(io, first, frames);
        reduce(frames);
    }
    trace_reduction(idle_ ? nullptr : reductions_.data(), frames);
    for (int c = 0; c < io.channel_count; ++c) {
        delays_[static_cast<std::size_t>(c)].run(io.channels[c] + first, frames);
    }
    if (glide_.running()) {
        filter(io, first, frames);
    } else if (delta_) {
        for (int c = 0; c < io.channel_count; ++c) std::fill_n(io.channels[c] + first, frames, 0.0F);
    }
    for (dsp::Ramp& ramp : control_) ramp.advance(frames);
    glide_.advance(frames);
}

int PlosiveControl::begin_cell() noexcept {
    const bool moving = dsp::any_moving(control_);
    if (controls_changed_ || moving) set_controls();
    controls_changed_ = moving;
    if (detector_.value() < dsp::settled_db) detector_.jump(0.0);
    glide_.begin(detector_.value(), cell_frames, [this](double reduction_db) { return design(reduction_db); });
    idle_ = !moving && range_db_ == 0.0F && detector_.value() == 0.0;
    if (idle_) {  // it begins to listen anew
        std::fill(ears_.begin(), ears_.end(), Ear{});
        usual_known_ = false;
    }
    return dsp::cell_length(control_, cell_frames, cell_frames);
}

void PlosiveControl::set_controls() noexcept {
    const double hz = control_[freq].value();
    low_filter_ = dsp::design_low_pass(sample_rate_, hz, butterworth_q);
    voice_filter_ = dsp::design_high_pass(sample_rate_, 2.0 * hz, butterworth_q);
    range_db_ = static_cast<float>(control_[range].value());
    rise_db_ = static_cast<float>(control_[rise].value());
    detector_.set_times(control_[attack].value(), control_[release].value(), sample_rate_);
}

dsp::SvfCoefficients PlosiveControl::design(double reduction_db) const noexcept {
    return dsp::design_low_shelf(sample_rate_, control_[freq].value(), -reduction_db, butterworth_q);
}

// The louder channel counts, frame by frame, below and above.
void PlosiveControl::listen(BlockView io, int first, int frames) noexcept {
    std::fill_n(low_powers_.begin(), frames, 0.0F);
    std::fill_n(voice_powers_.begin(), frames, 0.0F);
    const auto follow = [frames](Tap& tap, const dsp::SvfCoefficients& f, double keep, const float* x, float* powers) {
        const double gk = f.g + f.k;
        const double a2 = f.g / (1.0 + f.g * gk);
        const auto tick = [&](double in, Memory& m) {
            return dsp::svf_tick(in, f.g, gk, a2, f.m0, f.m1, f.m2, m.s1, m.c1, m.s2, m.c2);
        };
        Tap now = tap;
        for (int i = 0; i < frames; ++i) {
            const double y = tick(tick(static_cast<double>(x[i]), now.once), now.twice);
            now.power = keep * now.power + (1.0 - keep) * (y * y);
            powers[i] = std::max(powers[i], static_cast<float>(now.power));
        }
        tap = now;
    };
    for (int c = 0; c < io.channel_count; ++c) {
        Ear& ear = ears_[static_cast<std::size_t>(c)];
        follow(ear.low, low_filter_, low_keep_, io.channels[c] + first, low_powers_.data());
        follow(ear.voice, voice_filter_, voice_keep_, io.channels[c] + first, voice_powers_.data());
    }
}

// What is usual goes after the lows at fixed paces in dB, faster up than down: what the lows of a voice pass for an eighth of
// the time, whatever a single burst is like. The first lows are taken to be as loud as the voice over them.
void PlosiveControl::reduce(int frames) noexcept {
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const float low_db = dsp::db_per_octave_of_power * dsp::log2_fast(low_powers_[i]);
        const float voice_db = dsp::db_per_octave_of_power * dsp::log2_fast(voice_powers_[i]);
        if (!usual_known_ && std::max(low_db, voice_db) > quietest_db) {
            usual_known_ = true;
            settling_frames_ = static_cast<int>(settling_s * sample_rate_);
            usual_db_ = static_cast<double>(quietest_db);
        }
        if (usual_known_ && settling_frames_ > 0) {
            --settling_frames_;
            usual_db_ = std::max(usual_db_, static_cast<double>(voice_db));
        }
        if (low_db > quietest_db) {
            const double apart_db = static_cast<double>(low_db) - usual_db_;
            usual_db_ += std::clamp(apart_db, apart_db < -pause_db ? -usual_pause_db_ : -usual_fall_db_, usual_rise_db_);
        }
        const float risen_db = low_db - static_cast<float>(usual_db_);
        const float back_db = std::min(2.0F * (risen_db - rise_db_), risen_db);
        reductions_[i] = usual_known_ && settling_frames_ == 0 ? std::clamp(std::min(back_db, low_db - voice_db), 0.0F, range_db_) : 0.0F;
    }
    detector_.run(reductions_.data(), frames);
    log_.add(reductions_.data(), frames);
}

void PlosiveControl::filter(BlockView io, int first, int frames) noexcept {
    if (delta_) {
        for (int c = 0; c < io.channel_count; ++c) {
            std::copy_n(io.channels[c] + first, frames, dry_[static_cast<std::size_t>(c)].begin());
        }
    }
    glide_.run(io, first, frames);
    if (!delta_) return;
    for (int c = 0; c < io.channel_count; ++c) {
        float* x = io.channels[c] + first;
        const Cell& dry = dry_[static_cast<std::size_t>(c)];
        for (int i = 0; i < frames; ++i) x[i] = dry[static_cast<std::size_t>(i)] - x[i];
    }
}

}  // namespace smartmix
