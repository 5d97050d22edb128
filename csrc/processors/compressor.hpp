#pragma once
#include <array>
#include <vector>

#include "dsp/compressor_ear.hpp"
#include "dsp/dynamics.hpp"
#include "dsp/gain.hpp"
#include "dsp/ramp.hpp"
#include "kernels/dynamics.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Turns down what is louder than `threshold_db`, all channels together: feed-forward, soft knee, in dB, with the
// smooth branching detector of Giannoulis, Massberg & Reiss (JAES 2012). `lookahead_ms` counts from the next
// prepare and is the latency. It listens to a side chain where there is one. Ratio 1 and no make-up is an exact bypass
// (docs/dsp/compressor.md).
class Compressor final : public Processor {
public:
    Compressor();

    int latency_frames() const noexcept override { return latency_frames_; }
    int tail_frames() const noexcept override { return latency_frames_; }
    Reduction reduction() const override;
    int reducing_parts() const noexcept override { return 1; }
    bool takes_side_chain() const noexcept override { return true; }

    // The strip bank runs the detectors of up to eight compressors at once: in a lane of `shared` from now on, which
    // outlives the compressor. Then process is not called, but piece by piece and with finite samples: begin_piece; want
    // while it listens; the detectors; turn_down, which has nothing to do while it is untouched; end_piece.
    void share(kernels::DetectorLanes& shared, int lane) noexcept;
    int begin_piece(int frames) noexcept;  // how many of the next `frames` frames (at most a cell) until something new begins
    bool listens() const noexcept { return !idle_; }
    bool untouched() const noexcept { return (idle_ || quiet_) && makeup_.unity() && !mix_.moving(); }
    // False, and nothing written, when nothing is wanted and nothing is left to let go.
    bool want(const float* const* heard, int channels, int frames, float* wanted) noexcept;
    void turn_down(float* const* io, int channels, int frames, const float* reductions) noexcept;
    void end_piece(int frames) noexcept;

private:
    enum Index { threshold, ratio, knee, attack, release, lookahead, makeup, mix, detection, auto_times };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    kernels::DetectorLanes& lanes() noexcept { return shared_ ? *shared_ : own_; }
    const kernels::DetectorLanes& lanes() const noexcept { return shared_ ? *shared_ : own_; }
    double& now_db() noexcept { return lanes().value.lane[lane_]; }

    double sample_rate_ = 48000.0;
    int latency_frames_ = 0;
    // threshold, ratio, knee, attack and release, in the order of Index.
    std::array<dsp::Ramp, 5> control_{dsp::Ramp(Scale::db), dsp::Ramp(Scale::linear), dsp::Ramp(Scale::db),
                                      dsp::Ramp(Scale::log), dsp::Ramp(Scale::log)};
    dsp::Ramp mix_{Scale::linear};
    dsp::GainRamp makeup_;

    int cell_left_ = 0;  // frames; an event begins a new cell
    bool idle_ = true;   // nothing to reduce in this cell, whatever comes
    bool quiet_ = false;  // nothing to reduce in this piece
    dsp::CompressorEar ear_;

    kernels::DetectorLanes own_;
    kernels::DetectorLanes* shared_ = nullptr;
    int lane_ = 0;

    std::vector<dsp::DelayLine> delays_;
    std::vector<const float*> heard_heads_;  // of the piece at work
    std::vector<float*> heads_;

    dsp::CellValues reductions_{};  // dB
    dsp::CellValues silent_{};      // what the lanes without a compressor want
};

}  // namespace smartmix
