#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "core/long_column.hpp"
#include "dsp/k_weighting.hpp"
#include "meters/true_peak_meter.hpp"

namespace smartmix {

// Loudness after ITU-R BS.1770-5, EBU Tech 3341 and Tech 3342, and true peak. Everything comes from one store: the
// K-weighted energy of each hop of 10 ms. Hop k ends at frame round(k * rate / 100), so hops differ by a frame where
// 10 ms is not a whole number of them, and windows of 400 ms and 3 s are divided by the frames they really hold.
// Channel orders: L R | L R C | L R Ls Rs | L R C Ls Rs | L R C LFE Ls Rs | with rear centre | with rear pair (7.1).
// Surround channels weigh 1.41 and the LFE nothing; one channel weighs 1, as one loudspeaker.
// Non-finite samples count as silence. Any cut of the signal into blocks gives the same figures, bit for bit.
class LoudnessMeter {
public:
    static constexpr int max_channels = 8;

    // std::invalid_argument outside 8 to 384 kHz and 1 to 8 channels.
    LoudnessMeter(double sample_rate, int channels, bool true_peak = true);

    int channels() const noexcept { return channel_count_; }
    void reset() noexcept;
    // From here on process() allocates nothing until `seconds` have gone by since reset: for the audio thread.
    void reserve(double seconds);
    void process(const float* const* channels, std::int64_t frames);

    // LUFS; -inf when there is no complete gating block, window, or nothing above -70 LUFS (integrated only).
    double integrated_lufs() const;
    double momentary_max_lufs() const;   // 400 ms, every 10 ms
    double short_term_max_lufs() const;  // 3 s, every 10 ms
    double range_lu() const;             // 0 when there is nothing to measure
    // Mean squares of the gating blocks (400 ms, each 100 ms) and of the short-term windows (3 s, each 100 ms): what
    // integrated loudness and range come from. Several programmes' put together are an album's (loudness_of_blocks).
    std::vector<double> gating_blocks() const;
    std::vector<double> range_blocks() const;
    // Short-term loudness `rate_hz` times a second (a divisor of 100), from the first whole window on.
    std::vector<double> short_term_lufs(int rate_hz = 10) const;
    // Mean square, channel-weighted, of each whole hop: -0.691 + 10 log10 of it is its loudness.
    std::vector<double> energies_10ms() const;

    double true_peak_dbtp() const;  // -inf in silence; std::logic_error when built without true peak
    // The true peak since the last call of this (or reset), up to 40 frames late: a time line of peaks.
    double take_true_peak_dbtp();
    double sample_peak_dbfs() const;

private:
    struct Pair {  // filter memory of two channels; [0] and [1] run in the two lanes of one vector
        double s1[2], s2[2], r1[2], r2[2], energy[2];
    };

    void take(const float* const* channels, int frames);
    void weigh(const float* const* channels, int first, int end) noexcept;
    void finish_hop();
    std::int64_t hop_end(std::int64_t hop) const noexcept;
    double window_power(const std::vector<double>& sums, std::int64_t end_hop, int hops) const noexcept;
    std::vector<double> sums_100ms() const;
    std::vector<double> window_powers(int hops, int step) const;  // mean squares; both in hops
    double max_lufs(int hops) const;

    double sample_rate_;
    int channel_count_;
    dsp::KWeighting weighting_;
    std::array<double, max_channels> channel_weight_{};
    std::array<Pair, max_channels / 2> pairs_{};
    std::array<std::vector<float>, max_channels> clean_;  // one chunk of input without non-finite samples
    LongColumn hop_sums_;                                 // per whole hop: weighted sum of squares over its frames
    std::int64_t frames_ = 0;
    std::int64_t next_hop_end_ = 0;
    bool with_true_peak_;
    TruePeakMeter peak_;
};

// Integrated loudness of gating blocks, LUFS: the mean of those above -70 LUFS and above 10 LU under the mean of these;
// -inf without any. For an album the gate is one, over the blocks of all programmes.
double loudness_of_blocks(const std::vector<double>& gating_blocks) noexcept;
// Loudness range of short-term windows, LU (Tech 3342: -70 LUFS, -20 LU, 10th to 95th percentile).
double range_of_blocks(std::vector<double> range_blocks);

}  // namespace smartmix
