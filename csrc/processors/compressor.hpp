#pragma once
#include <array>
#include <vector>

#include "dsp/dynamics.hpp"
#include "dsp/gain.hpp"
#include "dsp/ramp.hpp"
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

private:
    enum Index { threshold, ratio, knee, attack, release, lookahead, makeup, mix, detection, auto_times };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    void set_times() noexcept;
    void run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void measure(BlockView side_chain, int first, int frames) noexcept;
    void follow_crest(int frames) noexcept;
    void reduce(int frames) noexcept;
    void fill_mix(float* shares, int frames) noexcept;

    double sample_rate_ = 48000.0;
    int latency_frames_ = 0;
    // threshold, ratio, knee, attack and release, in the order of Index.
    std::array<dsp::Ramp, 5> control_{dsp::Ramp(Scale::db), dsp::Ramp(Scale::linear), dsp::Ramp(Scale::db),
                                      dsp::Ramp(Scale::log), dsp::Ramp(Scale::log)};
    dsp::Ramp mix_{Scale::linear};
    dsp::GainRamp makeup_;
    bool rms_ = false;
    bool auto_ = false;

    dsp::CellGrid cells_;
    bool idle_ = true;  // nothing to reduce in this cell, whatever comes
    dsp::CompressionCurve curve_;
    dsp::BranchingDetector detector_;

    std::vector<double> powers_;  // running mean square of each channel that is heard
    double power_keep_ = 0.0, crest_keep_ = 0.0;
    double crest_peak_ = 0.0, crest_power_ = 0.0;
    std::vector<dsp::DelayLine> delays_;
    dsp::ReductionLog log_;

    dsp::CellValues levels_{};      // linear: amplitude, or power when detecting it
    dsp::CellValues reductions_{};  // dB
    dsp::CellValues factors_{};
};

}  // namespace smartmix
