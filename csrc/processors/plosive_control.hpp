#pragma once
#include <array>
#include <vector>

#include "dsp/dynamics.hpp"
#include "dsp/ramp.hpp"
#include "dsp/reduction_glide.hpp"
#include "dsp/svf.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Takes back what blows into a microphone with a p or b, all channels together: a low shelf at `freq_hz` whose cut follows how
// far the power below it is over its usual level by more than `rise_db`, and over the voice above it. `lookahead_ms` counts
// from the next prepare and is the latency. Range 0 (the default) is an exact bypass (docs/dsp/plosive_control.md).
class PlosiveControl final : public Processor {
public:
    PlosiveControl();

    int latency_frames() const noexcept override { return latency_frames_; }
    int tail_frames() const noexcept override;
    Reduction reduction() const override;
    int reducing_parts() const noexcept override { return 1; }

private:
    enum Index { range, rise, freq, attack, release, lookahead, delta };
    static constexpr int cell_frames = 16;
    using Cell = std::array<float, cell_frames>;

    struct Memory {
        double s1 = 0.0, c1 = 0.0, s2 = 0.0, c2 = 0.0;
    };
    // A filter that listens, twice in series (24 dB/oct), in double.
    struct Tap {
        Memory once, twice;
        double power = 0.0;  // running mean square of what comes out
    };
    struct Ear {
        Tap low, voice;
    };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    void run_cell(BlockView io, int first, int frames) noexcept;
    void set_controls() noexcept;
    void listen(BlockView io, int first, int frames) noexcept;
    void reduce(int frames) noexcept;
    void filter(BlockView io, int first, int frames) noexcept;
    dsp::SvfCoefficients design(double reduction_db) const noexcept;

    double sample_rate_ = 48000.0;
    int latency_frames_ = 0;
    // In the order of Index, up to release.
    std::array<dsp::Ramp, 5> control_{dsp::Ramp(Scale::db), dsp::Ramp(Scale::db), dsp::Ramp(Scale::log), dsp::Ramp(Scale::log),
                                      dsp::Ramp(Scale::log)};
    bool delta_ = false;

    dsp::CellGrid cells_;
    bool controls_changed_ = true;
    bool idle_ = true;      // nothing to reduce in this cell, whatever comes
    dsp::ReductionGlide glide_;

    dsp::SvfCoefficients low_filter_, voice_filter_;
    double low_keep_ = 0.0, voice_keep_ = 0.0;
    float range_db_ = 0.0F, rise_db_ = 0.0F;
    double usual_db_ = 0.0;       // of the lows
    double usual_rise_db_ = 0.0, usual_fall_db_ = 0.0, usual_pause_db_ = 0.0;  // as far as that moves in a frame
    bool usual_known_ = false;
    int settling_frames_ = 0;
    dsp::BranchingDetector detector_;

    std::vector<Ear> ears_;
    std::vector<dsp::DelayLine> delays_;
    dsp::ReductionLog log_;

    std::vector<Cell> dry_;
    Cell low_powers_{};
    Cell voice_powers_{};
    Cell reductions_{};
};

}  // namespace smartmix
