#include "meters/hop_meter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "core/denormals.hpp"

namespace smartmix {
namespace {

constexpr double highest_edge_share = 0.45;

}  // namespace

HopMeter::HopMeter(double sample_rate, int channels) : sample_rate_(sample_rate), channel_count_(channels) {
    if (!(sample_rate >= 8000.0 && sample_rate <= 384000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(sample_rate) + " Hz: expected 8000 to 384000");
    }
    if (channels != 1 && channels != 2) {
        throw std::invalid_argument(std::to_string(channels) + " channels: expected 1 or 2");
    }
    for (int e = 0; e < edges; ++e) {
        const double hz = edges_hz[static_cast<std::size_t>(e)];
        if (hz >= highest_edge_share * sample_rate) {  // everything stays in the group below
            through_[e] = 1.0F;
            continue;
        }
        const double g = std::tan(std::numbers::pi * hz / sample_rate);
        const double a1 = 1.0 / (1.0 + g * (g + std::numbers::sqrt2));
        a1_[e] = static_cast<float>(a1);
        a2_[e] = static_cast<float>(g * a1);
        a3_[e] = static_cast<float>(g * g * a1);
    }
    next_hop_end_ = hop_end(0);
}

std::int64_t HopMeter::hop_end(std::int64_t hop) const noexcept {
    return std::llround(static_cast<double>(hop + 1) * sample_rate_ / 100.0);
}

void HopMeter::process(const float* const* channels, std::int64_t frames) {
    const DenormalGuard no_denormals;
    for (std::int64_t at = 0; at < frames;) {
        const std::int64_t end = std::min(frames, at + next_hop_end_ - frames_);
        const float* left = channels[0] + at;
        const float* right = channels[channel_count_ - 1] + at;
        const int count = static_cast<int>(end - at);
        sides(left, right, count);
        if (channel_count_ == 1) {
            split<1>(left, right, count);
        } else {
            split<2>(left, right, count);
        }
        frames_ += end - at;
        at = end;
        if (frames_ == next_hop_end_) end_hop(frames_ - hop_start_);
    }
}

void HopMeter::finish() {
    if (frames_ > hop_start_) end_hop(frames_ - hop_start_);
}

template <int channels>
void HopMeter::split(const float* left, const float* right, int frames) noexcept {
    constexpr auto root2 = static_cast<float>(std::numbers::sqrt2);
    const Lanes a1 = a1_;
    const Lanes a2 = a2_;
    const Lanes a3 = a3_;
    const Lanes through = through_;
    std::array<Split, channels> splits;
    for (std::size_t c = 0; c < channels; ++c) splits[c] = splits_[c];
    for (int i = 0; i < frames; ++i) {
        for (std::size_t c = 0; c < channels; ++c) {
            Split& f = splits[c];
            const Lanes x = {c == 0 ? left[i] : right[i], f.high[0], f.high[1], f.high[2]};
            const Lanes v3 = x - f.s2;
            const Lanes v1 = a1 * f.s1 + a2 * v3;
            const Lanes v2 = f.s2 + a2 * f.s1 + a3 * v3;
            f.s1 = v1 + v1 - f.s1;
            f.s2 = v2 + v2 - f.s2;
            const Lanes low = v2 + through * x;
            f.high = (1.0F - through) * (x - root2 * v1 - v2);
            const Lanes low_square = low * low;
            const Lanes high_square = f.high * f.high;
            f.energy += low_square;
            f.high_energy += high_square;
            f.highest = low_square > f.highest ? low_square : f.highest;
            f.high_highest = high_square > f.high_highest ? high_square : f.high_highest;
        }
    }
    for (std::size_t c = 0; c < channels; ++c) splits_[c] = splits[c];
}

void HopMeter::sides(const float* left, const float* right, int frames) noexcept {
    float peak = std::fabs(peak_);
    for (int i = 0; i < frames; ++i) {
        const double l = left[i];
        const double r = right[i];
        left_ += l * l;
        right_ += r * r;
        cross_ += l * r;
        const float size = std::max(std::fabs(left[i]), std::fabs(right[i]));
        if (size > peak) {
            peak = size;
            peak_ = std::fabs(left[i]) >= std::fabs(right[i]) ? left[i] : right[i];
            peak_frame_ = frames_ + i;
        }
    }
}

void HopMeter::end_hop(std::int64_t frames) {
    const double count = static_cast<double>(frames);
    Hop hop;
    hop.left = static_cast<float>(left_ / count);
    hop.right = static_cast<float>(right_ / count);
    hop.cross = static_cast<float>(cross_ / count);
    hop.peak = peak_;
    hop.peak_offset = peak_ == 0.0F ? 0.0F : static_cast<float>(peak_frame_ - hop_start_);
    for (int c = 0; c < channel_count_; ++c) {
        Split& f = splits_[static_cast<std::size_t>(c)];
        const double share = 1.0 / (count * channel_count_);
        for (int e = 0; e < edges; ++e) hop.group[static_cast<std::size_t>(e)] += static_cast<float>(f.energy[e] * share);
        hop.group[edges] += static_cast<float>(f.high_energy[edges - 1] * share);
        f.energy = f.high_energy = Lanes{};
    }
    left_ = right_ = cross_ = 0.0;
    peak_ = 0.0F;
    done_.push_back(hop);
    hop_start_ = frames_;
    next_hop_end_ = hop_end(++hop_count_);
}

std::vector<HopMeter::Hop> HopMeter::take_hops() {
    std::vector<Hop> taken;
    taken.swap(done_);
    return taken;
}

std::array<float, HopMeter::groups> HopMeter::group_peaks() const noexcept {
    std::array<float, groups> squares{};
    for (int c = 0; c < channel_count_; ++c) {
        const Split& f = splits_[static_cast<std::size_t>(c)];
        for (int e = 0; e < edges; ++e) {
            float& square = squares[static_cast<std::size_t>(e)];
            square = std::max(square, f.highest[e]);
        }
        squares[edges] = std::max(squares[edges], f.high_highest[edges - 1]);
    }
    for (float& square : squares) square = std::sqrt(square);
    return squares;
}

}  // namespace smartmix
