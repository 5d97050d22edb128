#include "engine/strip_bank.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/realtime.hpp"

namespace smartmix {
namespace {

// Measured (benchmarks/strip_threads.py): what a thread works on stays near it, and is begun seldom; threads that share wait for one
// another once a tile.
constexpr int own_tile_frames = 1024;
constexpr int shared_tile_frames = 2048;
constexpr int least_steps_to_share = 8;  // a block of fewer is done before a thread is awake

void check_range(const char* what, int value, int low, int high) {
    if (value >= low && value <= high) return;
    throw std::invalid_argument(std::to_string(value) + " " + what + ": expected " + std::to_string(low) + " to " +
                                std::to_string(high));
}

StripBankOptions with_tiles(StripBankOptions options) {
    if (options.tile_frames == 0) options.tile_frames = options.threads > 1 ? shared_tile_frames : own_tile_frames;
    return options;
}

StripLayout checked_layout(double sample_rate, int sends) {
    if (!(sample_rate >= 8000.0 && sample_rate <= 384000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(sample_rate) + " Hz: expected 8000 to 384000");
    }
    check_range("sends", sends, 0, most_sends);
    return make_strip_layout(sends);
}

}  // namespace

StripBank::StripBank(double sample_rate, const std::vector<int>& channels, const std::vector<bool>& dynamics, int sends,
                     const StripBankOptions& options, const StripBankKeys& keys)
    : layout_(checked_layout(sample_rate, sends)),
      options_(with_tiles(options)),
      key_channels_(keys.channels),
      strips_(channels.size()),
      events_(layout_, static_cast<int>(channels.size())),
      sums_(sends) {
    if (!dynamics.empty() && dynamics.size() != channels.size()) {
        throw std::invalid_argument("dynamics: expected an entry per strip (" + std::to_string(channels.size()) +
                                    "), got " + std::to_string(dynamics.size()));
    }
    if (!keys.strips.empty() && keys.strips.size() != channels.size()) {
        throw std::invalid_argument("keys: expected an entry per strip (" + std::to_string(channels.size()) + "), got " +
                                    std::to_string(keys.strips.size()));
    }
    for (const int of_key : keys.channels) check_range("channels of a key", of_key, 1, 2);
    check_range("threads", options.threads, 1, StripBankOptions::most_threads);
    check_range("frames to a tile", options_.tile_frames, 1, most_tile_frames);
    for (std::size_t s = 0; s < strips_.size(); ++s) {
        if (channels[s] < 1 || channels[s] > 2) {
            throw std::invalid_argument("strip " + std::to_string(s) + " has " + std::to_string(channels[s]) +
                                        " channels: expected 1 or 2");
        }
        strips_[s].channels = channels[s];
        strips_[s].prepare(sample_rate, layout_);
        const bool with_dynamics = !dynamics.empty() && dynamics[s];
        const StripKeying keying = keying_of(s, with_dynamics, keys);
        if (with_dynamics) strips_[s].prepare_dynamics(sample_rate, keying, key_channels_);
    }
    place_strips(sample_rate, channels);
    reset();
    const int threads = std::clamp(static_cast<int>(groups_.size()), 1, options.threads);
    for (int t = 0; t < threads; ++t) workspaces_.push_back(std::make_unique<StripWorkspace>());
    if (threads > 1) pool_ = std::make_unique<WorkerPool>(threads - 1);
}

StripKeying StripBank::keying_of(std::size_t strip, bool dynamics, const StripBankKeys& keys) const {
    const StripKeying keying = keys.strips.empty() ? StripKeying{} : keys.strips[strip];
    const int last = static_cast<int>(key_channels_.size()) - 1;
    check_range("as number of a key", keying.compressor, StripKeying::own, last);
    for (const int key : keying.bands) check_range("as number of a key", key, StripKeying::own, last);
    if (!dynamics && keying != StripKeying{}) {
        throw std::invalid_argument("strip " + std::to_string(strip) + " was made without dynamics: nothing listens to a key");
    }
    return keying;
}

// As many strips to a group as there are lanes for.
void StripBank::place_strips(double sample_rate, const std::vector<int>& channels) {
    std::vector<std::size_t> firsts;
    int used = StripGroup::lane_count;
    for (std::size_t s = 0; s < channels.size(); ++s) {
        if (used + channels[s] > StripGroup::lane_count) {
            firsts.push_back(s);
            used = 0;
        }
        used += channels[s];
    }
    groups_ = std::vector<StripGroup>(firsts.size());
    for (std::size_t g = 0; g < firsts.size(); ++g) {
        const std::size_t end = g + 1 < firsts.size() ? firsts[g + 1] : strips_.size();
        groups_[g].prepare(sample_rate, layout_, {strips_.data() + firsts[g], end - firsts[g]}, static_cast<int>(firsts[g]),
                           key_channels_);
    }
}

double StripBank::parameter(int strip, int index) const {
    return strips_.at(static_cast<std::size_t>(strip)).parameter(layout_, static_cast<std::size_t>(index));
}

void StripBank::set_parameter(int strip, int index, double value) {
    strips_.at(static_cast<std::size_t>(strip)).set_parameter(layout_, static_cast<std::size_t>(index), value);
}

double StripBank::response_db(int strip, double hz) const {
    const Strip& at = strips_.at(static_cast<std::size_t>(strip));
    return 20.0 * std::log10(at.trim.gain() * at.fader.gain()) + at.equaliser.response_db(hz);
}

StripReductions StripBank::reduction(int strip) const {
    return strips_.at(static_cast<std::size_t>(strip)).reduction();
}

void StripBank::reset() noexcept {
    for (Strip& strip : strips_) strip.reset(layout_);
}

void StripBank::process(const float* const* const* inputs, std::span<const StripEvent> events,
                        const StripOutput& output, int frames, const float* const* const* keys) noexcept {
    const realtime::Scope no_allocation;
    std::size_t next = 0;
    for (int done = 0; done < frames || next < events.size();) {
        next = events_.list(events, next, done, frames);
        int end = frames;  // no room for the rest: they begin the next batch
        if (next < events.size()) end = std::clamp(static_cast<int>(events[next].event.frame), done, frames);
        const int tiles = std::max(1, (end - done + options_.tile_frames - 1) / options_.tile_frames);
        run_batch({{inputs, keys}, &output, done, end, tiles * std::max(1, static_cast<int>(groups_.size()))});
        done = end;
    }
}

void StripBank::run_batch(const Batch& batch) noexcept {
    if (pool_ && batch.steps >= least_steps_to_share) {
        shared_ = batch;
        begun_.store(0, std::memory_order_relaxed);
        finished_.store(0, std::memory_order_relaxed);
        pool_->run([](void* bank, int worker) noexcept { static_cast<StripBank*>(bank)->share_steps(worker); }, this);
        return;
    }
    for (int step = 0; step < batch.steps; ++step) {
        run_step(batch, step, *workspaces_[0]);
        finish_step(batch, step, *workspaces_[0]);
    }
}

// A group goes on with the next tile when it has been added with the last: its faders are moved there.
void StripBank::share_steps(int worker) noexcept {
    const realtime::Scope no_allocation;
    const Batch batch = shared_;
    const int groups = static_cast<int>(groups_.size());
    StripWorkspace& work = *workspaces_[static_cast<std::size_t>(worker)];
    for (int step = begun_.fetch_add(1, std::memory_order_relaxed); step < batch.steps;
         step = begun_.fetch_add(1, std::memory_order_relaxed)) {
        wait_until_finished(step - groups);
        run_step(batch, step, work);
        wait_until_finished(step - 1);
        finish_step(batch, step, work);
        finished_.store(step + 1, std::memory_order_release);
        finished_.notify_all();
    }
}

void StripBank::wait_until_finished(int step) const noexcept {
    for (int now = finished_.load(std::memory_order_acquire); now <= step;
         now = finished_.load(std::memory_order_acquire)) {
        finished_.wait(now, std::memory_order_acquire);
    }
}

StripTile StripBank::tile_of(const Batch& batch, int step) const noexcept {
    const int number = groups_.empty() ? step : step / static_cast<int>(groups_.size());
    const int first = batch.begin + number * options_.tile_frames;
    const int frames = std::min(options_.tile_frames, batch.end - first);
    const int end = first + frames;
    const bool last = end == batch.end;  // takes the events behind the last frame, too
    return {first, frames, end + (last ? 1 : 0)};
}

// Touches nothing but its group.
void StripBank::run_step(const Batch& batch, int step, StripWorkspace& work) noexcept {
    if (groups_.empty()) return;
    const StripTile tile = tile_of(batch, step);
    StripGroup& group = groups_[static_cast<std::size_t>(step) % groups_.size()];
    const int next = step + threads();
    if (next < batch.steps) {
        groups_[static_cast<std::size_t>(next) % groups_.size()].expect(tile_of(batch, next), batch.inputs, work);
    } else {
        work.ahead.begin(0);
    }
    group.run(tile, batch.inputs, events_, work);
    if (batch.output->before_fader) group.write_before_fader(tile, batch.output->before_fader, work);
    group.run_width(tile, events_, work);
}

// In the order of the steps: sums are rounded differently in another.
void StripBank::finish_step(const Batch& batch, int step, StripWorkspace& work) noexcept {
    const StripTile tile = tile_of(batch, step);
    const std::size_t count = std::max<std::size_t>(1, groups_.size());
    const std::size_t group = static_cast<std::size_t>(step) % count;
    if (group == 0) sums_.clear(tile.frames);
    if (!groups_.empty()) groups_[group].add(tile, events_, work, sums_);
    if (group + 1 == count) sums_.write(*batch.output, tile.first, tile.frames);
}

}  // namespace smartmix
