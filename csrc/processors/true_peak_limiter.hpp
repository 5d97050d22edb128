#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "dsp/gain.hpp"
#include "dsp/ramp.hpp"
#include "dsp/reduction_trace.hpp"
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
    TruePeakLimiter();

    int latency_frames() const noexcept override { return detector_frames - 1 + window_frames_; }

    // What it has done since reset, in dB: the deepest reduction, and the mean of the reduction over the frames with
    // more than 0.1 dB of it (0 when there are none). Not while processing.
    double max_reduction_db() const noexcept;
    double mean_reduction_db() const noexcept;
    // The deepest reduction of each tenth of a second of the programme; cells are taken between two calls of process.
    dsp::ReductionTrace& trace() noexcept { return trace_; }

    static constexpr int detector_frames = 32;  // the sharpest interpolator reads this far ahead

private:
    // Smallest of the last `window` values, amortised constant time in fixed memory.
    class SlidingMinimum {
    public:
        void prepare(int window);
        void fill(std::int64_t value) noexcept;
        std::int64_t push(std::int64_t value) noexcept;

    private:
        struct Entry {
            std::int64_t at, value;
        };
        std::vector<Entry> ring_;
        std::size_t first_ = 0, count_ = 0;
        std::int64_t now_ = 0;
    };

    // Sum of the last `length` values; whole numbers, so it never drifts.
    class RunningSum {
    public:
        void prepare(int length);
        void fill(std::int64_t value) noexcept;
        std::int64_t push(std::int64_t value) noexcept;
        std::int64_t length() const noexcept { return static_cast<std::int64_t>(ring_.size()); }

    private:
        std::vector<std::int64_t> ring_;
        std::size_t at_ = 0;
        std::int64_t sum_ = 0;
    };

    static constexpr int piece_frames = 256;

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    void process_piece(BlockView io, int first, int frames) noexcept;
    void make_room(int frames) noexcept;
    bool detect(int frames) noexcept;
    void detect_channel(std::size_t channel, int start, int frames, int padded) noexcept;
    void follow_tail(std::size_t channel, int frames) noexcept;
    void shape_gain(int frames) noexcept;
    double envelope(float peak, float ceiling) noexcept;
    void move_release(int frames) noexcept;
    void set_release(double release_ms) noexcept;
    void note_reduction(double gain) noexcept;
    void apply(BlockView io, int first, int frames) const noexcept;

    const kernels::PeakScan& kernels_;
    const dsp::InterpolatorTables& tables_;

    // Content so near the Nyquist frequency that no interpolator of finite length shows its height between samples:
    // four poles at -`tail_pole` pick it out, and a decaying maximum holds its size.
    struct Tail {
        double stage[4];
        double held;
    };

    // Input of the recent past, one line per channel, and the ceiling that belongs to each frame of it.
    std::vector<std::vector<float>> lines_;
    std::vector<float> ceilings_;
    std::vector<Tail> tails_;
    int history_frames_ = 0;
    int write_ = 0;

    int window_frames_ = 73;  // of 48 kHz; set by prepare
    double sample_rate_ = 48000.0;
    dsp::GainRamp ceiling_;
    dsp::Ramp release_{Scale::log};
    double fast_decay_ = 0.0, bed_build_ = 0.0, bed_decay_ = 0.0;

    std::array<float, piece_frames + kernels::scan_group> thresholds_{};
    std::array<float, piece_frames + kernels::scan_group> levels_{};
    std::array<float, piece_frames + kernels::scan_group> tail_levels_{};
    std::array<float, piece_frames + kernels::scan_group> interval_peaks_{};
    std::array<double, piece_frames> gains_{};
    bool piece_is_neutral_ = true;

    float previous_interval_ = 0.0F;
    double fast_ = 0.0;  // log of the gain the last peaks leave, <= 0
    double bed_ = 0.0;   // log of the gain that sustained limiting leaves
    int neutral_frames_ = 0;
    SlidingMinimum minimum_;
    RunningSum first_box_, second_box_;

    double smallest_gain_ = 1.0;
    double gain_product_ = 1.0;  // of the gains that count, folded into the sum of logs before it underflows
    double log_gain_sum_ = 0.0;
    std::int64_t limited_frames_ = 0;
    dsp::ReductionTrace trace_;
};

}  // namespace smartmix
