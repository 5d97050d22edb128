#include "processors/delay.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/reverb_design.hpp"
#include "dsp/ringing.hpp"
#include "dsp/steer.hpp"

namespace smartmix {
namespace {

constexpr double longest_ms = 2000.0;
constexpr double glide_ms = 10.0;  // the shortest way of a setting that changes while audio runs
constexpr double fade_ms = 30.0;   // of one crossfade to another time
constexpr float loudest = 1e6F;    // +120 dBFS: more than this and echoes might leave the range of a float

}  // namespace

Delay::Delay()
    : Processor({{"time_ms", "Time", "ms", 1.0, longest_ms, 350.0, Scale::log, {}},
                 {"feedback", "Feedback", "", 0.0, 0.95, 0.35, Scale::linear, {}},
                 {"low_cut_hz", "Low cut", "Hz", 20.0, 500.0, 120.0, Scale::log, {}},
                 {"high_cut_hz", "High cut", "Hz", 1000.0, 20000.0, 8000.0, Scale::log, {}},
                 {"ping_pong", "Ping-pong", "", 0.0, 1.0, 0.0, Scale::toggle, {}},
                 {"mix", "Mix", "", 0.0, 1.0, 0.0, Scale::linear, {}}}) {}

int Delay::time_frames(double time_ms) const noexcept { return static_cast<int>(std::lround(0.001 * time_ms * sample_rate_)); }

int Delay::tail_frames() const noexcept {
    const double kept = parameter(feedback);
    const double repeats = kept > 0.0 ? std::max(1.0 + std::ceil(std::log(dsp::echo_floor) / std::log(kept)), 1.0) : 1.0;
    const int ring = dsp::ring_frames(dsp::design_high_pass(sample_rate_, parameter(low_cut), std::sqrt(0.5)));
    return static_cast<int>(repeats * time_frames(parameter(time))) + ring;
}

void Delay::on_prepare(const PrepareSpec& spec) {
    if (spec.channels > 2) throw std::invalid_argument(std::to_string(spec.channels) + " channels: a delay takes 1 or 2");
    sample_rate_ = spec.sample_rate;
    channels_ = spec.channels;
    glide_frames_ = static_cast<int>(std::lround(0.001 * glide_ms * sample_rate_));
    fade_frames_ = static_cast<int>(std::lround(0.001 * fade_ms * sample_rate_));
    ring_.prepare(2, time_frames(longest_ms), kernels::tank_tile);
}

void Delay::on_reset() noexcept {
    cut_ = {};
    forget();
    quiet_.clear();
    level_ = {};
    cell_left_ = cell_done_ = 0;
    fade_ = {};
    started_ = moving_ = false;
    stale_ = true;
}

void Delay::on_parameter(int index, double value, int ramp_frames) noexcept {
    controls_[static_cast<std::size_t>(index)].move(value, started_ ? std::max(ramp_frames, glide_frames_) : ramp_frames);
    cell_left_ = 0;
    stale_ = true;
}

void Delay::on_process(BlockView io) noexcept {
    for (int done = 0; done < io.frames;) {
        if (cell_left_ == 0) begin_cell();
        const int frames = std::min({io.frames - done, cell_left_, shortest_read()});
        run_cell(io, done, frames);
        done += frames;
        cell_left_ -= frames;
    }
}

// Whether nothing has come in for twice the tail, and for longer than a changed time can reach back.
bool Delay::over() const noexcept {
    const std::int64_t frames = quiet_.frames();
    if (moving_ || frames <= time_frames(longest_ms)) return false;
    return frames > 2 * static_cast<std::int64_t>(tail_frames());
}

void Delay::forget() noexcept {
    ring_.clear();
    for (auto* memory : {cut_.s1, cut_.s2, cut_.out, cut_.older}) std::fill_n(memory, cuts, 0.0F);
    asleep_ = true;
}

bool Delay::gliding() const noexcept {
    return fade_.frames > 0 || std::any_of(controls_.begin(), controls_.end(), [](const dsp::Ramp& r) { return r.moving(); });
}

void Delay::begin_cell() noexcept {
    const bool arrived = moving_;
    if (fade_.frames > 0 && fade_.done == fade_.frames) {
        delay_ = next_;
        fade_ = {};
    }
    if (fade_.frames == 0 && (stale_ || arrived)) begin_fade();
    moving_ = gliding();
    cell_left_ = moving_ ? moving_cell_frames : kernels::tank_tile;
    if (fade_.frames > 0) cell_left_ = std::min(cell_left_, fade_.frames - fade_.done);
    for (const dsp::Ramp& ramp : controls_) {
        if (ramp.moving()) cell_left_ = std::min(cell_left_, ramp.frames_left());
    }
    if (!started_ || (!moving_ && (stale_ || arrived))) {
        const Settings now = design(0);
        dsp::settle(cut_.g, now.cut);
        dsp::settle(level_, now.level);
    }
    if (moving_) {
        const Settings aim = design(cell_left_);
        dsp::steer(cut_.g, aim.cut, cell_done_, cell_left_);
        dsp::steer(level_, aim.level, cell_done_, cell_left_);
    }
    stale_ = false;
    cell_done_ = 0;
    if (!asleep_ && over()) forget();
}

// Over to the time there will be when the crossfade is through; before the first frame, at once.
void Delay::begin_fade() noexcept {
    next_ = time_frames(value_ahead(time, started_ ? fade_frames_ : 0));
    if (!started_) delay_ = next_;
    if (next_ != delay_) fade_ = {0, fade_frames_};
}

Delay::Settings Delay::design(int frames_ahead) const noexcept {
    const auto low = static_cast<float>(dsp::prewarped(value_ahead(low_cut, frames_ahead), sample_rate_));
    const auto high = static_cast<float>(dsp::prewarped(value_ahead(high_cut, frames_ahead), sample_rate_));
    const double sides = channels_ == 2 ? value_ahead(ping_pong, frames_ahead) : 0.0;
    return {{low, low, high, high},
            {static_cast<float>(value_ahead(feedback, frames_ahead)), static_cast<float>(sides),
             static_cast<float>(value_ahead(mix, frames_ahead))}};
}

// A tile is read before it is written: it cannot be longer than the loop.
int Delay::shortest_read() const noexcept {
    return (fade_.frames > 0 ? std::min(delay_, next_) : delay_) - kernels::cut_latency_frames;
}

void Delay::run_cell(BlockView io, int first, int frames) noexcept {
    asleep_ = quiet_.take(io, first, frames) && asleep_;
    if (!asleep_) {
        for (int side = 0; side < 2; ++side) {
            ring_.read(side, delay_ - kernels::cut_latency_frames, next_ - kernels::cut_latency_frames, fade_,
                       echo_[static_cast<std::size_t>(side)].data(), frames);
        }
        kernels::tank_kernels().cut(cut_, moving_, cell_done_, echo_[0].data(), echo_[1].data(), frames);
        feed(io, first, frames);
        put_out(io, first, frames);
        ring_.advance(frames);
    }
    for (dsp::Ramp& ramp : controls_) ramp.advance(frames);
    if (fade_.frames > 0) fade_.done += frames;
    cell_done_ += frames;
    started_ = true;
}

// Straight: each side gets its own input and its own echo. Across: the left gets all of the input and the right echo, the
// right gets the left echo.
void Delay::feed(BlockView io, int first, int frames) noexcept {
    const float* left = io.channels[0] + first;
    const float* right = io.channels[io.channel_count == 2 ? 1 : 0] + first;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const int n = static_cast<int>(i);
        const float x = std::min(std::max(left[i], -loudest), loudest);
        const float y = std::min(std::max(right[i], -loudest), loudest);
        const float over = level_at(across, n);
        const float stay = 1.0F - over;
        const float kept = level_at(back, n);
        fed_[0][i] = (stay * x + over * (0.5F * (x + y))) + kept * (stay * echo_[0][i] + over * echo_[1][i]);
        fed_[1][i] = stay * y + kept * (stay * echo_[1][i] + over * echo_[0][i]);
    }
    for (int side = 0; side < 2; ++side) ring_.write(side, fed_[static_cast<std::size_t>(side)].data(), frames);
}

void Delay::put_out(BlockView io, int first, int frames) noexcept {
    if (level_.from[wet] == 0.0F && level_.step[wet] == 0.0F) return;
    for (std::size_t c = 0; c < static_cast<std::size_t>(io.channel_count); ++c) {
        float* x = io.channels[c] + first;
        for (int i = 0; i < frames; ++i) {
            const float share = level_at(wet, i);
            x[i] = (1.0F - share) * x[i] + share * echo_[c][static_cast<std::size_t>(i)];
        }
    }
}

}  // namespace smartmix
