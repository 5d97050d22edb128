#include "dsp/tone_listener.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "dsp/k_weighting.hpp"

namespace smartmix::dsp {
namespace {

constexpr double frame_s = 0.17;
constexpr double highest_part = 0.49;  // of the sample rate: where bands end
constexpr int transform_steps = ToneListener::work_steps - 1;

float power_of(float re, float im) noexcept { return re * re + im * im; }

}  // namespace

int tone_frame(double sample_rate) noexcept {
    const auto least = static_cast<unsigned>(std::ceil(frame_s * sample_rate));
    return std::min(static_cast<int>(std::bit_ceil(least)), RealFft::largest);
}

void ToneListener::prepare(double sample_rate, int channels) {
    sample_rate_ = sample_rate;
    size_ = tone_frame(sample_rate);
    fft_ = std::make_unique<RealFft>(size_);
    work_ = std::make_unique<RealFft::Work>(*fft_);
    const auto size = static_cast<std::size_t>(size_);
    const auto bins = static_cast<std::size_t>(fft_->bins());
    const Channel empty{std::vector<float>(size), std::vector<float>(size), std::vector<float>(bins), std::vector<float>(bins)};
    channels_.assign(static_cast<std::size_t>(channels), empty);
    window_.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
        window_[i] = static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / size_));
    }
    const KWeighting k_weighting = design_k_weighting(sample_rate);
    weighting_.assign(bins, 0.0F);
    for (std::size_t k = 1; k < bins; ++k) {
        const double hz = static_cast<double>(k) * sample_rate / size_;
        weighting_[k] = static_cast<float>(std::pow(10.0, 0.1 * response_db(k_weighting, hz, sample_rate)));
    }
    power_.assign(bins, 0.0F);
    below_.assign(bins + 1, 0.0);
    bands_ = 0;
    for (int e = 0; e <= tone_points; ++e) {
        const double hz = tone_hz(e - 0.5);
        if (hz > highest_part * sample_rate) break;
        const double place = hz * size_ / sample_rate + 0.5;  // a bin begins half a bin below its frequency
        edges_[static_cast<std::size_t>(e)] = {static_cast<int>(place), static_cast<float>(place - std::floor(place))};
        bands_ = e;
    }
    begin(FilterLayout::together);
}

void ToneListener::begin(FilterLayout layout) noexcept {
    layout_ = layout;
    for (ToneMemory& memory : memories_) memory.clear();
    news_.fill(false);
    pause();
    step_ = work_steps;
}

void ToneListener::pause() noexcept {
    place_ = 0;
    missing_ = size_;
}

void ToneListener::listen(BlockView heard) noexcept {
    for (int done = 0; done < heard.frames;) {
        const int piece = std::min({heard.frames - done, missing_, size_ - place_});
        for (std::size_t c = 0; c < channels_.size(); ++c) {
            std::copy_n(heard.channels[c] + done, piece, channels_[c].samples.begin() + place_);
        }
        place_ = (place_ + piece) % size_;
        missing_ -= piece;
        done += piece;
        if (missing_ == 0) begin_frame();
    }
}

void ToneListener::begin_frame() noexcept {
    while (step_ < work_steps) work();  // never, when work() comes as often as it has to
    for (Channel& channel : channels_) {
        const auto oldest = static_cast<std::size_t>(place_);
        const std::size_t first = window_.size() - oldest;
        for (std::size_t i = 0; i < first; ++i) channel.windowed[i] = channel.samples[oldest + i] * window_[i];
        for (std::size_t i = 0; i < oldest; ++i) channel.windowed[first + i] = channel.samples[i] * window_[first + i];
    }
    missing_ = size_ / 2;
    step_ = 0;
}

// Transforms first, spread over all steps but the last; then the bands.
void ToneListener::work() noexcept {
    if (step_ >= work_steps) return;
    const int channels = static_cast<int>(channels_.size());
    const int share = (channels + transform_steps - 1) / transform_steps;
    const int first = step_ * share;
    if (first < channels) {
        for (int c = first; c < std::min(first + share, channels); ++c) {
            Channel& channel = channels_[static_cast<std::size_t>(c)];
            fft_->forward(channel.windowed.data(), channel.re.data(), channel.im.data(), *work_);
        }
        ++step_;
        return;
    }
    find_bands();
    step_ = work_steps;
}

void ToneListener::find_bands() noexcept {
    const int channels = static_cast<int>(channels_.size());
    const int recordings = layout_ == FilterLayout::together ? 1 : 2;
    for (int of = 0; of < recordings; ++of) {
        find_power(of);
        add_frame(of, recordings == 1 ? channels : 1);
    }
}

// Of each bin: the mean over the channels, one of them, or that of their half sum or difference.
void ToneListener::find_power(int of) noexcept {
    const auto bins = power_.size();
    const Channel& left = channels_.front();
    const Channel& right = channels_[channels_.size() > 1 ? 1 : 0];
    if (layout_ == FilterLayout::mid_side) {
        const float sign = of == 0 ? 1.0F : -1.0F;
        for (std::size_t k = 0; k < bins; ++k) {
            power_[k] = 0.25F * power_of(left.re[k] + sign * right.re[k], left.im[k] + sign * right.im[k]);
        }
    } else if (layout_ == FilterLayout::apart) {
        const Channel& channel = of == 0 ? left : right;
        for (std::size_t k = 0; k < bins; ++k) power_[k] = power_of(channel.re[k], channel.im[k]);
    } else {
        const float share = 1.0F / static_cast<float>(channels_.size());
        std::fill(power_.begin(), power_.end(), 0.0F);
        for (const Channel& channel : channels_) {
            for (std::size_t k = 0; k < bins; ++k) power_[k] += share * power_of(channel.re[k], channel.im[k]);
        }
    }
}

void ToneListener::add_frame(int of, int channels) noexcept {
    const double size = size_;
    const auto scale = static_cast<float>(2.0 / (size * 0.375 * size));  // the sum of the squared window is 3/8 of its length
    power_.front() *= 0.5F;
    power_.back() *= 0.5F;
    double sum = 0.0;
    double energy = 0.0;
    for (std::size_t k = 0; k < power_.size(); ++k) {
        below_[k] = sum;
        power_[k] *= scale;
        sum += power_[k];
        energy += power_[k] * weighting_[k];
    }
    ToneRow bands{};
    double under = 0.0;
    for (int e = 0; e <= bands_; ++e) {
        const auto [bin, part] = edges_[static_cast<std::size_t>(e)];
        const double now = below_[static_cast<std::size_t>(bin)] + part * power_[static_cast<std::size_t>(bin)];
        if (e > 0) bands[static_cast<std::size_t>(e - 1)] = now - under;
        under = now;
    }
    memories_[static_cast<std::size_t>(of)].add(bands, energy * channels);
    news_[static_cast<std::size_t>(of)] = true;
}

bool ToneListener::read(int of, Tone& tone) noexcept {
    bool& news = news_[static_cast<std::size_t>(of)];
    if (!std::exchange(news, false)) return false;
    const long frames = memories_[static_cast<std::size_t>(of)].read(bands_, tone);
    tone.heard_s = static_cast<double>(frames) * (size_ / 2) / sample_rate_;
    return frames > 0;
}

}  // namespace smartmix::dsp
