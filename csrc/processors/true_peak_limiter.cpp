#include "processors/true_peak_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace smartmix {
namespace {

constexpr int ceiling_index = 0;
constexpr double lookahead_s = 0.0015;
constexpr int fewest_window_frames = 49;  // at low sample rates 1.5 ms is too short a fade against the interpolators
// Below this share of the ceiling no reading of the family can pass it; true_peak_meter.cpp has the reason for 0.707.
constexpr float reach = 0.64F;
// Four poles at -0.83 pass what the 64-tap interpolator loses next to the Nyquist frequency (half of it at 0.48 fs,
// -43 dB of it at 0.40 fs). Share and decay were tuned on white noise, the worst case: 0.03 dB over at most.
constexpr double tail_pole = 0.83;
constexpr double tail_decay = 0.99;
constexpr double tail_share = 1.4;
constexpr double deepest_log_gain = -25.0;   // -217 dB
constexpr std::int64_t unity = std::int64_t{1} << 30;
constexpr double counted_gain = 0.98855309465693886;  // 0.1 dB of reduction
constexpr int line_room_frames = 4096;

// Log of the gain that brings `peak` to `aim` times the `ceiling`; 0 where it does not pass.
double demand(float peak, float ceiling, double aim) noexcept {
    if (peak <= ceiling) return 0.0;
    return std::max(std::log(aim * static_cast<double>(ceiling) / static_cast<double>(peak)), deepest_log_gain);
}

double decibels(double log_gain) noexcept { return log_gain * (20.0 / 2.302585092994046); }

}  // namespace

TruePeakLimiter::TruePeakLimiter(double margin_db)
    : Processor({{"ceiling_dbtp", "Ceiling", "dBTP", -24.0, 0.0, -1.0, Scale::db, {}},
                 {"release_ms", "Release", "ms", 5.0, 1000.0, 25.0, Scale::log, {}}}),
      kernels_(kernels::peak_scan()),
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
    tails_.assign(static_cast<std::size_t>(spec.channels), Tail{});
    minimum_.prepare(window_frames_, unity);
    first_box_.prepare((window_frames_ + 1) / 2);
    second_box_.prepare(window_frames_ + 1 - (window_frames_ + 1) / 2);
}

void TruePeakLimiter::on_reset() noexcept {
    for (auto& line : lines_) std::fill(line.begin(), line.end(), 0.0F);
    std::fill(ceilings_.begin(), ceilings_.end(), 1.0F);
    std::fill(tails_.begin(), tails_.end(), Tail{});
    write_ = history_frames_;
    previous_interval_ = 0.0F;
    shape_.clear();
    neutral_frames_ = forgotten_frames_;
    minimum_.fill(unity);
    first_box_.fill(unity);
    second_box_.fill(unity * first_box_.length());
    smallest_gain_ = gain_product_ = 1.0;
    log_gain_sum_ = 0.0;
    limited_frames_ = 0;
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
    } else {
        shape_gain(frames);
    }
    trace_.add(piece_is_neutral_ ? nullptr : gains_.data(), frames);
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
    const int padded = (frames + kernels::scan_group - 1) / kernels::scan_group * kernels::scan_group;
    std::fill_n(interval_peaks_.begin(), padded, 0.0F);
    for (std::size_t c = 0; c < lines_.size(); ++c) detect_channel(c, start, frames, padded);
    bool over = previous_interval_ > ceilings_[static_cast<std::size_t>(start)];
    for (int i = 0; i < frames; ++i) {
        const float lower = std::min(ceilings_[static_cast<std::size_t>(start + i)],
                                     ceilings_[static_cast<std::size_t>(start + i + 1)]);
        over |= interval_peaks_[static_cast<std::size_t>(i)] > lower;
    }
    return over;
}

