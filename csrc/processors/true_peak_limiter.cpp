#include "processors/true_peak_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

namespace smartmix {
namespace {

constexpr int ceiling_index = 0;
constexpr double lookahead_s = 0.0015;
constexpr int fewest_window_frames = 49;  // at low sample rates 1.5 ms is too short a fade against the interpolators
// Below this share of the ceiling no reading of the family can pass it; true_peak_meter.cpp has the reason for 0.707.
constexpr float reach = 0.64F;
constexpr double deepest_log_gain = -25.0;   // -217 dB
constexpr double unity = 1 << 30;  // gains are whole numbers of these steps, so that their sums are exact
constexpr int line_room_frames = 4096;

double decibels(double log_gain) noexcept { return log_gain * (20.0 / 2.302585092994046); }

}  // namespace

TruePeakLimiter::TruePeakLimiter(double margin_db)
    : Processor({{"ceiling_dbtp", "Ceiling", "dBTP", -24.0, 0.0, -1.0, Scale::db, {}},
                 {"release_ms", "Release", "ms", 5.0, 1000.0, 25.0, Scale::log, {}}}),
      scan_(kernels::peak_scan()),
      kernels_(kernels::limiter_kernels()),
      tables_(dsp::interpolator_tables()),
      aim_(std::pow(10.0, -margin_db / 20.0)) {}

void TruePeakLimiter::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    trace_.prepare(sample_rate_);
    window_frames_ = std::max(fewest_window_frames, static_cast<int>(std::lround(lookahead_s * spec.sample_rate)) | 1);
    shape_.prepare(sample_rate_);
    forgotten_frames_ = 2 * window_frames_ + shape_.memory_frames();
    // From the oldest sample a detector or the output still reads up to the newest.
    history_frames_ = latency_frames() + detector_frames;
    const auto length = static_cast<std::size_t>(history_frames_ + line_room_frames + kernels::scan_group);
    lines_.assign(static_cast<std::size_t>(spec.channels), std::vector<float>(length));
    ceilings_.assign(length, 1.0F);
    tails_.assign(static_cast<std::size_t>((spec.channels + 1) / 2), kernels::TailMemory{});
    minimum_.prepare(window_frames_, unity);
    first_box_.prepare((window_frames_ + 1) / 2);
    second_box_.prepare(window_frames_ + 1 - (window_frames_ + 1) / 2);
}

void TruePeakLimiter::on_reset() noexcept {
    for (auto& line : lines_) std::fill(line.begin(), line.end(), 0.0F);
    std::fill(ceilings_.begin(), ceilings_.end(), 1.0F);
    std::fill(tails_.begin(), tails_.end(), kernels::TailMemory{});
    write_ = history_frames_;
    previous_interval_ = 0.0F;
    shape_.clear();
    neutral_frames_ = forgotten_frames_;
    minimum_.fill(unity);
    first_box_.fill(unity);
    second_box_.fill(unity * first_box_.length());
    smallest_gain_ = 1.0;
    limited_frames_ = log_gain_sum_ = 0;
    trace_.clear(latency_frames());
}

void TruePeakLimiter::on_parameter(int index, double value, int ramp_frames) noexcept {
    if (index == ceiling_index) {
        ceiling_.move(value, ramp_frames);
        return;
    }
    release_.move(value, ramp_frames);
    shape_.set_release(0.001 * release_.value());
}

void TruePeakLimiter::move_release(int frames) noexcept {
    if (!release_.moving()) return;
    release_.advance(frames);
    shape_.set_release(0.001 * release_.value());
}

void TruePeakLimiter::on_process(BlockView io) noexcept {
    if (lines_.empty()) return;  // not prepared yet
    for (int done = 0; done < io.frames; done += piece_frames) {
        process_piece(io, done, std::min(piece_frames, io.frames - done));
    }
}

void TruePeakLimiter::process_piece(BlockView io, int first, int frames) noexcept {
    make_room(frames);
    const auto bytes = static_cast<std::size_t>(frames) * sizeof(float);
    for (std::size_t c = 0; c < lines_.size(); ++c) {
        // A caller may bring fewer channels than prepared; the rest is silence.
        if (static_cast<int>(c) < io.channel_count) {
            std::memcpy(lines_[c].data() + write_, io.channels[c] + first, bytes);
        } else {
            std::memset(lines_[c].data() + write_, 0, bytes);
        }
    }
    ceiling_.fill(ceilings_.data() + write_, frames);
    write_ += frames;
    const bool over = detect(frames);
    if (over) neutral_frames_ = 0;
    piece_is_neutral_ = !over && neutral_frames_ >= forgotten_frames_;
    if (piece_is_neutral_) {
        previous_interval_ = interval_peaks_[static_cast<std::size_t>(frames - 1)];
        move_release(frames);
        trace_.add(nullptr, frames);
    } else {
        shape_gain(frames);
    }
    apply(io, first, frames);
}

// Appending is free most of the time; now and then the recent past moves back to the front.
void TruePeakLimiter::make_room(int frames) noexcept {
    if (write_ + frames <= history_frames_ + line_room_frames) return;
    const int first = write_ - history_frames_;
    const auto bytes = static_cast<std::size_t>(history_frames_) * sizeof(float);
    for (auto& line : lines_) std::memmove(line.data(), line.data() + first, bytes);
    std::memmove(ceilings_.data(), ceilings_.data() + first, bytes);
    write_ = history_frames_;
}

