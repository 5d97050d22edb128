#include "processors/noise_reduction.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "dsp/fast_log.hpp"

namespace smartmix {
namespace {

constexpr double nothing_db = -200.0;  // of a curve: no noise here
constexpr double least_db_hz = -132.0;  // 5 dB over the dither of a 16-bit file, per Hz: less is not worth any change
constexpr double glide_ms = 10.0;       // into and out of delta
constexpr float follow = 0.1F;          // of the way to a floor just found, with each hop
constexpr int hops_to_tell = 16;

std::vector<CurveInfo> all_curves() {
    const auto curve = [](const char* id, const char* name, bool writable) {
        return CurveInfo{id, name, "dBFS/Hz", NoiseReduction::points, nothing_db, 40.0, nothing_db, writable};
    };
    return {curve("noise1_db", "Noise profile, first channel", true), curve("noise2_db", "Noise profile, second channel", true),
            curve("found1_db", "Noise found, first channel", false), curve("found2_db", "Noise found, second channel", false)};
}

float power_of_db(float db) noexcept { return dsp::exp2_fast(db / dsp::db_per_octave_of_power); }

}  // namespace

NoiseReduction::NoiseReduction()
    : Processor({{"reduction_db", "Reduction", "dB", 0.0, 40.0, 0.0, Scale::db, {}},
                 {"threshold_db", "Threshold", "dB", -12.0, 12.0, 0.0, Scale::db, {}},
                 {"smoothing", "Smoothing", "", 0.0, 1.0, 0.5, Scale::linear, {}},
                 {"profile", "Profile", "", 0.0, 2.0, 2.0, Scale::choice, {"learned", "learning", "automatic"}},
                 {"delta", "Delta", "", 0.0, 1.0, 0.0, Scale::toggle, {}}},
                all_curves()) {}

NoiseReduction::Channel::Channel(double sample_rate, int size)
    : stft(size), gain(stft.bins()),
      listener(stft.bins(), static_cast<float>(0.5 * sample_rate * stft.noise_gain() * std::pow(10.0, 0.1 * least_db_hz))) {
    entering.assign(static_cast<std::size_t>(stft.hop()), 0.0F);
    for (auto* each : {&known, &heard, &gliding, &noise}) each->assign(static_cast<std::size_t>(stft.bins()), 0.0F);
    row.assign(points, 0.0F);
}

void NoiseReduction::on_prepare(const PrepareSpec& spec) {
    if (spec.channels > most_channels) {
        throw std::invalid_argument(std::to_string(spec.channels) + " channels: a noise profile has 1 or 2");
    }
    sample_rate_ = spec.sample_rate;
    glide_frames_ = static_cast<int>(std::lround(0.001 * glide_ms * sample_rate_));
    const int size = dsp::RemovalStft::size_for(sample_rate_);
    channels_.clear();
    for (int c = 0; c < spec.channels; ++c) channels_.push_back(std::make_unique<Channel>(sample_rate_, size));
    bin_hz_ = sample_rate_ / size;
    power_per_density_ = static_cast<float>(0.5 * sample_rate_ * channels_[0]->stft.noise_gain());
}

void NoiseReduction::on_reset() noexcept {
    for (auto& channel : channels_) {
        channel->stft.clear();
        channel->gain.clear();
        channel->listener.clear();
        for (auto* row : {&channel->heard, &channel->gliding}) std::fill(row->begin(), row->end(), 0.0F);
    }
    hops_heard_ = filled_ = 0;
    started_ = false;
}

void NoiseReduction::on_parameter(int index, double value, int ramp_frames) noexcept {
    switch (static_cast<Index>(index)) {
        case reduction: reduction_db_.move(value, ramp_frames); break;
        case threshold: threshold_db_.move(value, ramp_frames); break;
        case smoothing: smoothing_.move(value, ramp_frames); break;
        case delta: delta_.move(value, started_ ? glide_frames_ : 0); break;
        case profile: {
            const auto wanted = static_cast<Profile>(static_cast<int>(value));
            if (wanted == profile_) break;
            if (profile_ == learning) tell_learned();
            profile_ = wanted;
            hops_heard_ = 0;
            for (auto& channel : channels_) std::fill(channel->heard.begin(), channel->heard.end(), 0.0F);
        }
    }
}

// Between the points of the curve straight in dB; above the last one as there.
void NoiseReduction::on_curve(int index, std::span<const float> values) noexcept {
    if (static_cast<std::size_t>(index) >= channels_.size()) return;
    Channel& channel = *channels_[static_cast<std::size_t>(index)];
    for (std::size_t k = 0; k < channel.known.size(); ++k) {
        const double at = std::min(static_cast<double>(k) * bin_hz_ / point_hz, static_cast<double>(points - 1));
        const auto i = std::min(static_cast<std::size_t>(at), static_cast<std::size_t>(points - 2));
        const auto part = static_cast<float>(at - static_cast<double>(i));
        const float db = values[i] + part * (values[i + 1] - values[i]);
        channel.known[k] = db > static_cast<float>(nothing_db) ? power_per_density_ * power_of_db(db) : 0.0F;
    }
}

void NoiseReduction::on_process(BlockView io) noexcept {
    const int hop = channels_[0]->stft.hop();
    for (int done = 0; done < io.frames;) {
        const int frames = std::min(io.frames - done, hop - filled_);
        put_out(io, done, frames);
        for (dsp::Ramp* ramp : {&reduction_db_, &threshold_db_, &smoothing_, &delta_}) ramp->advance(frames);
        started_ = true;
        done += frames;
        filled_ += frames;
        if (filled_ == hop) finish_hop();
    }
}

void NoiseReduction::put_out(BlockView io, int first, int frames) noexcept {
    const bool dry = delta_.target() == 0.0 && !delta_.moving();
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        Channel& channel = *channels_[c];
        float* x = io.channels[c] + first;
        std::copy_n(x, frames, channel.entering.data() + filled_);
        const float* input = channel.stft.input() + filled_;
        const float* removed = channel.stft.removed() + filled_;
        if (dry && !channel.stft.removes()) {
            std::copy_n(input, frames, x);
            continue;
        }
        for (int i = 0; i < frames; ++i) {
            const auto share = static_cast<float>(delta_.value_after(i));
            x[i] = (1.0F - share) * (input[i] - removed[i]) + share * removed[i];
        }
    }
}