void TruePeakLimiter::detect_channel(std::size_t channel, int start, int frames, int padded) noexcept {
    follow_tail(channel, frames);
    const float* x = lines_[channel].data() + start;
    const float* ceilings = ceilings_.data() + start;
    for (int i = 0; i < padded; ++i) {
        const auto at = static_cast<std::size_t>(i);
        thresholds_[at] = reach * ceilings[i] - tail_levels_[at];
    }
    std::array<int, (piece_frames + kernels::scan_group) / kernels::scan_group> groups;
    const int count = kernels_.half_scan(tables_, x, padded, thresholds_.data(), levels_.data(), groups.data());
    for (int g = 0; g < count; ++g) {
        const int at = groups[static_cast<std::size_t>(g)];
        std::array<float, kernels::scan_group> peaks;
        kernels_.family(tables_, x + at, peaks.data());
        for (int lane = 0; lane < kernels::scan_group; ++lane) {
            // Position by position: a neighbour that happens to share the group must not decide.
            const auto i = static_cast<std::size_t>(at + lane);
            if (levels_[i] < thresholds_[i]) continue;
            const float peak = peaks[static_cast<std::size_t>(lane)] + tail_levels_[i];
            interval_peaks_[i] = std::max(interval_peaks_[i], peak);
        }
    }
}

// The newest frames are as far ahead of the intervals as the poles are late.
void TruePeakLimiter::follow_tail(std::size_t channel, int frames) noexcept {
    Tail tail = tails_[channel];
    const float* x = lines_[channel].data() + (write_ - frames);
    for (int i = 0; i < frames; ++i) {
        double value = static_cast<double>(x[i]);
        for (double& stage : tail.stage) value = stage = (1.0 - tail_pole) * value - tail_pole * stage;
        tail.held = std::max(std::fabs(value), tail.held * tail_decay);
        tail_levels_[static_cast<std::size_t>(i)] = static_cast<float>(tail_share * tail.held);
    }
    tails_[channel] = tail;
}

// A frame answers for the intervals on both sides of it. The gain it may have at most is held for a window and faded by
// two boxes that together are as long: every frame's gain is then a mean of values that are all at most its own.
void TruePeakLimiter::shape_gain(int frames) noexcept {
    const float* ceilings = ceilings_.data() + (write_ - frames - detector_frames);
    const double whole = static_cast<double>(unity * first_box_.length() * second_box_.length());
    for (int i = 0; i < frames; ++i) {
        move_release(1);
        const float interval = interval_peaks_[static_cast<std::size_t>(i)];
        const double log_gain = shape_.next(demand(std::max(previous_interval_, interval), ceilings[i], aim_));
        previous_interval_ = interval;
        const std::int64_t most =
            log_gain < 0.0 ? static_cast<std::int64_t>(std::exp(log_gain) * static_cast<double>(unity)) : unity;
        neutral_frames_ = most < unity ? 0 : std::min(neutral_frames_ + 1, forgotten_frames_);
        const std::int64_t sum = second_box_.push(first_box_.push(minimum_.push(most)));
        const double gain = static_cast<double>(sum) / whole;
        gains_[static_cast<std::size_t>(i)] = gain;
        if (gain < 1.0) note_reduction(gain);
    }
}

void TruePeakLimiter::note_reduction(double gain) noexcept {
    smallest_gain_ = std::min(smallest_gain_, gain);
    if (gain >= counted_gain) return;
    ++limited_frames_;
    gain_product_ *= std::max(gain, 1e-11);
    if (gain_product_ > 1e-250) return;
    log_gain_sum_ += std::log(gain_product_);
    gain_product_ = 1.0;
}

void TruePeakLimiter::apply(BlockView io, int first, int frames) const noexcept {
    const int start = write_ - frames - latency_frames();
    for (int c = 0; c < io.channel_count; ++c) {
        const float* from = lines_[static_cast<std::size_t>(c)].data() + start;
        float* to = io.channels[c] + first;
        if (piece_is_neutral_) {
            std::memcpy(to, from, static_cast<std::size_t>(frames) * sizeof(float));
            continue;
        }
        for (int i = 0; i < frames; ++i) {
            // Times one, a denormal would become zero here, but not where a neutral piece is copied.
            const double gain = gains_[static_cast<std::size_t>(i)];
            to[i] = gain == 1.0 ? from[i] : static_cast<float>(static_cast<double>(from[i]) * gain);
        }
    }
}

double TruePeakLimiter::max_reduction_db() const noexcept {
    return smallest_gain_ < 1.0 ? -decibels(std::log(std::max(smallest_gain_, 1e-11))) : 0.0;
}

double TruePeakLimiter::mean_reduction_db() const noexcept {
    if (limited_frames_ == 0) return 0.0;
    return -decibels((log_gain_sum_ + std::log(gain_product_)) / static_cast<double>(limited_frames_));
}

}  // namespace smartmix
