#include "processors/hum_removal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

namespace smartmix {
namespace {

constexpr double silent_db = -200.0;  // of a line: not there
constexpr double glide_ms = 10.0;     // into and out of delta
constexpr double another_hz = 0.25;   // a fundamental found so far from the one followed is followed anew

std::vector<CurveInfo> all_curves() {
    const auto frequency = [](const char* id, const char* name, bool writable) {
        return CurveInfo{id, name, "Hz", 1, 45.0, 65.0, 50.0, writable};
    };
    const auto lines = [](const char* id, const char* name, bool writable) {
        return CurveInfo{id, name, "dBFS", dsp::hum_harmonics, silent_db, 40.0, silent_db, writable};
    };
    return {frequency("mains_hz", "Mains frequency", true), lines("lines1_db", "Harmonics, first channel", true),
            lines("lines2_db", "Harmonics, second channel", true), frequency("found_mains_hz", "Mains frequency found", false),
            lines("found1_db", "Harmonics found, first channel", false),
            lines("found2_db", "Harmonics found, second channel", false)};
}

}  // namespace

HumRemoval::HumRemoval()
    : Processor({{"amount", "Amount", "", 0.0, 1.0, 0.0, Scale::linear, {}},
                 {"width_hz", "Width", "Hz", 0.2, 5.0, 0.5, Scale::log, {}},
                 {"harmonics", "Harmonics", "", 1.0, dsp::hum_harmonics, dsp::hum_harmonics, Scale::linear, {}},
                 {"profile", "Profile", "", 0.0, 1.0, 1.0, Scale::choice, {"learned", "automatic"}},
                 {"delta", "Delta", "", 0.0, 1.0, 0.0, Scale::toggle, {}}},
                all_curves()) {}

int HumRemoval::tail_frames() const noexcept {
    if (!canceller_.active() || parameter(amount) == 0.0) return 0;
    // A notch of that width dies away by 120 dB.
    return static_cast<int>(std::ceil(std::log(1e6) / (std::numbers::pi * parameter(width)) * sample_rate_));
}

void HumRemoval::on_prepare(const PrepareSpec& spec) {
    if (spec.channels > most_channels) {
        throw std::invalid_argument(std::to_string(spec.channels) + " channels: hum is found in 1 or 2");
    }
    sample_rate_ = spec.sample_rate;
    glide_frames_ = static_cast<int>(std::lround(0.001 * glide_ms * sample_rate_));
    finder_.prepare(sample_rate_, spec.channels);
    canceller_.prepare(sample_rate_, spec.channels);
    hum_.assign(static_cast<std::size_t>(spec.channels), std::vector<float>(dsp::HumCanceller::cell_frames));
}

void HumRemoval::on_reset() noexcept {
    finder_.clear();
    canceller_.clear();
    found_ = {};
    hop_done_ = 0;
    started_ = false;
}

void HumRemoval::on_parameter(int index, double value, int ramp_frames) noexcept {
    switch (static_cast<Index>(index)) {
        case amount: amount_.move(value, ramp_frames); break;
        case width: width_hz_.move(value, ramp_frames); break;
        case delta: delta_.move(value, started_ ? glide_frames_ : 0); break;
        case harmonics:
            harmonics_ = static_cast<int>(std::lround(value));
            use_lines();
            break;
        case profile:
            profile_ = static_cast<Profile>(static_cast<int>(value));
            use_lines();
            break;
    }
}

void HumRemoval::on_curve(int index, std::span<const float> values) noexcept {
    if (index == mains) {
        learned_.mains_hz = static_cast<double>(values[0]);
    } else {
        auto& row = learned_.amplitude[index == lines1 ? 0 : 1];
        for (std::size_t h = 0; h < row.size(); ++h) {
            row[h] = values[h] > static_cast<float>(silent_db) ? std::pow(10.0F, 0.05F * values[h]) : 0.0F;
        }
    }
    if (profile_ == learned) use_lines();
}

// What is known becomes what is taken out. The fundamental stays the one that is followed unless it is another one.
void HumRemoval::use_lines() noexcept {
    dsp::HumLines lines = profile_ == learned ? learned_ : found_;
    for (auto& row : lines.amplitude) std::fill(row.begin() + harmonics_, row.end(), 0.0F);
    const bool begins = !canceller_.active() || std::abs(lines.mains_hz - canceller_.mains_hz()) > another_hz;
    if (lines.mains_hz > 0.0 && begins && (profile_ == automatic || !started_ || !canceller_.active())) {
        canceller_.set_mains(lines.mains_hz);
    }
    canceller_.set_loudest(lines);
}

void HumRemoval::on_process(BlockView io) noexcept {
    for (int done = 0; done < io.frames;) {
        int frames = std::min(io.frames - done, finder_.hop_frames() - hop_done_);
        if (canceller_.active()) frames = std::min(frames, canceller_.frames_to_cell());
        run(io, done, frames);
        done += frames;
    }
}

void HumRemoval::run(BlockView io, int first, int frames) noexcept {
    std::array<const float*, most_channels> x{};
    std::array<float*, most_channels> hum{};
    for (std::size_t c = 0; c < hum_.size(); ++c) {
        x[c] = io.channels[c] + first;
        hum[c] = hum_[c].data();
    }
    const bool humming = canceller_.active();
    const bool judged = finder_.push(x.data(), frames);
    if (humming) {
        canceller_.set_width(width_hz_.value());
        canceller_.run(x.data(), hum.data(), frames);
    }
    put_out(io, first, frames, humming);
    for (dsp::Ramp* ramp : {&amount_, &width_hz_, &delta_}) ramp->advance(frames);
    started_ = true;
    hop_done_ += frames;
    if (hop_done_ == finder_.hop_frames()) {
        hop_done_ = 0;
        if (canceller_.active()) canceller_.follow(finder_.hop_frames());
        if (judged) finish_hop();
    }
}

void HumRemoval::finish_hop() noexcept {
    found_ = finder_.lines();
    tell_found();
    if (profile_ == automatic) use_lines();
}

void HumRemoval::put_out(BlockView io, int first, int frames, bool humming) noexcept {
    const bool dry = delta_.target() == 0.0 && !delta_.moving();
    const bool takes = humming && (amount_.moving() || amount_.target() > 0.0);
    if (dry && !takes) return;
    for (std::size_t c = 0; c < hum_.size(); ++c) {
        float* x = io.channels[c] + first;
        for (int i = 0; i < frames; ++i) {
            const auto share = static_cast<float>(delta_.value_after(i));
            const float removed = takes ? static_cast<float>(amount_.value_after(i)) * hum_[c][static_cast<std::size_t>(i)] : 0.0F;
            x[i] = (1.0F - share) * (x[i] - removed) + share * removed;
        }
    }
}

void HumRemoval::tell_found() noexcept {
    const bool humming = found_.mains_hz > 0.0;
    const std::array<float, 1> hz = {humming ? static_cast<float>(found_.mains_hz) : 50.0F};
    tell_curve(found_mains, hz);
    for (std::size_t c = 0; c < hum_.size(); ++c) {
        std::array<float, dsp::hum_harmonics> row{};
        for (std::size_t h = 0; h < row.size(); ++h) {
            const float size = found_.amplitude[c][h];
            row[h] = size > 0.0F ? 20.0F * std::log10(size) : static_cast<float>(silent_db);
        }
        tell_curve(found1 + static_cast<int>(c), row);
    }
}

}  // namespace smartmix
