#include "processors/reverb.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/gain.hpp"
#include "dsp/ringing.hpp"
#include "dsp/steer.hpp"

namespace smartmix {
namespace {

constexpr double default_low_cut_hz = 80.0;
constexpr double default_high_cut_hz = 12000.0;
constexpr double glide_ms = 10.0;  // the shortest way of a setting that changes while audio runs
constexpr double fade_ms = 40.0;   // of one crossfade to another size or pre-delay
// decay_s is to -60 dB; the floor is 1.5 times that, and single modes live a tenth longer than the mean.
const double floor_decays = 1.1 * std::log(dsp::echo_floor) / std::log(1e-3);
constexpr float loudest = 1e6F;    // +120 dBFS: more than this and sums of lines might leave the range of a float
// Rows of the Hadamard matrix that are the two outputs: of all sixteen the two whose low third octaves lie closest together.
constexpr int left_row = 8;
constexpr int right_row = 15;

}  // namespace

Reverb::Reverb()
    : Processor({{"decay_s", "Decay", "s", 0.1, 10.0, 1.6, Scale::log, {}},
                 {"pre_delay_ms", "Pre-delay", "ms", 0.0, dsp::longest_pre_delay_ms, 15.0, Scale::linear, {}},
                 {"size", "Size", "", 0.0, 1.0, 0.5, Scale::linear, {}},
                 {"damping_hz", "Damping", "Hz", 1000.0, 20000.0, 6000.0, Scale::log, {}},
                 {"low_cut_hz", "Low cut", "Hz", 20.0, 500.0, default_low_cut_hz, Scale::log, {}},
                 {"high_cut_hz", "High cut", "Hz", 1000.0, 20000.0, default_high_cut_hz, Scale::log, {}},
                 {"early_db", "Early reflections", "dB", -60.0, 12.0, -6.0, Scale::db, {}},
                 {"width", "Width", "", 0.0, 1.0, 1.0, Scale::linear, {}},
                 {"mix", "Mix", "", 0.0, 1.0, 0.0, Scale::linear, {}}}) {}

int Reverb::tail_frames() const noexcept {
    const dsp::ReverbGeometry geometry = dsp::design_geometry(parameter(size), parameter(pre_delay), sample_rate_);
    return geometry.onset() + kernels::cut_latency_frames +
           static_cast<int>(std::ceil(floor_decays * parameter(decay) * sample_rate_));
}

void Reverb::on_prepare(const PrepareSpec& spec) {
    if (spec.channels > 2) throw std::invalid_argument(std::to_string(spec.channels) + " channels: a reverb takes 1 or 2");
    ones_.fill(1.0F);
    for (std::size_t l = 0; l < signs_.size(); ++l) signs_[l] = dsp::entry_sign(static_cast<int>(l));
    sample_rate_ = spec.sample_rate;
    glide_frames_ = static_cast<int>(std::lround(0.001 * glide_ms * sample_rate_));
    fade_frames_ = static_cast<int>(std::lround(0.001 * fade_ms * sample_rate_));
    energy_.prepare(default_low_cut_hz, default_high_cut_hz, sample_rate_);
    const dsp::ReverbGeometry largest = dsp::design_geometry(1.0, dsp::longest_pre_delay_ms, sample_rate_);
    input_.prepare(2, largest.onset(), kernels::tank_tile);
    spread_.prepare(dsp::reverb_lines, *std::max_element(largest.spread.begin(), largest.spread.end()), kernels::tank_tile);
    lines_.prepare(dsp::reverb_lines, *std::max_element(largest.line.begin(), largest.line.end()), kernels::tank_tile);
}

void Reverb::on_reset() noexcept {
    cut_ = {};
    damping_ = {};
    level_ = {};
    forget();
    quiet_.clear();
    cell_left_ = cell_done_ = 0;
    fade_ = {};
    started_ = moving_ = retuning_ = false;
    stale_ = resized_ = true;
}

void Reverb::on_parameter(int index, double value, int ramp_frames) noexcept {
    controls_[static_cast<std::size_t>(index)].move(value, started_ ? std::max(ramp_frames, glide_frames_) : ramp_frames);
    cell_left_ = 0;
    stale_ = true;
    resized_ = resized_ || index == size || index == pre_delay;
}

void Reverb::on_process(BlockView io) noexcept {
    for (int done = 0; done < io.frames;) {
        if (cell_left_ == 0) begin_cell();
        const int frames = std::min(io.frames - done, cell_left_);
        run_cell(io, done, frames);
        done += frames;
        cell_left_ -= frames;
    }
}

// Whether the room has been without input for twice its tail: what is left is 180 dB down.
bool Reverb::over() const noexcept {
    const double tail = geometry_.onset() + floor_decays * controls_[decay].value() * sample_rate_;
    return !moving_ && static_cast<double>(quiet_.frames()) > 2.0 * tail + dsp::longest_pre_delay_ms * 0.001 * sample_rate_;
}

void Reverb::forget() noexcept {
    for (dsp::TapRing* ring : {&input_, &spread_, &lines_}) ring->clear();
    for (auto* memory : {cut_.s1, cut_.s2, cut_.out, cut_.older}) std::fill_n(memory, cuts, 0.0F);
    for (auto* memory : {damping_.s1, damping_.s2}) std::fill_n(memory, dsp::reverb_lines, 0.0F);
    asleep_ = true;
}

bool Reverb::gliding() const noexcept {
    return fade_.frames > 0 || std::any_of(controls_.begin(), controls_.end(), [](const dsp::Ramp& r) { return r.moving(); });
}

void Reverb::begin_cell() noexcept {
    const bool arrived = moving_;
    if (fade_.frames > 0 && fade_.done == fade_.frames) {
        geometry_ = next_;
        fade_ = {};
    }
    if (fade_.frames == 0 && (resized_ || controls_[size].moving() || controls_[pre_delay].moving())) begin_fade();
    const bool retuned = retuning_;
    retuning_ = fade_.frames > 0 || controls_[decay].moving() || controls_[damping].moving();
    retune_ = stale_ || retuned || retuning_;
    moving_ = gliding();
    cell_left_ = moving_ ? moving_cell_frames : kernels::tank_tile;
    if (fade_.frames > 0) cell_left_ = std::min(cell_left_, fade_.frames - fade_.done);
    for (const dsp::Ramp& ramp : controls_) {
        if (ramp.moving()) cell_left_ = std::min(cell_left_, ramp.frames_left());
    }
    if (!started_ || (!moving_ && (stale_ || arrived))) settle(design(0));
    if (moving_) steer(design(cell_left_));
    stale_ = false;
    cell_done_ = 0;
    if (!asleep_ && over()) forget();
}

// The room goes over to where size and pre-delay will be when the crossfade is through; before the first frame, at once.
void Reverb::begin_fade() noexcept {
    const int ahead = started_ ? fade_frames_ : 0;
    next_ = dsp::design_geometry(value_ahead(size, ahead), value_ahead(pre_delay, ahead), sample_rate_);
    resized_ = false;
    if (!started_) geometry_ = next_;
    if (next_ != geometry_) fade_ = {0, fade_frames_};
}

// What the lines lose, and how loud that makes them: only while it changes, it takes a while.
void Reverb::retune(Settings& aim, int frames_ahead) noexcept {
    const double share = fade_.frames > 0 ? static_cast<double>(fade_.done + frames_ahead) / fade_.frames : 0.0;
    std::array<double, dsp::reverb_lines> lengths{};
    for (std::size_t l = 0; l < lengths.size(); ++l) {
        lengths[l] = geometry_.line[l] + share * (next_.line[l] - geometry_.line[l]);
    }
    const dsp::LineDamping lines =
        dsp::design_damping(value_ahead(decay, frames_ahead), value_ahead(damping, frames_ahead), lengths, sample_rate_);
    for (std::size_t l = 0; l < lengths.size(); ++l) {
        aim.gain[l] = static_cast<float>(lines.gain[l]);
        aim.g[l] = static_cast<float>(lines.g[l]);
    }
    late_factor_ = 1.0 / std::sqrt(energy_.after_late(lines));
}

const Reverb::Settings& Reverb::design(int frames_ahead) noexcept {
    Settings& aim = aim_;
    if (retune_) retune(aim, frames_ahead);
    const auto low = static_cast<float>(dsp::prewarped(value_ahead(low_cut, frames_ahead), sample_rate_));
    const auto high = static_cast<float>(dsp::prewarped(value_ahead(high_cut, frames_ahead), sample_rate_));
    aim.cut = {low, low, high, high};
    // Early and late powers add up to 1, as do those of a side's own output and the other's.
    const double early_gain = dsp::gain_from_db(value_ahead(early, frames_ahead));
    const double late_gain = 1.0 / std::sqrt(1.0 + early_gain * early_gain);
    const double wide = value_ahead(width, frames_ahead);
    const double evened = std::sqrt(0.5 / (1.0 + wide * wide));
    aim.level[late_level] = static_cast<float>(late_gain * late_factor_);
    aim.level[early_level] = static_cast<float>(early_gain * late_gain / std::sqrt(energy_.after_cuts()));
    aim.level[straight] = static_cast<float>((1.0 + wide) * evened);
    aim.level[crossed] = static_cast<float>((1.0 - wide) * evened);
    aim.level[wet] = static_cast<float>(value_ahead(mix, frames_ahead));
    return aim;
}

void Reverb::settle(const Settings& now) noexcept {
    dsp::settle(damping_.gain, now.gain);
    dsp::settle(damping_.g, now.g);
    dsp::settle(cut_.g, now.cut);
    dsp::settle(level_, now.level);
}

void Reverb::steer(const Settings& aim) noexcept {
    dsp::steer(damping_.gain, aim.gain, cell_done_, cell_left_);
    dsp::steer(damping_.g, aim.g, cell_done_, cell_left_);
    dsp::steer(cut_.g, aim.cut, cell_done_, cell_left_);
    dsp::steer(level_, aim.level, cell_done_, cell_left_);
}

void Reverb::run_cell(BlockView io, int first, int frames) noexcept {
    asleep_ = quiet_.take(io, first, frames) && asleep_;
    if (!asleep_) {
        take_in(io, first, frames);
        run_tank(frames);
        add_early(frames);
        put_out(io, first, frames);
        for (dsp::TapRing* ring : {&input_, &spread_, &lines_}) ring->advance(frames);
    }
    for (dsp::Ramp& ramp : controls_) ramp.advance(frames);
    if (fade_.frames > 0) fade_.done += frames;
    cell_done_ += frames;
    started_ = true;
}

void Reverb::take_in(BlockView io, int first, int frames) noexcept {
    for (std::size_t side = 0; side < 2; ++side) {
        const float* x = io.channels[io.channel_count == 2 ? side : 0] + first;
        float* to = filtered_[side].data();
        for (int i = 0; i < frames; ++i) to[i] = std::min(std::max(x[i], -loudest), loudest);
    }
    kernels::tank_kernels().cut(cut_, moving_, cell_done_, filtered_[0].data(), filtered_[1].data(), frames);
    for (int side = 0; side < 2; ++side) input_.write(side, filtered_[static_cast<std::size_t>(side)].data(), frames);
}

// Where a tap is: in the ring itself or, while it goes over to another delay, in `scratch`.
const float* Reverb::tap(const dsp::TapRing& ring, int line, int before, int after, float* scratch, int frames) noexcept {
    if (fade_.frames == 0) return ring.tap(line, before);
    ring.read(line, before, after, fade_, scratch, frames);
    return scratch;
}

void Reverb::run_tank(int frames) noexcept {
    const kernels::TankKernels& run = kernels::tank_kernels();
    std::array<const float*, dsp::reverb_lines> taps;
    for (std::size_t l = 0; l < taps.size(); ++l) {
        const int before = geometry_.pre_delay + geometry_.entry[l];
        const int after = next_.pre_delay + next_.entry[l];
        taps[l] = tap(input_, dsp::entry_side(static_cast<int>(l)), before, after, fed_.line[l], frames);
    }
    run.mix(taps.data(), signs_.data(), fed_, frames);
    for (std::size_t l = 0; l < taps.size(); ++l) {
        const int line = static_cast<int>(l);
        spread_.write(line, fed_.line[l], frames);
        taps[l] = tap(spread_, line, geometry_.spread[l], next_.spread[l], fed_.line[l], frames);
    }
    run.mix(taps.data(), ones_.data(), fed_, frames);
    for (std::size_t l = 0; l < taps.size(); ++l) {
        taps[l] = tap(lines_, static_cast<int>(l), geometry_.line[l], next_.line[l], tile_.line[l], frames);
    }
    run.damp(damping_, retuning_, cell_done_, taps.data(), tile_, frames);
    for (std::size_t l = 0; l < taps.size(); ++l) taps[l] = tile_.line[l];
    run.mix(taps.data(), ones_.data(), tile_, frames);
    for (std::size_t l = 0; l < taps.size(); ++l) lines_.write_sum(static_cast<int>(l), tile_.line[l], fed_.line[l], frames);
}

void Reverb::add_early(int frames) noexcept {
    const auto collect = [&](const dsp::ReverbGeometry& room, std::size_t side, float* sum) {
        std::array<const float*, dsp::early_taps> taps;
        std::array<float, dsp::early_taps> factors;
        for (std::size_t k = 0; k < dsp::early_taps; ++k) {
            const dsp::EarlyTap tap = pattern_[side][k];
            taps[k] = input_.tap(static_cast<int>(tap.crossed ? 1 - side : side), room.pre_delay + room.early[side][k]);
            factors[k] = tap.factor;
        }
        kernels::tank_kernels().sum(taps.data(), factors.data(), dsp::early_taps, sum, frames);
    };
    for (std::size_t side = 0; side < 2; ++side) {
        float* sum = early_[side].data();
        collect(geometry_, side, sum);
        if (fade_.frames == 0) continue;
        std::array<float, kernels::tank_tile> then;
        collect(next_, side, then.data());
        for (int i = 0; i < frames; ++i) sum[i] += fade_.share(i) * (then[static_cast<std::size_t>(i)] - sum[i]);
    }
}

void Reverb::put_out(BlockView io, int first, int frames) noexcept {
    if (level_.from[wet] == 0.0F && level_.step[wet] == 0.0F) return;
    const kernels::Ways<levels> ways = level_;
    const int done = cell_done_;
    const auto at = [&](Level level, int i) { return ways.from[level] + ways.step[level] * static_cast<float>(done + i); };
    for (std::size_t side = 0; side < 2; ++side) {
        float* near = early_[side].data();
        const float* late = tile_.line[side == 0 ? left_row : right_row];
        for (int i = 0; i < frames; ++i) near[i] = at(late_level, i) * late[i] + at(early_level, i) * near[i];
    }
    for (std::size_t side = 0; side < static_cast<std::size_t>(io.channel_count); ++side) {
        float* x = io.channels[side] + first;
        const float* own = early_[side].data();
        const float* other = early_[1 - side].data();
        for (int i = 0; i < frames; ++i) {
            const float share = at(wet, i);
            x[i] = (1.0F - share) * x[i] + share * (at(straight, i) * own[i] + at(crossed, i) * other[i]);
        }
    }
}

}  // namespace smartmix
