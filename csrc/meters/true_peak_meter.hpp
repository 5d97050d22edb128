#pragma once
#include <vector>

#include "kernels/peak_scan.hpp"

namespace smartmix {

// The highest point of the signal between and on its samples, per channel. Every half sample is looked at with 24 taps;
// where that comes within reach of the peak so far, every quarter; around the local maxima of those, every 1/32 with
// 64 taps and a parabola. The first two only choose where to look, so the reading is the fine interpolator's: within
// 0.03 dB of the band-limited signal for content up to 0.45 of the sample rate (docs/dsp/true_peak.md).
class TruePeakMeter {
public:
    // Without `between_samples` only the samples themselves are looked at, and true_peak() must not be asked.
    explicit TruePeakMeter(int channels, bool between_samples = true);

    void reset() noexcept;
    // Finite samples, at most `room()` frames. The work is done in whole chunks counted from the start of the
    // signal, so any cut gives the same reading. No allocation.
    void push(const float* const* channels, int frames) noexcept;
    int room() const noexcept { return chunk_frames - filled_; }

    // Amplitudes since reset; the signal counts as ending here, in silence. Allocates.
    double true_peak() const;
    double true_peak(int channel) const;
    double sample_peak() const noexcept;
    // The highest point since the last call of this (or reset); points come out up to 40 frames late.
    double take_peak() noexcept;

    static constexpr int chunk_frames = 1024;

private:
    struct Channel {
        std::vector<float> samples;  // history_frames of the past, then the chunk being filled
        float peak = 0.0F;     // since take_peak()
        float highest = 0.0F;  // before it
        float sample_peak = 0.0F;
    };

    void finish_chunk() noexcept;
    void scan_waiting(Channel& channel, int end) const noexcept;
    float scan(const float* x, int frames, float peak) const noexcept;
    float scan_block(const float* x, int frames, float peak) const noexcept;
    float look_closer(const float* x, float peak) const noexcept;
    float fine_peak(const float* x, int quarter, const float* around) const noexcept;
    float fine_point(const float* x, int step) const noexcept;

    bool between_samples_;
    const kernels::PeakScan& kernels_;
    const dsp::InterpolatorTables& tables_;
    std::vector<Channel> channels_;
    int filled_ = 0;
    int scanned_ = 0;  // of these, the frames that take_peak() has asked about
};

}  // namespace smartmix
