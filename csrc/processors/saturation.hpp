#pragma once
#include <array>
#include <vector>

#include "dsp/dynamics.hpp"
#include "dsp/oversampler.hpp"
#include "dsp/ramp.hpp"
#include "dsp/saturation_curve.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Harmonics by a curve: soft and odd (tape), leaning to one side (tube) or with a knee (clip), worked out at 2, 4 or 8
// times the sample rate. Only what the curve adds is filtered: the signal itself comes through as it is, late by
// latency_frames(), and a parallel mix stays in phase. No drive and no output gain, or mix 0, is an exact bypass but for the
// latency (docs/dsp/saturation.md). `oversampling` decides the latency: it counts from the next prepare.
class Saturation final : public Processor {
public:
    Saturation();

    int latency_frames() const noexcept override { return design_.latency_frames; }
    int tail_frames() const noexcept override;

private:
    enum Index { drive, character, oversampling, auto_level, output, mix, indices };
    static constexpr int moving_cell_frames = 32;

    // What is done to a frame: drive of the curve, how much of the signal it is to leave out, and the shares of the signal and
    // of what the curve adds on top of the signal.
    struct Amounts {
        double drive = 0.0;
        double kept = 1.0;
        double more = 0.0;
        double added = 0.0;
        bool nothing() const noexcept { return more == 0.0 && (drive == 0.0 || added == 0.0); }
    };
    struct Channel {
        dsp::Oversampler oversampler;
        dsp::DelayLine dry;
        kernels::CurveMemory curve;
        double offset = 0.0;  // running mean of what the curve adds
    };
    using Tile = std::array<float, kernels::saturation_tile>;

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    Amounts amounts_at(int frames_ahead) const noexcept;
    bool rung_out() const noexcept;
    void wake() noexcept;
    void run_cell(BlockView io, int first, int frames) noexcept;
    void run_channel(Channel& channel, float* x, int frames) noexcept;
    void shape(Channel& channel, int frames) noexcept;
    void take_offset_out(Channel& channel, int frames) noexcept;

    std::array<dsp::Ramp, indices> control_{dsp::Ramp(Scale::db),     dsp::Ramp(Scale::choice), dsp::Ramp(Scale::choice),
                                            dsp::Ramp(Scale::toggle), dsp::Ramp(Scale::db),     dsp::Ramp(Scale::linear)};
    dsp::OversamplerDesign design_;
    double offset_take_ = 0.0;  // share of the running mean that a frame is

    dsp::CellGrid cells_;
    Amounts from_, to_;
    int cell_frames_ = 1;
    int cell_done_ = 0;
    int undriven_frames_ = 0;  // since the curve last added anything
    bool idle_ = true;
    bool changed_ = true;

    std::vector<Channel> channels_;
    std::array<float, kernels::most_oversampled_frames> oversampled_{};
    Tile added_{};
};

}  // namespace smartmix
