#include "dsp/band_powers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace smartmix::dsp {
namespace {

constexpr int lanes = kernels::fft_lanes;

// Level in the middle; half a cosine at both ends, which together take `taper` of it.
std::vector<float> tapered(int size, double taper) {
    if (!(taper > 0.0 && taper <= 1.0)) throw std::invalid_argument("taper: expected over 0 to 1");
    std::vector<float> window(static_cast<std::size_t>(size), 1.0F);
    const double ends = taper * size;
    for (int i = 0; i < size; ++i) {
        const double at = 2 * i < size ? i : i - (size - ends);
        if (2 * i < size ? 2.0 * at >= ends : 2.0 * at <= ends) continue;
        window[static_cast<std::size_t>(i)] = static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * at / ends));
    }
    return window;
}

// One-sided power of a bin to mean square: what the window takes away is given back.
double scale_of(const std::vector<float>& window) {
    double square = 0.0;
    for (const float w : window) square += static_cast<double>(w) * w;
    return 2.0 / (static_cast<double>(window.size()) * square);
}

// Four sums side by side: one would wait for itself at every bin.
double sum(const float* power, int count) noexcept {
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
    int k = 0;
    for (; k + 4 <= count; k += 4) {
        a += static_cast<double>(power[k]);
        b += static_cast<double>(power[k + 1]);
        c += static_cast<double>(power[k + 2]);
        d += static_cast<double>(power[k + 3]);
    }
    for (; k < count; ++k) a += static_cast<double>(power[k]);
    return (a + b) + (c + d);
}

}  // namespace

BandPowers::BandPowers(int size, std::vector<double> edges, int parts, double taper)
    : fft_(size), work_(fft_), parts_(parts), window_(tapered(size, taper)), scale_(scale_of(window_)) {
    if (parts != 1 && parts != 2) throw std::invalid_argument("parts: expected 1 or 2");
    const auto falls = [](double low, double high) { return !(low <= high); };  // or is not a number
    if (edges.size() < 2 || std::adjacent_find(edges.begin(), edges.end(), falls) != edges.end() || !(edges.front() >= 0.0) ||
        !(edges.back() < fft_.bins())) {
        throw std::invalid_argument("edges: expected two or more, rising from 0 to below size / 2 + 1");
    }
    for (const double at : edges) edges_.push_back({static_cast<int>(at), static_cast<float>(at - std::floor(at))});
    rows_.assign(static_cast<std::size_t>(lanes) * static_cast<std::size_t>(size), 0.0F);
    spectra_.assign(2 * static_cast<std::size_t>(lanes) * static_cast<std::size_t>(fft_.bins()), 0.0F);
    power_.assign(static_cast<std::size_t>(fft_.bins()), 0.0F);
}

void BandPowers::process(const float* left, const float* right, int frames, std::vector<double>& out) {
    for (int done = 0; done < frames;) {
        const int now = std::min(frames - done, size() - filled_);
        fill(left + done, right == nullptr ? nullptr : right + done, now);
        done += now;
        if (filled_ == size()) window_done(out);
    }
    transform(out);
}

void BandPowers::finish(std::vector<double>& out) {
    if (filled_ == 0) return;
    for (int part = 0; part < parts_; ++part) std::fill(row(row_ + part) + filled_, row(row_ + part) + size(), 0.0F);
    window_done(out);
    transform(out);
}

void BandPowers::fill(const float* left, const float* right, int frames) noexcept {
    const float* window = window_.data() + filled_;
    float* middle = row(row_) + filled_;
    if (right == nullptr) {
        for (int i = 0; i < frames; ++i) middle[i] = left[i] * window[i];
    } else {
        for (int i = 0; i < frames; ++i) middle[i] = (left[i] + right[i]) * 0.5F * window[i];
    }
    if (parts_ == 2) {
        float* side = row(row_ + 1) + filled_;
        for (int i = 0; i < frames; ++i) side[i] = right == nullptr ? 0.0F : (left[i] - right[i]) * 0.5F * window[i];
    }
    filled_ += frames;
}

void BandPowers::window_done(std::vector<double>& out) {
    filled_ = 0;
    row_ += parts_;
    if (row_ == lanes) transform(out);
}

// The windows that are full; lanes that hold none are transformed for nothing, so that all bits come from one kernel. A
// window that is begun moves to the front.
void BandPowers::transform(std::vector<double>& out) {
    if (row_ == 0) return;
    std::array<const float*, lanes> from{};
    std::array<float*, lanes> to{};
    for (int lane = 0; lane < lanes; ++lane) {
        from[static_cast<std::size_t>(lane)] = row(lane);
        to[static_cast<std::size_t>(lane)] = spectra_.data() + 2L * lane * fft_.bins();
    }
    fft_.forward_rows(from.data(), to.data(), lanes, work_);
    for (int lane = 0; lane < row_; ++lane) append(to[static_cast<std::size_t>(lane)], out);
    for (int part = 0; part < parts_ && filled_ > 0; ++part) std::copy_n(row(row_ + part), filled_, row(part));
    row_ = 0;
}

void BandPowers::append(const float* spectrum, std::vector<double>& out) {
    float* power = power_.data();
    for (int k = 0; k < fft_.bins(); ++k) {
        power[k] = spectrum[2 * k] * spectrum[2 * k] + spectrum[2 * k + 1] * spectrum[2 * k + 1];
    }
    const auto at = [power](Edge edge) { return static_cast<double>(edge.part * power[edge.bin]); };
    for (std::size_t band = 0; band + 1 < edges_.size(); ++band) {
        const Edge low = edges_[band], high = edges_[band + 1];
        out.push_back(scale_ * (sum(power + low.bin, high.bin - low.bin) + at(high) - at(low)));
    }
}

}  // namespace smartmix::dsp
