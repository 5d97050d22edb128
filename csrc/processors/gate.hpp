#pragma once
#include <array>
#include <vector>

#include "dsp/dynamics.hpp"
#include "dsp/ramp.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Turns down what stays under a threshold, all channels together: an expander (`ratio`) down to `range_db`, a gate with
// the highest ratio, which counts as infinite. It opens at the top of the knee around `threshold_db`, and closes when
// nothing has reached `hysteresis_db` under that for `hold_ms`. `lookahead_ms` counts from the next prepare and is the
// latency. It listens to a side chain where there is one. Range 0 is an exact bypass (docs/dsp/gate.md).
class Gate final : public Processor {
public:
    Gate();

    int latency_frames() const noexcept override { return latency_frames_; }
    int tail_frames() const noexcept override { return latency_frames_; }
    Reduction reduction() const override;
    int reducing_parts() const noexcept override { return 1; }
    bool takes_side_chain() const noexcept override { return true; }

private:
    enum Index { threshold, range, ratio, hysteresis, attack, release, hold, lookahead, knee, mix, detection };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    void run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void measure(BlockView side_chain, int first, int frames) noexcept;
    void decide(int frames) noexcept;
    void mix_factors(int frames) noexcept;

    double sample_rate_ = 48000.0;
    int latency_frames_ = 0;
    // In the order of Index, up to hold.
    std::array<dsp::Ramp, 7> control_{dsp::Ramp(Scale::db),  dsp::Ramp(Scale::db),  dsp::Ramp(Scale::linear),
                                      dsp::Ramp(Scale::db),  dsp::Ramp(Scale::log), dsp::Ramp(Scale::log),
                                      dsp::Ramp(Scale::log)};
    dsp::Ramp knee_{Scale::db};
    dsp::Ramp mix_{Scale::linear};
    bool rms_ = false;

    dsp::CellGrid cells_;
    bool idle_ = true;    // nothing to reduce in this cell, whatever comes
    bool fresh_ = true;   // nothing heard since reset: as after a long silence
    float open_db_ = 0.0F, close_db_ = 0.0F, range_db_ = 0.0F;
    dsp::CompressionCurve curve_;  // of how far a level is under the threshold
    int hold_frames_ = 0;
    int open_frames_ = 0;  // how long it stays open if nothing else comes; 0 is closed
    dsp::BranchingDetector detector_;

    std::vector<double> powers_;  // running mean square of each channel that is heard
    double power_keep_ = 0.0;
    std::vector<dsp::DelayLine> delays_;
    dsp::ReductionLog log_;

    dsp::CellValues levels_{};  // dB
    dsp::CellValues reductions_{};
    dsp::CellValues factors_{};
};

}  // namespace smartmix
