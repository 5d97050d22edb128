#include "processors/compressor.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix {

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
    latency_frames_ = static_cast<int>(std::lround(0.001 * parameter(lookahead) * spec.sample_rate));
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
    heads_.assign(static_cast<std::size_t>(spec.channels), nullptr);
    heard_heads_.assign(static_cast<std::size_t>(spec.heard_channels()), nullptr);
    ear_.prepare(sample_rate_, spec.heard_channels());
}

void Compressor::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    ear_.clear();
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
        case detection: ear_.set_detection({value != 0.0, ear_.detection().auto_times}); break;
        case auto_times: ear_.set_detection({ear_.detection().rms, value != 0.0}); break;
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
    const int still_frames = ear_.detection().auto_times ? dsp::moving_cell_frames : dsp::longest_cell_frames;
    const int frames = dsp::cell_length(control_, still_frames, dsp::moving_cell_frames);
    const dsp::Ramp& ratio_now = control_[ratio];
    if (now_db() < dsp::settled_db) now_db() = 0.0;
    idle_ = ratio_now.value() == 1.0 && !ratio_now.moving() && now_db() == 0.0;
    if (idle_) {  // it begins to listen anew when it is needed again
        ear_.clear();
        return frames;
    }
    ear_.set_curve(control_[threshold].value(), ratio_now.value(), control_[knee].value());
    ear_.set_times(control_[attack].value(), control_[release].value(), lanes(), lane_);
    return frames;
}

bool Compressor::want(const float* const* heard, int channels, int frames, float* wanted) noexcept {
    quiet_ = !ear_.want(heard, channels, frames, now_db(), wanted);
    return !quiet_;
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
