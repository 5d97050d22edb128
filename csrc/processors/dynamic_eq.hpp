#pragma once
#include <array>
#include <optional>
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

    // `channels` channels of the side chain from `first` on; none of them: what is processed itself.
    struct Part {
        int first = 0;
        int channels = 0;
        friend bool operator==(const Part&, const Part&) = default;
    };
    using Parts = std::array<Part, band_count>;
    // Before prepare: what each band listens to where the side chain is more than one sound. Otherwise each listens to all of it.
    void listen_to(const Parts& parts) noexcept { parts_ = parts; }

    bool rests() const noexcept override;
    int tail_frames() const noexcept override;
    bool takes_side_chain() const noexcept override { return true; }
    // How far the gains are from 0 dB, up or down: of the band that is furthest, and of each.
    Reduction reduction() const override;
    int reducing_parts() const noexcept override { return band_count; }
    Reduction reduction_of(int part) const override;

private:
    // Bands that hear the same.
    struct Listeners {
        Part part;
        std::array<bool, band_count> bands{};
        std::vector<kernels::HearingLanes> ears;  // of pairs of channels, a filter for each band
    };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    int begin_cell() noexcept;
    void run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void hear_anew() noexcept;
    void hear(BlockView io, BlockView side_chain, int first, int frames, float* const* rows) noexcept;
    void listen(BlockView io, BlockView side_chain, int first, int frames) noexcept;
    void note(int frames) noexcept;

    dsp::CellGrid cells_;
    std::array<dsp::DynamicBand, band_count> bands_;
    std::optional<Parts> parts_;
    std::vector<Listeners> listeners_;
    kernels::DetectorLanes detectors_;  // a lane for each band
    std::array<float, dsp::longest_cell_frames> silent_{};   // what a band wants that wants nothing
    std::array<float, dsp::longest_cell_frames> unheard_{};  // levels for nobody
    std::array<dsp::ReductionLog, band_count> logs_;
    dsp::ReductionLog log_;
    dsp::CellValues furthest_{};
};

}  // namespace smartmix