void NoiseReduction::finish_hop() noexcept {
    filled_ = 0;
    if (profile_ == learning) ++hops_heard_;
    const dsp::NoiseGain::Settings settings{dsp::factor_of_reduction(static_cast<float>(reduction_db_.value())),
                                            static_cast<float>(smoothing_.value())};
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        Channel& channel = *channels_[c];
        channel.stft.analyse(channel.entering.data());
        listen(c);
        if (settings.floor == 1.0F) {
            channel.gain.skip();
            channel.stft.take_nothing();
            continue;
        }
        channel.gain.find(channel.stft.power(), noise_under(channel), settings);
        channel.stft.take_out(channel.gain.gains());
    }
    if (profile_ == learning && hops_heard_ % hops_to_tell == 0) tell_learned();
}

void NoiseReduction::listen(std::size_t index) noexcept {
    Channel& channel = *channels_[index];
    const std::size_t bins = channel.known.size();
    if (profile_ == learning) {
        for (std::size_t k = 0; k < bins; ++k) channel.heard[k] += channel.stft.power()[k];
    }
    if (profile_ != automatic) return;
    if (channel.listener.push(channel.stft.power())) {
        tell_noise(most_channels + static_cast<int>(index), channel, channel.listener.noise().data(), 1.0F);
    }
    const float* found = channel.listener.noise().data();
    for (std::size_t k = 0; k < bins; ++k) {
        // None at all, and at once, where the floor is no longer believed.
        channel.gliding[k] = found[k] > 0.0F ? channel.gliding[k] + follow * (found[k] - channel.gliding[k]) : 0.0F;
    }
}

const float* NoiseReduction::noise_under(Channel& channel) noexcept {
    const float over = power_of_db(static_cast<float>(threshold_db_.value()));
    const float* from = channel.known.data();
    float scale = over;
    if (profile_ == automatic) from = channel.gliding.data();
    if (profile_ == learning) {
        from = channel.heard.data();
        scale = over / static_cast<float>(hops_heard_);
    }
    for (std::size_t k = 0; k < channel.noise.size(); ++k) channel.noise[k] = scale * from[k];
    return channel.noise.data();
}

void NoiseReduction::tell_learned() noexcept {
    if (hops_heard_ == 0) return;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        Channel& channel = *channels_[c];
        tell_noise(static_cast<int>(c), channel, channel.heard.data(), 1.0F / static_cast<float>(hops_heard_));
        on_curve(static_cast<int>(c), channel.row);
    }
}

void NoiseReduction::tell_noise(int curve, Channel& channel, const float* power, float share) noexcept {
    const std::size_t last = channel.known.size() - 1;
    for (std::size_t i = 0; i < points; ++i) {
        const double at = std::min(static_cast<double>(i) * point_hz / bin_hz_, static_cast<double>(last));
        const std::size_t k = std::min(static_cast<std::size_t>(at), last - 1);
        const auto part = static_cast<float>(at - static_cast<double>(k));
        const float mean = share * (power[k] + part * (power[k + 1] - power[k]));
        const float db = dsp::db_per_octave_of_power * dsp::log2_fast(mean / power_per_density_);
        channel.row[i] = mean > 0.0F ? std::clamp(db, static_cast<float>(nothing_db), 40.0F) : static_cast<float>(nothing_db);
    }
    tell_curve(curve, channel.row);
}

}  // namespace smartmix
