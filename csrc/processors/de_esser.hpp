#pragma once
#include <array>
#include <vector>

#include "dsp/dynamics.hpp"
#include "dsp/ramp.hpp"
#include "dsp/reduction_glide.hpp"
#include "dsp/svf.hpp"
#include "kernels/hearing.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Turns a high band down while it is loud, all channels together: a bell or a high shelf whose gain follows the level of
// that band in what it listens to, the audio or a side chain. The band has to pass `threshold_db`, and to stand
// `relative_db` over what lies an octave and more below it. `lookahead_ms` counts from the next prepare and is the
// latency. Range 0 is an exact bypass (docs/dsp/de_esser.md).
class DeEsser final : public Processor {
public:
    DeEsser();

    int latency_frames() const noexcept override { return latency_frames_; }
    Reduction reduction() const override;
    bool rests() const noexcept override { return idle_ && !glide_.running() && !controls_changed_ && latency_frames_ == 0; }
    int reducing_parts() const noexcept override { return 1; }
    int tail_frames() const noexcept override;
    bool takes_side_chain() const noexcept override { return true; }

private:
    enum Index { threshold, relative, ratio, range, freq, q, attack, release, shape, lookahead };
    static constexpr int cell_frames = 16;
    using Cell = std::array<float, cell_frames>;

    enum Ear { band, below };  // filters of the side chain

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    void run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void set_controls() noexcept;
    void forget_what_was_heard() noexcept;
    void listen(BlockView side_chain, int first, int frames) noexcept;
    void reduce(int frames) noexcept;
    dsp::SvfCoefficients design(double reduction_db) const noexcept;

    double sample_rate_ = 48000.0;
    int latency_frames_ = 0;
    // In the order of Index, up to release.
    std::array<dsp::Ramp, 8> control_{dsp::Ramp(Scale::db),  dsp::Ramp(Scale::db),  dsp::Ramp(Scale::linear),
                                      dsp::Ramp(Scale::db),  dsp::Ramp(Scale::log), dsp::Ramp(Scale::log),
                                      dsp::Ramp(Scale::log), dsp::Ramp(Scale::log)};
    bool shelf_ = false;

    dsp::CellGrid cells_;
    bool controls_changed_ = true;
    bool idle_ = true;     // nothing to reduce in this cell, whatever comes
    dsp::ReductionGlide glide_;

    double power_keep_ = 0.0;
    float threshold_db_ = 0.0F, relative_db_ = 0.0F, range_db_ = 0.0F;
    dsp::CompressionCurve curve_;
    dsp::BranchingDetector detector_;

    std::vector<kernels::HearingLanes> ears_;  // of pairs of channels
    std::vector<dsp::DelayLine> delays_;
    dsp::ReductionLog log_;

    Cell band_powers_{};
    Cell below_powers_{};
    Cell reductions_{};
};

}  // namespace smartmix
