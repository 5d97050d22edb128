#include "processors/saturation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/ringing.hpp"

namespace smartmix {
namespace {

constexpr double offset_hz = 5.0;     // corner of the high pass that takes the offset out of what the curve adds
constexpr double inner_delay = 0.5;   // of the curve, taken as a mean between two samples
constexpr float loudest = 1e6F;      // +120 dBFS: more than this and squares might leave the range of a float
constexpr double settled = 1e-8;     // an offset this small is the way back to none

}  // namespace

Saturation::Saturation()
    : Processor({{"drive_db", "Drive", "dB", 0.0, 36.0, 0.0, Scale::db, {}},
                 {"character", "Character", "", 0.0, 2.0, 0.0, Scale::choice, {"tape", "tube", "clip"}},
                 {"oversampling", "Oversampling", "", 0.0, 2.0, 2.0, Scale::choice, {"2x", "4x", "8x"}},
                 {"auto_level", "Level match", "", 0.0, 1.0, 1.0, Scale::toggle, {}},
                 {"output_db", "Output", "dB", -24.0, 24.0, 0.0, Scale::db, {}},
                 {"mix", "Mix", "", 0.0, 1.0, 1.0, Scale::linear, {}}}) {}

// The filters of both ways and, while the curve is driven, the high pass of the offset.
int Saturation::tail_frames() const noexcept {
    if (parameter(drive) == 0.0 || parameter(mix) == 0.0) return latency_frames();
    const double loudest_offset = std::max(amounts_at(1 << 30).added, 1.0);
    const double offset = dsp::frames_to_floor(-std::log1p(-offset_take_), loudest_offset, 1);
    return 2 * latency_frames() + 2 + static_cast<int>(std::ceil(offset));
}

void Saturation::on_prepare(const PrepareSpec& spec) {
    design_ = dsp::design_oversampler(1 + static_cast<int>(parameter(oversampling)), inner_delay);
    offset_take_ = -std::expm1(-2.0 * std::numbers::pi * offset_hz / spec.sample_rate);
    channels_.assign(static_cast<std::size_t>(spec.channels), {});
    for (Channel& channel : channels_) {
        channel.oversampler.prepare(design_);
        channel.dry.prepare(design_.latency_frames);
    }
}

void Saturation::on_reset() noexcept {
    for (Channel& channel : channels_) {
        channel.oversampler.clear();
        channel.dry.clear();
        channel.offset = 0.0;
    }
    cells_.restart();
    cell_done_ = 0;
    cell_frames_ = 1;
    undriven_frames_ = 0;
    idle_ = changed_ = true;
}

void Saturation::on_parameter(int index, double value, int ramp_frames) noexcept {
    control_[static_cast<std::size_t>(index)].move(value, ramp_frames);
    cells_.restart();
    changed_ = true;
}

void Saturation::on_process(BlockView io) noexcept {
    cells_.walk(io.frames, [&] { return begin_cell(); }, [&](int first, int frames) { run_cell(io, first, frames); });
}

Saturation::Amounts Saturation::amounts_at(int frames_ahead) const noexcept {
    const auto value = [&](Index index) { return control_[index].value_after(frames_ahead); };
    const auto kind = static_cast<dsp::Character>(static_cast<int>(value(character)));
    const double driven = dsp::drive_factor(value(drive));
    const dsp::ProgrammeResponse response = dsp::programme_response(kind, driven);
    const double match = value(auto_level) != 0.0 ? response.match : 1.0;
    const double gain = value(output) == 0.0 ? match : match * std::pow(10.0, value(output) / 20.0);
    return {driven, response.kept, value(mix) * (gain * response.kept - 1.0), value(mix) * gain};
}

// Whether nothing of what the curve added is still on its way.
bool Saturation::rung_out() const noexcept {
    return undriven_frames_ > 2 * design_.latency_frames && std::all_of(channels_.begin(), channels_.end(), [](const Channel& c) {
               return std::fabs(c.offset) < settled;
           });
}

int Saturation::begin_cell() noexcept {
    const bool moving = dsp::any_moving(control_);
    cell_frames_ = dsp::cell_length(control_, kernels::saturation_tile, moving_cell_frames);
    if (changed_) from_ = to_ = amounts_at(0);
    if (moving) {
        from_ = changed_ ? from_ : to_;
        to_ = amounts_at(cell_frames_);
    } else {
        from_ = to_;
    }
    changed_ = false;
    cell_done_ = 0;
    const bool nothing = from_.nothing() && to_.nothing();
    if (idle_ && !nothing) wake();
    idle_ = idle_ ? nothing : nothing && (to_.added == 0.0 || rung_out());
    return cell_frames_;
}

// The later filters have not been fed while there was nothing to do.
void Saturation::wake() noexcept {
    for (Channel& channel : channels_) {
        channel.curve = {};
        const float last = channel.oversampler.wake(design_);
        oversampled_[0] = std::clamp(last, -loudest, loudest);
        shape(channel, 1);
        channel.offset = 0.0;
    }
    undriven_frames_ = 0;
}

void Saturation::run_cell(BlockView io, int first, int frames) noexcept {
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        float* x = io.channels[c] + first;
        if (idle_) {
            channels_[c].oversampler.remember(x, frames);
            channels_[c].dry.run(x, frames);
        } else {
            run_channel(channels_[c], x, frames);
        }
    }
    undriven_frames_ = to_.drive == 0.0 ? std::min(undriven_frames_ + frames, 1 << 20) : 0;
    for (dsp::Ramp& ramp : control_) ramp.advance(frames);
    cell_done_ += frames;
}