// The peaks of the `frames` intervals that have just become complete, over all channels; true when one is too high.
bool TruePeakLimiter::detect(int frames) noexcept {
    const int start = write_ - frames - detector_frames;
    for (float& peak : std::span(interval_peaks_).first(static_cast<std::size_t>(frames))) peak = 0.0F;
    bool over = previous_interval_ > ceilings_[static_cast<std::size_t>(start)];
    for (std::size_t c = 0; c < lines_.size(); ++c) {
        if (c % 2 == 0) follow_tails(c / 2, frames);
        over |= detect_channel(c, start, frames);
    }
    return over;
}

bool TruePeakLimiter::detect_channel(std::size_t channel, int start, int frames) noexcept {
    constexpr int group = kernels::scan_group;
    const int padded = (frames + group - 1) / group * group;
    const Levels& tails = tail_levels_[channel % 2];
    const float* x = lines_[channel].data() + start;
    const float* ceilings = ceilings_.data() + start;
    for (int i = 0; i < padded; ++i) {
        const auto at = static_cast<std::size_t>(i);
        thresholds_[at] = reach * ceilings[i] - tails[at];
    }
    std::array<int, piece_frames / group + 1> groups;
    const int count = scan_.half_scan(tables_, x, padded, thresholds_.data(), levels_.data(), groups.data());
    bool over = false;
    for (int g = 0; g < count; ++g) {
        const int at = groups[static_cast<std::size_t>(g)], room = std::min(group, frames - at);
        const unsigned found = scan_.readings(
            tables_, x + at, {levels_.data() + at, thresholds_.data() + at, tails.data() + at, ceilings + at}, interval_peaks_.data() + at);
        over |= (found & ((1U << static_cast<unsigned>(room)) - 1U)) != 0;
    }
    return over;
}

// The newest frames are as far ahead of the intervals as the poles are late.
void TruePeakLimiter::follow_tails(std::size_t pair, int frames) noexcept {
    const bool odd = 2 * pair + 1 == lines_.size();
    const float* left = lines_[2 * pair].data() + (write_ - frames);
    const float* right = odd ? left : lines_[2 * pair + 1].data() + (write_ - frames);
    kernels_.tails(tails_[pair], left, right, tail_levels_[0].data(), tail_levels_[1].data(), frames);
}

// A frame answers for the intervals on both sides of it.
void TruePeakLimiter::read_demands(int frames) noexcept {
    const float* ceilings = ceilings_.data() + (write_ - frames - detector_frames);
    std::array<float, piece_frames> peaks;
    peaks[0] = std::max(previous_interval_, interval_peaks_[0]);
    for (std::size_t i = 1; i < static_cast<std::size_t>(frames); ++i) {
        peaks[i] = std::max(interval_peaks_[i - 1], interval_peaks_[i]);
    }
    previous_interval_ = interval_peaks_[static_cast<std::size_t>(frames - 1)];
    kernels_.demands(peaks.data(), ceilings, aim_, deepest_log_gain, gains_.data(), frames);
}

void TruePeakLimiter::let_go(int frames) noexcept {
    int done = 0;
    for (; done < frames && release_.moving(); ++done) {
        move_release(1);
        shape_.run(gains_.data() + done, 1);
    }
    shape_.run(gains_.data() + done, frames - done);
}

// The gain a frame may have at most is held for a window and faded by two boxes that together are as long: every frame's gain
// is then a mean of values that are all at most its own.
void TruePeakLimiter::shape_gain(int frames) noexcept {
    read_demands(frames);
    let_go(frames);
    double* gains = gains_.data();
    kernels_.most_gains(gains, unity, frames);
    int neutral = 0;
    while (neutral < frames && gains[frames - 1 - neutral] == unity) ++neutral;
    neutral_frames_ = std::min(neutral == frames ? neutral_frames_ + frames : neutral, forgotten_frames_);
    std::array<double, piece_frames> late;
    minimum_.run(gains, gains, frames);
    first_box_.run(gains, gains, late.data(), frames);
    second_box_.run(gains, gains, late.data(), frames);
    const double whole = unity * first_box_.length() * second_box_.length();
    const kernels::GainCount count = kernels_.finish(gains, whole, frames);
    smallest_gain_ = std::min(smallest_gain_, count.smallest);
    limited_frames_ += count.counted;
    log_gain_sum_ += count.log_sum;
    trace_.add(gains, frames, count.smallest);
}

void TruePeakLimiter::apply(BlockView io, int first, int frames) const noexcept {
    const int start = write_ - frames - latency_frames();
    for (int c = 0; c < io.channel_count; ++c) {
        const float* from = lines_[static_cast<std::size_t>(c)].data() + start;
        float* to = io.channels[c] + first;
        if (piece_is_neutral_) {
            std::memcpy(to, from, static_cast<std::size_t>(frames) * sizeof(float));
        } else {
            kernels_.apply(from, gains_.data(), to, frames);
        }
    }
}

double TruePeakLimiter::max_reduction_db() const noexcept {
    return smallest_gain_ < 1.0 ? -decibels(std::log(std::max(smallest_gain_, 1e-11))) : 0.0;
}

double TruePeakLimiter::mean_reduction_db() const noexcept {
    if (limited_frames_ == 0) return 0.0;
    return -decibels(static_cast<double>(log_gain_sum_) / kernels::log_steps / static_cast<double>(limited_frames_));
}

}  // namespace smartmix
