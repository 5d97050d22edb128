#include "dsp/real_fft.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <stdexcept>
#include <string>

namespace smartmix::dsp {
namespace {

constexpr int lanes = kernels::fft_lanes;
constexpr int floats_per_line = 16;

struct Turn {
    float re, im;
};

Turn turn(double part, double whole) {
    const double angle = -2.0 * std::numbers::pi * part / whole;
    return {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
}

// For each pass of four and each of its steps: w, w^2, w^3.
std::vector<float> pass_turns(int n) {
    std::vector<float> turns;
    for (int left = n; left > 4; left /= 4) {
        for (int p = 0; p < left / 4; ++p) {
            for (int power = 1; power <= 3; ++power) {
                const Turn w = turn(p * power, left);
                turns.insert(turns.end(), {w.re, w.im});
            }
        }
    }
    return turns;
}

std::vector<float> joining_turns(int n) {
    std::vector<float> turns;
    for (int k = 0; k < n / lanes; ++k) {
        for (int l = 0; l < lanes; ++l) turns.push_back(turn(static_cast<double>(k) * l, n).re);
        for (int l = 0; l < lanes; ++l) turns.push_back(turn(static_cast<double>(k) * l, n).im);
    }
    return turns;
}

void interleave(const float* re, const float* im, float* spectrum, int bins) {
    for (int k = 0; k < bins; ++k) {
        spectrum[2 * k] = re[k];
        spectrum[2 * k + 1] = im[k];
    }
}

}  // namespace

RealFft::Work::Work(const RealFft& fft)
    : floats_(static_cast<std::size_t>(kernels::fft_work_floats(fft.size()) + 2 * fft.bins() + floats_per_line)) {
    const auto address = reinterpret_cast<std::uintptr_t>(floats_.data());
    const std::uintptr_t over = address % (floats_per_line * sizeof(float));
    aligned_ = floats_.data() + (over == 0 ? 0 : floats_per_line - over / sizeof(float));
}

RealFft::RealFft(int size) : kernels_(&kernels::fft_kernels()) {
    if (size < smallest || size > largest || !std::has_single_bit(static_cast<unsigned>(size))) {
        throw std::invalid_argument("transform of " + std::to_string(size) + " samples: expected a power of two from " +
                                    std::to_string(smallest) + " to " + std::to_string(largest));
    }
    const int h = size / 2;
    half_ = pass_turns(h);
    if (size >= kernels::smallest_single_fft) {
        eighth_ = pass_turns(h / lanes);
        join_ = joining_turns(h);
    }
    // The vectors of the kernel read on to a full vector behind the last one used.
    for (int k = 0; k <= h / 2 + lanes; ++k) {
        unfold_re_.push_back(turn(k, size).re);
        unfold_im_.push_back(turn(k, size).im);
    }
    tables_ = {size, half_.data(), eighth_.data(), join_.data(), unfold_re_.data(), unfold_im_.data()};
}

void RealFft::forward_rows(const float* const* rows, float* const* spectra, int count, Work& work) const {
    int done = 0;
    for (; done + lanes <= count; done += lanes) {
        kernels_->forward_rows(tables_, rows + done, spectra + done, work.data());
    }
    float* re = work.data() + kernels::fft_work_floats(size());
    float* im = re + bins();
    for (; done < count; ++done) {
        forward(rows[done], re, im, work);
        interleave(re, im, spectra[done], bins());
    }
}

void RealFft::inverse_rows(const float* const* spectra, float* const* rows, int count, Work& work) const {
    int done = 0;
    for (; done + lanes <= count; done += lanes) {
        kernels_->inverse_rows(tables_, spectra + done, rows + done, work.data());
    }
    float* re = work.data() + kernels::fft_work_floats(size());
    float* im = re + bins();
    for (; done < count; ++done) {
        for (int k = 0; k < bins(); ++k) {
            re[k] = spectra[done][2 * k];
            im[k] = spectra[done][2 * k + 1];
        }
        inverse(re, im, rows[done], work);
    }
}

}  // namespace smartmix::dsp
