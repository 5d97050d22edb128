#include "engine/strip_bank.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/denormals.hpp"
#include "core/parameter_value.hpp"
#include "core/realtime.hpp"
#include "core/sanitise.hpp"
#include "processors/equaliser_parameters.hpp"

namespace smartmix {
namespace {

constexpr int trim_index = 0;
constexpr int equaliser_index = 1;
constexpr int fader_index = equaliser_index + dsp::Equaliser::band_count * parameters_per_band;
constexpr int pan_index = fader_index + 1;

std::vector<ParameterInfo> strip_parameters() {
    std::vector<ParameterInfo> infos;
    infos.push_back({"trim.gain_db", "Trim", "dB", dsp::silence_db, 24.0, 0.0, Scale::db, {}});
    append_equaliser_parameters(infos, "eq.");
    infos.push_back({"fader.gain_db", "Fader", "dB", dsp::silence_db, 24.0, 0.0, Scale::db, {}});
    infos.push_back({"pan.pan", "Pan", "", -1.0, 1.0, 0.0, Scale::linear, {}});
    return infos;
}

void add(double* sum, const float* x, double gain, int frames) noexcept {
    for (int i = 0; i < frames; ++i) sum[i] += static_cast<double>(x[i]) * gain;
}

void add(double* sum, const float* x, const double* gain, int frames) noexcept {
    for (int i = 0; i < frames; ++i) sum[i] += static_cast<double>(x[i]) * gain[i];
}

}  // namespace

StripBank::StripBank(double sample_rate, const std::vector<int>& channels) : parameters_(strip_parameters()) {
    if (!(sample_rate >= 8000.0 && sample_rate <= 384000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(sample_rate) + " Hz: expected 8000 to 384000");
    }
    strips_.resize(channels.size());
    for (std::size_t s = 0; s < channels.size(); ++s) {
        if (channels[s] < 1 || channels[s] > 2) {
            throw std::invalid_argument("strip " + std::to_string(s) + " has " + std::to_string(channels[s]) +
                                        " channels: expected 1 or 2");
        }
        strips_[s].channels = channels[s];
        strips_[s].equaliser.prepare(sample_rate, channels[s]);
        for (const ParameterInfo& info : parameters_) strips_[s].targets.push_back(info.default_value);
        restore(strips_[s]);
    }
}

double StripBank::parameter(int strip, int index) const {
    return strips_.at(static_cast<std::size_t>(strip)).targets.at(static_cast<std::size_t>(index));
}

void StripBank::set_parameter(int strip, int index, double value) {
    Strip& at = strips_.at(static_cast<std::size_t>(strip));
    const auto i = static_cast<std::size_t>(index);
    at.targets.at(i) = checked_value(parameters_.at(i), value);
    pass_on(at, index, at.targets[i], 0);
}

double StripBank::response_db(int strip, double hz) const {
    const Strip& at = strips_.at(static_cast<std::size_t>(strip));
    return 20.0 * std::log10(at.trim.gain() * at.fader.gain()) + at.equaliser.response_db(hz);
}

void StripBank::reset() noexcept {
    for (Strip& strip : strips_) {
        strip.equaliser.clear();
        restore(strip);
    }
}

void StripBank::restore(Strip& strip) noexcept {
    for (std::size_t i = 0; i < strip.targets.size(); ++i) pass_on(strip, static_cast<int>(i), strip.targets[i], 0);
}

void StripBank::pass_on(Strip& strip, int index, double value, int ramp_frames) noexcept {
    if (index == trim_index) {
        strip.trim.move(value, ramp_frames);
    } else if (index == fader_index) {
        strip.fader.move(value, ramp_frames);
    } else if (index == pan_index) {
        strip.pan.move(value, ramp_frames);
    } else {
        set_equaliser_parameter(strip.equaliser, index - equaliser_index, value, ramp_frames);
    }
}

void StripBank::take(Strip& strip, const ParamEvent& event) noexcept {
    const auto index = static_cast<std::size_t>(event.param);
    if (event.param < 0 || index >= parameters_.size() || !std::isfinite(event.value)) return;
    const ParameterInfo& info = parameters_[index];
    strip.targets[index] = nearest_value(info, event.value);
    pass_on(strip, event.param, strip.targets[index], is_stepped(info.scale) ? 0 : std::max(event.ramp_frames, 0));
}

void StripBank::process(const float* const* const* inputs, std::span<const StripEvent> events, float* const* output,
                        int frames) noexcept {
    const realtime::Scope no_allocation;
    std::size_t next_event = 0;
    for (int done = 0; done < frames || next_event < events.size(); done += tile_frames) {
        const int tile = std::clamp(frames - done, 0, tile_frames);
        std::size_t end_event = next_event;
        while (end_event < events.size() && (done + tile >= frames || events[end_event].event.frame < done + tile)) {
            ++end_event;
        }
        for (Tile& side : sum_) std::fill_n(side.begin(), tile, 0.0);
        for (std::size_t s = 0; s < strips_.size(); ++s) {
            Strip& strip = strips_[s];
            for (int c = 0; c < strip.channels && tile > 0; ++c) {
                float* x = scratch_[static_cast<std::size_t>(c)].data();
                std::copy_n(inputs[s][c] + done, tile, x);
                silence_non_finite(x, tile);
            }
            int at = 0;
            for (std::size_t e = next_event; e < end_event; ++e) {
                if (events[e].strip != static_cast<std::int32_t>(s)) continue;
                const int frame = std::clamp(events[e].event.frame - done, at, tile);
                run_strip(strip, at, frame);
                at = frame;
                take(strip, events[e].event);
            }
            run_strip(strip, at, tile);
        }
        for (std::size_t side = 0; side < 2; ++side) {
            for (int i = 0; i < tile; ++i) output[side][done + i] = static_cast<float>(sum_[side][static_cast<std::size_t>(i)]);
        }
        next_event = end_event;
    }
}

// The float stages flush denormals; the sum does not, so that a neutral bank is the exact sum even of those.
void StripBank::run_strip(Strip& strip, int first, int end) noexcept {
    if (first >= end) return;
    float* heads[2] = {scratch_[0].data() + first, scratch_[1].data() + first};
    if (!strip.trim.unity() || !strip.equaliser.idle()) {
        const DenormalGuard no_denormals;
        run_trim(strip, heads, end - first);
        strip.equaliser.process(heads, end - first);
    }
    add_to_sum(strip, first, end - first);
}

void StripBank::run_trim(Strip& strip, float* const* heads, int frames) noexcept {
    if (strip.trim.unity()) return;
    std::array<float, tile_frames> gains;
    strip.trim.fill(gains.data(), frames);
    for (int c = 0; c < strip.channels; ++c) {
        for (int i = 0; i < frames; ++i) heads[c][i] *= gains[static_cast<std::size_t>(i)];
    }
}

void StripBank::add_to_sum(Strip& strip, int first, int frames) noexcept {
    const float* source[2] = {scratch_[0].data() + first, scratch_[strip.channels == 2 ? 1 : 0].data() + first};
    double* sum[2] = {sum_[0].data() + first, sum_[1].data() + first};
    if (strip.fader.steady() && strip.pan.steady()) {
        const dsp::PanGains pan = strip.pan.gains();
        add(sum[0], source[0], strip.fader.gain() * pan.left, frames);
        add(sum[1], source[1], strip.fader.gain() * pan.right, frames);
        return;
    }
    Tile fader;
    Tile left;
    Tile right;
    strip.fader.fill(fader.data(), frames);
    strip.pan.fill(left.data(), right.data(), frames);
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        left[i] *= fader[i];
        right[i] *= fader[i];
    }
    add(sum[0], source[0], left.data(), frames);
    add(sum[1], source[1], right.data(), frames);
}

}  // namespace smartmix
