#include "meters/true_peak_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace smartmix {
namespace {

constexpr int delay_frames = dsp::fine_taps / 2;    // a point can be computed when this many samples after it are there
constexpr int history_frames = 2 * delay_frames;    // and needs this many before the oldest waiting one
constexpr int block_frames = 256;                   // the threshold follows the peak from block to block

// A signal band-limited to w that peaks at M is at least M cos(w t) at a distance t from the peak. With all content up
// to the Nyquist frequency a half-sample grid has a point above cos(pi/4) M next to it, a quarter-sample grid one above
// cos(pi/8) M = 0.924 M. A little less is asked, for the ripple of the 24 taps.
constexpr float half_reach = 0.68F;
constexpr float quarter_reach = 0.90F;

}  // namespace

TruePeakMeter::TruePeakMeter(int channels, bool between_samples)
    : between_samples_(between_samples),
      kernels_(kernels::peak_scan()),
      tables_(dsp::interpolator_tables()),
      channels_(static_cast<std::size_t>(channels)) {
    for (Channel& channel : channels_) {
        channel.samples.assign(history_frames + chunk_frames + delay_frames, 0.0F);
    }
}

void TruePeakMeter::reset() noexcept {
    for (Channel& channel : channels_) {
        std::fill(channel.samples.begin(), channel.samples.end(), 0.0F);
        channel.peak = channel.highest = channel.sample_peak = 0.0F;
    }
    filled_ = scanned_ = 0;
}

void TruePeakMeter::push(const float* const* channels, int frames) noexcept {
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        float* to = channels_[c].samples.data() + history_frames + filled_;
        std::memcpy(to, channels[c], static_cast<std::size_t>(frames) * sizeof(float));
    }
    filled_ += frames;
    if (filled_ == chunk_frames) finish_chunk();
}

void TruePeakMeter::finish_chunk() noexcept {
    for (Channel& channel : channels_) {
        float* samples = channel.samples.data();
        channel.sample_peak = std::max(channel.sample_peak, kernels_.largest(samples + history_frames, chunk_frames));
        scan_waiting(channel, chunk_frames);
        std::memmove(samples, samples + chunk_frames, history_frames * sizeof(float));
    }
    filled_ = scanned_ = 0;
}

// Looks at the chunk up to its frame `end`, which is a multiple of the scan group, less the delay.
void TruePeakMeter::scan_waiting(Channel& channel, int end) const noexcept {
    if (!between_samples_ || end <= scanned_) return;
    const float* from = channel.samples.data() + history_frames - delay_frames + scanned_;
    channel.peak = scan(from, end - scanned_, channel.peak);
}

double TruePeakMeter::true_peak() const {
    double peak = 0.0;
    for (std::size_t c = 0; c < channels_.size(); ++c) peak = std::max(peak, true_peak(static_cast<int>(c)));
    return peak;
}

double TruePeakMeter::true_peak(int channel) const {
    const Channel& from = channels_.at(static_cast<std::size_t>(channel));
    // What waits, and the ringing after the end: silence follows the last sample.
    std::vector<float> rest(history_frames + chunk_frames + 3 * delay_frames, 0.0F);
    std::copy_n(from.samples.begin(), history_frames + filled_, rest.begin());
    const int frames = (filled_ + 2 * delay_frames) / kernels::scan_group * kernels::scan_group;
    return scan(rest.data() + history_frames - delay_frames, frames, std::max(from.peak, from.highest));
}

double TruePeakMeter::take_peak() noexcept {
    float peak = 0.0F;
    const int whole = filled_ / kernels::scan_group * kernels::scan_group;
    for (Channel& channel : channels_) {
        scan_waiting(channel, whole);
        peak = std::max(peak, channel.peak);
        channel.highest = std::max(channel.highest, channel.peak);
        channel.peak = 0.0F;
    }
    scanned_ = whole;
    return peak;
}

double TruePeakMeter::sample_peak() const noexcept {
    float peak = 0.0F;
    for (const Channel& channel : channels_) {
        peak = std::max(peak, channel.sample_peak);
        peak = std::max(peak, kernels_.largest(channel.samples.data() + history_frames, filled_));
    }
    return peak;
}

