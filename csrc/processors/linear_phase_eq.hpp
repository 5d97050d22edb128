#pragma once
#include <array>
#include <memory>
#include <vector>

#include "dsp/band_magnitude.hpp"
#include "dsp/convolver.hpp"
#include "dsp/fir_design.hpp"
#include "dsp/ramp.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// The bands of the parametric EQ with their magnitude and no phase: a symmetric FIR of about 0.35 s, designed from that
// magnitude and run by partitioned convolution. Latency: half the FIR and one partition.
//
// Time goes by partitions, counted from reset, eight to a period. The settings at the start of each period get a filter:
// they wait for one period, are designed in the next, an eighth of the work with each partition, and are faded to in the
// first partition of the one after, which is where what came in at that start is in the middle of the FIR: settings and
// sound meet. Whatever the blocks, the work of a partition is done with its last frame.
class LinearPhaseEq final : public Processor {
public:
    static constexpr int band_count = 8;

    LinearPhaseEq();
    int latency_frames() const noexcept override { return taps_ / 2 + convolver_.latency_frames(); }
    int tail_frames() const noexcept override { return taps_ + convolver_.latency_frames(); }
    // Of the FIR that the settings give: within 0.05 dB of the parametric EQ's from 30 Hz on where freq_hz / q is 30 Hz or
    // more. Not while processing.
    double response_db(double hz) const override;

private:
    struct Band {
        dsp::BandShape shape = dsp::BandShape::off;
        int slope_db_oct = 12;
        dsp::Ramp hz{Scale::log};
        dsp::Ramp gain_db{Scale::db};
        dsp::Ramp q{Scale::log};
    };
    using Settings = std::array<dsp::BandSettings, band_count>;

    // What turns settings into taps. The processor has one; asking for the response makes another.
    struct Designer {
        explicit Designer(int taps)
            : fir(taps, taps), magnitude(fir.bins()), bins(static_cast<std::size_t>(fir.bins())),
              taps(static_cast<std::size_t>(taps)) {}
        void begin(const Settings& settings, double sample_rate) noexcept;
        dsp::FirDesign fir;
        dsp::BandMagnitude magnitude;
        std::vector<float> bins;
        std::vector<float> taps;
    };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    Settings settings() const noexcept;
    void begin_partition() noexcept;
    void begin_first() noexcept;
    void work(int step) noexcept;
    void design_step(int step) noexcept;

    std::array<Band, band_count> bands_;
    double sample_rate_ = 48000.0;
    int taps_ = 0;
    dsp::Convolver convolver_;
    std::unique_ptr<Designer> designer_;
    Settings waiting_{};
    Settings designed_{};  // at work, or the last that were
    int step_ = 0;         // which partition of the period
    bool started_ = false;
    bool designing_ = false;
    bool ready_ = false;

    mutable std::unique_ptr<Designer> told_;  // of the response asked for last
    mutable Settings told_settings_{};
};

}  // namespace smartmix
