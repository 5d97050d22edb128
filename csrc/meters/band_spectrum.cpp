#include "meters/band_spectrum.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <stdexcept>
#include <string>

#include "dsp/real_fft.hpp"

namespace smartmix {
namespace {

// A transform with room for one piece.
struct Transform {
    explicit Transform(int size)
        : fft(size),
          work(fft),
          samples(static_cast<std::size_t>(size)),
          re(static_cast<std::size_t>(fft.bins())),
          im(static_cast<std::size_t>(fft.bins())) {}

    dsp::RealFft fft;
    dsp::RealFft::Work work;
    std::vector<float> samples, re, im;
};

Transform& transform_of(int size) {
    static thread_local std::array<std::unique_ptr<Transform>, 32> made;
    std::unique_ptr<Transform>& place = made[static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(size)))];
    if (!place) place = std::make_unique<Transform>(size);
    return *place;
}

int transform_size(std::size_t frames) {
    if (frames < 1 || frames > static_cast<std::size_t>(dsp::RealFft::largest)) {
        throw std::invalid_argument("a window of " + std::to_string(frames) + " frames: expected 1 to " +
                                    std::to_string(dsp::RealFft::largest));
    }
    return std::max(static_cast<int>(std::bit_ceil(frames)), dsp::RealFft::smallest);
}

}  // namespace

BandSpectrum::BandSpectrum(std::span<const float> window, std::span<const double> edges)
    : window_(window.begin(), window.end()),
      size_(transform_size(window.size())),
      scale_(static_cast<double>(window.size()) / size_) {
    double last = 0.0;
    for (const double edge : edges) {
        const double at = (edge - 0.5) / scale_ + 0.5;
        if (!(at >= last && at <= size_ / 2 + 1)) {
            throw std::invalid_argument("band edges have to ascend and lie within the spectrum");
        }
        edges_.push_back(last = at);
    }
    if (edges_.size() < 2) throw std::invalid_argument("expected two band edges or more");
}

void BandSpectrum::powers(const float* samples, double* bands) const {
    Transform& transform = transform_of(size_);
    for (std::size_t i = 0; i < window_.size(); ++i) transform.samples[i] = samples[i] * window_[i];
    std::fill(transform.samples.begin() + frames(), transform.samples.end(), 0.0F);
    std::vector<float>&re = transform.re, &im = transform.im;
    transform.fft.forward(transform.samples.data(), re.data(), im.data(), transform.work);
    const auto from = static_cast<std::size_t>(edges_.front());
    const auto to = std::min(static_cast<std::size_t>(edges_.back()) + 1, re.size());
    for (std::size_t k = from; k < to; ++k) re[k] = re[k] * re[k] + im[k] * im[k];
    for (std::size_t b = 0; b + 1 < edges_.size(); ++b) {
        const double low = edges_[b], high = edges_[b + 1];
        const auto first = static_cast<std::size_t>(low), last = static_cast<std::size_t>(high);
        double sum = 0.0;
        for (std::size_t k = first; k < last; ++k) sum += static_cast<double>(re[k]);
        if (first < re.size()) sum -= (low - static_cast<double>(first)) * static_cast<double>(re[first]);
        if (last < re.size()) sum += (high - static_cast<double>(last)) * static_cast<double>(re[last]);
        bands[b] = std::max(sum, 0.0) * scale_;
    }
}

}  // namespace smartmix
