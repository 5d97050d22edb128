#include "dsp/removal_stft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace smartmix::dsp {

int RemovalStft::size_for(double sample_rate) noexcept {
    constexpr double longest_s = 0.0465;  // 2048 at 44.1 and 48 kHz
    return static_cast<int>(std::bit_floor(static_cast<unsigned>(longest_s * sample_rate)));
}

RemovalStft::RemovalStft(int size) : fft_(size), work_(fft_) {
    const auto frames = static_cast<std::size_t>(size);
    for (int i = 0; i < size; ++i) window_.push_back(static_cast<float>(std::sin(std::numbers::pi * i / size)));
    for (auto* row : {&past_, &removed_, &frame_}) row->assign(frames, 0.0F);
    for (auto* row : {&re_, &im_, &power_}) row->assign(static_cast<std::size_t>(bins()), 0.0F);
}

void RemovalStft::clear() noexcept {
    for (auto* row : {&past_, &removed_}) std::fill(row->begin(), row->end(), 0.0F);
    frames_left_ = 0;
}

void RemovalStft::analyse(const float* hop_samples) noexcept {
    const auto kept = static_cast<std::ptrdiff_t>(size() - hop());
    std::copy_n(past_.begin() + hop(), kept, past_.begin());
    std::copy_n(hop_samples, hop(), past_.begin() + kept);
    const auto frames = static_cast<std::size_t>(size());
    for (std::size_t i = 0; i < frames; ++i) frame_[i] = window_[i] * past_[i];
    fft_.forward(frame_.data(), re_.data(), im_.data(), work_);
    const std::size_t count = power_.size();
    for (std::size_t k = 0; k < count; ++k) power_[k] = re_[k] * re_[k] + im_[k] * im_[k];
}

void RemovalStft::take_out(const float* gains) noexcept {
    const std::size_t count = power_.size();
    bool nothing = true;
    for (std::size_t k = 0; k < count; ++k) nothing = nothing && gains[k] == 1.0F;
    if (nothing) {
        take_nothing();
        return;
    }
    for (std::size_t k = 0; k < count; ++k) {
        const float taken = 1.0F - gains[k];
        re_[k] *= taken;
        im_[k] *= taken;
    }
    fft_.inverse(re_.data(), im_.data(), frame_.data(), work_);
    advance(frame_.data());
}

// The squares of the windows over one sample add up to half the overlap.
void RemovalStft::advance(const float* frame) noexcept {
    const auto kept = static_cast<std::ptrdiff_t>(size() - hop());
    std::copy_n(removed_.begin() + hop(), kept, removed_.begin());
    std::fill_n(removed_.begin() + kept, hop(), 0.0F);
    frames_left_ = std::max(frames_left_ - 1, 0);
    if (frame == nullptr) return;
    frames_left_ = overlap;
    constexpr float scale = 2.0F / overlap;
    const auto frames = static_cast<std::size_t>(size());
    for (std::size_t i = 0; i < frames; ++i) removed_[i] += scale * window_[i] * frame[i];
}

}  // namespace smartmix::dsp
