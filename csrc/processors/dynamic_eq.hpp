#pragma once
#include <array>
#include <vector>

#include "dsp/dynamic_band.hpp"
#include "dsp/dynamics.hpp"
#include "kernels/dynamics.hpp"
#include "kernels/hearing.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Four bands, bells or shelves in series, whose gains move by `range_db` as the level of each band in what is heard passes
// its `threshold_db`: down with a negative range, up with a positive one. Every band listens to the input (or the side
// chain), not to what the bands before it made of it. Range 0 is an exact bypass (docs/dsp/dynamic_eq.md).
class DynamicEq final : public Processor {
public:
    static constexpr int band_count = 4;

    DynamicEq();
    DynamicEq(const DynamicEq&) = delete;  // its bands know where its detectors are
    DynamicEq& operator=(const DynamicEq&) = delete;

    bool rests() const noexcept override;
    int tail_frames() const noexcept override;
    bool takes_side_chain() const noexcept override { return true; }
    // How far the gains are from 0 dB, up or down: of the band that is furthest, and of each.
    Reduction reduction() const override;
    int reducing_parts() const noexcept override { return band_count; }
    Reduction reduction_of(int part) const override;

private:
    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    void run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void hear_anew() noexcept;
    void listen(BlockView side_chain, int first, int frames) noexcept;
    void note(int frames) noexcept;

    dsp::CellGrid cells_;
    std::array<dsp::DynamicBand, band_count> bands_;
    std::vector<kernels::HearingLanes> ears_;  // of pairs of channels, a filter for each band
    kernels::DetectorLanes detectors_;         // ... and a lane
    std::array<float, dsp::longest_cell_frames> silent_{};  // what a band wants that wants nothing
    std::array<dsp::ReductionLog, band_count> logs_;
    dsp::ReductionLog log_;
    dsp::CellValues furthest_{};
};

}  // namespace smartmix
