#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "dsp/gain.hpp"
#include "dsp/limiter_release.hpp"
#include "dsp/ramp.hpp"
#include "dsp/reduction_trace.hpp"
#include "dsp/sliding_windows.hpp"
#include "kernels/limiter.hpp"
#include "kernels/peak_scan.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Keeps the true peak under `ceiling_dbtp`. It looks 1.5 ms ahead, turns all channels down together just before a peak
// that would pass, and lets go within `release_ms` after short peaks and within half a second under sustained limiting.
// Meters disagree about peaks near the Nyquist frequency, so the peak is the largest reading of a family of them.
// Audio that never passes the ceiling comes out bit for bit, delayed by latency_frames(). Limited peaks are aimed
// 0.1 dB under the ceiling, which pays for what the moving gain itself adds between samples (docs/dsp/true_peak_limiter.md).
class TruePeakLimiter final : public Processor {
public:
    // `margin_db`: how far under the ceiling limited peaks are aimed.
    explicit TruePeakLimiter(double margin_db = usual_margin_db);

    int latency_frames() const noexcept override { return detector_frames - 1 + window_frames_; }
    // The gain is still coming back after the input has ended, but it then turns silence down.
    int tail_frames() const noexcept override { return latency_frames(); }

    // What it has done since reset, in dB: the deepest reduction, and the mean of the reduction over the frames with
    // more than 0.1 dB of it (0 when there are none). Not while processing.
    double max_reduction_db() const noexcept;
    double mean_reduction_db() const noexcept;
    // The deepest reduction of each tenth of a second of the programme; cells are taken between two calls of process.
    dsp::ReductionTrace& trace() noexcept { return trace_; }

    static constexpr double usual_margin_db = 0.1;
    static constexpr int detector_frames = 32;  // the sharpest interpolator reads this far ahead

private:
    static constexpr int piece_frames = dsp::LimiterRelease::most_frames;

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    void process_piece(BlockView io, int first, int frames) noexcept;
    void make_room(int frames) noexcept;
    bool detect(int frames) noexcept;
    bool detect_channel(std::size_t channel, int start, int frames) noexcept;
    void follow_tails(std::size_t pair, int frames) noexcept;
    void shape_gain(int frames) noexcept;
    void move_release(int frames) noexcept;
    void read_demands(int frames) noexcept;
    void let_go(int frames) noexcept;
    void apply(BlockView io, int first, int frames) const noexcept;

    const kernels::PeakScan& scan_;
    const kernels::LimiterKernels& kernels_;
    const dsp::InterpolatorTables& tables_;

    using Levels = std::array<float, piece_frames + kernels::scan_group>;

    // Input of the recent past, one line per channel, and the ceiling that belongs to each frame of it.
    std::vector<std::vector<float>> lines_;
    std::vector<float> ceilings_;
    std::vector<kernels::TailMemory> tails_;  // of pairs of channels
    int history_frames_ = 0;
    int write_ = 0;

    double aim_;               // share of the ceiling that limited peaks are brought to
    int window_frames_ = 73;  // of 48 kHz; set by prepare
    double sample_rate_ = 48000.0;
    dsp::GainRamp ceiling_;
    dsp::Ramp release_{Scale::log};
    dsp::LimiterRelease shape_;

    Levels thresholds_{};
    Levels levels_{};
    std::array<Levels, 2> tail_levels_{};  // of the pair of channels at work
    Levels interval_peaks_{};
    std::array<double, piece_frames> gains_{};
    bool piece_is_neutral_ = true;

    float previous_interval_ = 0.0F;
    int neutral_frames_ = 0;  // in a row, up to the number after which nothing is remembered
    int forgotten_frames_ = 0;
    dsp::SlidingMinimum minimum_;
    dsp::RunningSum first_box_, second_box_;

    double smallest_gain_ = 1.0;
    std::int64_t limited_frames_ = 0;
    std::int64_t log_gain_sum_ = 0;  // of those frames, in steps of 1 / kernels::log_steps
    dsp::ReductionTrace trace_;
};

}  // namespace smartmix
