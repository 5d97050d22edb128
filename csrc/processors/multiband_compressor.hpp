#pragma once
#include <array>
#include <vector>

#include "dsp/band_compressor.hpp"
#include "dsp/crossover.hpp"
#include "dsp/dynamics.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Two to four bands, each with a compressor of its own, put together again. The sum of the bands is the input behind the
// all-passes of the crossovers: flat, but not the input itself. So with nothing to do (every band at ratio 1 without
// make-up or bypassed, or mix 0) the crossovers are not run and the input passes bit for bit; between the two lies a
// crossfade (docs/dsp/multiband_compressor.md). `lookahead_ms` counts from the next prepare and is the latency.
class MultibandCompressor final : public Processor {
public:
    static constexpr int most_bands = dsp::Crossover::most_bands;

    MultibandCompressor();

    int latency_frames() const noexcept override { return latency_frames_; }
    int tail_frames() const noexcept override;
    bool takes_side_chain() const noexcept override { return true; }
    Reduction reduction() const override;  // of the band that is reduced most
    int reducing_parts() const noexcept override { return most_bands; }
    Reduction reduction_of(int part) const override;

private:
    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;
    void on_band_parameter(int band, int field, double value, int ramp_frames) noexcept;

    // The samples of bands and channels in a cell.
    struct Bands {
        std::vector<float> samples;
        std::vector<float*> rows;  // of channel c in band b: rows[b * channels + c]
        void prepare(int channels);
        BlockView band(int index, int channels, int frames) noexcept {
            return {rows.data() + index * channels, channels, frames};
        }
    };

    int begin_cell() noexcept;
    void decide() noexcept;
    void begin_running() noexcept;
    void run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void compress(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void fill_shares(int frames) noexcept;
    void detect(int frames) noexcept;
    void join(BlockView io, int first, int frames) noexcept;
    void note(int frames) noexcept;
    bool neutral() const noexcept;

    double sample_rate_ = 48000.0;
    int latency_frames_ = 0;
    dsp::CellGrid cells_;
    bool fresh_ = true;     // nothing heard since reset: what is switched is there at once
    bool running_ = false;  // the crossovers run in this cell
    int wanted_bands_ = most_bands;
    dsp::CompressorDetection detection_;
    dsp::Ramp mix_{Scale::linear};
    // Below 0 the crossovers warm up, from 0 to 1 they fade in, at 1 the input is no more heard.
    dsp::Ramp wet_{Scale::linear};
    bool wet_wanted_ = false;

    dsp::Crossover crossover_, heard_crossover_;
    kernels::DetectorLanes detectors_;  // a band in each lane
    std::array<dsp::BandCompressor, most_bands> compressors_{{{detectors_, 0}, {detectors_, 1}, {detectors_, 2}, {detectors_, 3}}};
    Bands bands_, heard_bands_;
    std::vector<dsp::DelayLine> delays_;       // of the input
    std::vector<dsp::DelayLine> band_delays_;  // in the order of bands_.rows
    dsp::CellValues mixes_{};
    dsp::CellValues wets_{};
    dsp::CellValues deepest_{};
    std::array<dsp::ReductionLog, most_bands> logs_;
    dsp::ReductionLog log_;
};

}  // namespace smartmix