// The larger of `peak` and the points from x[0] up to x[frames]; `frames` is a multiple of the scan group.
float TruePeakMeter::scan(const float* x, int frames, float peak) const noexcept {
    for (int at = 0; at < frames; at += block_frames) {
        peak = scan_block(x + at, std::min(block_frames, frames - at), peak);
    }
    return peak;
}

float TruePeakMeter::scan_block(const float* x, int frames, float peak) const noexcept {
    const float loudest = kernels_.largest(x - delay_frames, frames + 2 * delay_frames);
    if (loudest * tables_.fine_gain_bound <= peak) return peak;
    std::array<float, block_frames> threshold;
    std::array<float, block_frames> level;
    std::array<int, block_frames / kernels::scan_group> groups;
    // Samples are points too; knowing the loudest one now saves looking at everything below it.
    peak = std::max(peak, kernels_.largest(x, frames));
    threshold.fill(half_reach * peak);
    const int count = kernels_.half_scan(tables_, x, frames, threshold.data(), level.data(), groups.data());
    for (int g = 0; g < count; ++g) peak = look_closer(x + groups[static_cast<std::size_t>(g)], peak);
    return peak;
}

// Eight positions at quarter samples; each local maximum within reach of the peak is measured finely.
float TruePeakMeter::look_closer(const float* x, float peak) const noexcept {
    constexpr int positions = kernels::scan_group;
    std::array<float, positions> q1;
    std::array<float, positions> q2;
    std::array<float, positions> q3;
    kernels_.quarters(tables_, x, q1.data(), q2.data(), q3.data());
    float loudest = 0.0F;
    std::array<float, 4 * positions + 2> points;  // from a quarter before x[0] to x[8]
    for (std::size_t i = 0; i < positions; ++i) {
        points[4 * i + 1] = x[i];
        points[4 * i + 2] = q1[i];
        points[4 * i + 3] = q2[i];
        points[4 * i + 4] = q3[i];
        loudest = std::max({loudest, std::fabs(x[i]), std::fabs(q1[i]), std::fabs(q2[i]), std::fabs(q3[i])});
    }
    if (loudest < quarter_reach * peak) return peak;
    points[0] = fine_point(x, -dsp::fine_steps / 4);
    points[4 * positions + 1] = x[positions];
    for (std::size_t i = 1; i <= 4 * positions; ++i) {
        const float here = std::fabs(points[i]);
        const float sign = points[i] < 0.0F ? -1.0F : 1.0F;
        if (here < quarter_reach * peak || sign * points[i - 1] > here || sign * points[i + 1] > here) continue;
        peak = std::max(peak, fine_peak(x, static_cast<int>(i) - 1, points.data() + i));
    }
    return peak;
}

// The height of the maximum near x + quarter/4, where `around[-1 .. 1]` are the quarter-sample points beside it.
float TruePeakMeter::fine_peak(const float* x, int quarter, const float* around) const noexcept {
    constexpr int per_quarter = dsp::fine_steps / 4;
    const float curve = around[-1] - 2.0F * around[0] + around[1];
    const float vertex = curve == 0.0F ? 0.0F : 0.5F * (around[-1] - around[1]) / curve;
    const long offset = std::lround(per_quarter * std::clamp(vertex, -0.5F, 0.5F));
    const int step = per_quarter * quarter + static_cast<int>(offset);
    const float before = std::fabs(fine_point(x, step - 1));
    const float middle = std::fabs(fine_point(x, step));
    const float after = std::fabs(fine_point(x, step + 1));
    const float bend = before - 2.0F * middle + after;
    const float slope = 0.5F * (after - before);
    if (bend < 0.0F && middle >= before && middle >= after) return middle - 0.5F * slope * slope / bend;
    return std::max({before, middle, after});
}

// The point `step` / 32 samples after x[0]; step may be negative.
float TruePeakMeter::fine_point(const float* x, int step) const noexcept {
    const int sample = step >= 0 ? step / dsp::fine_steps : -((dsp::fine_steps - 1 - step) / dsp::fine_steps);
    const auto phase = static_cast<std::size_t>(step - sample * dsp::fine_steps);
    return kernels_.fine_point(x + sample - (dsp::fine_taps / 2 - 1), tables_.fine[phase].data());
}

}  // namespace smartmix