void Saturation::run_channel(Channel& channel, float* x, int frames) noexcept {
    Tile taken{};
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) taken[i] = std::min(std::max(x[i], -loudest), loudest);
    channel.oversampler.up(design_, taken.data(), frames, oversampled_.data());
    shape(channel, frames * design_.factor());
    channel.oversampler.down(design_, oversampled_.data(), frames, added_.data());
    take_offset_out(channel, frames);
    channel.dry.run(x, frames);
    const auto more = static_cast<float>(from_.more), added = static_cast<float>(from_.added);
    const auto more_step = static_cast<float>((to_.more - from_.more) / cell_frames_);
    const auto added_step = static_cast<float>((to_.added - from_.added) / cell_frames_);
    for (int i = 0; i < frames; ++i) {
        const auto j = static_cast<float>(cell_done_ + i);
        x[i] += (more + more_step * j) * x[i] + (added + added_step * j) * added_[static_cast<std::size_t>(i)];
    }
}

// The oversampled frames become what the curve adds to them.
void Saturation::shape(Channel& channel, int frames) noexcept {
    const kernels::SaturationKernels& run = kernels::saturation_kernels();
    const auto kind = static_cast<dsp::Character>(static_cast<int>(control_[character].value()));
    const int factor = design_.factor();
    const kernels::CurveSettings curve{static_cast<float>(from_.drive),
                                       static_cast<float>((to_.drive - from_.drive) / (cell_frames_ * factor)),
                                       static_cast<float>(from_.kept),
                                       static_cast<float>((to_.kept - from_.kept) / (cell_frames_ * factor)),
                                       cell_done_ * factor, static_cast<float>(dsp::curve_bias(kind))};
    (kind == dsp::Character::clip ? run.clip : run.bend)(curve, channel.curve, oversampled_.data(), frames);
}

void Saturation::take_offset_out(Channel& channel, int frames) noexcept {
    const double flat = 1.0 - 0.5 * offset_take_;  // 0 dB far over the corner
    double offset = channel.offset;
    for (int i = 0; i < frames; ++i) {
        float& added = added_[static_cast<std::size_t>(i)];
        const double rest = static_cast<double>(added) - offset;
        offset += offset_take_ * rest;
        added = static_cast<float>(flat * rest);
    }
    channel.offset = offset;
}

}  // namespace smartmix
