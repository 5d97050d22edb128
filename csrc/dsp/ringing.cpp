#include "dsp/ringing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace smartmix::dsp {
namespace {

constexpr double slowest_decay = 1e-8;  // hours; keeps the count of frames a number
constexpr double alike_within = 3.0;    // sections that decay within this factor of the slowest count as its equals

// The largest magnitude is near the poles or at an end of the spectrum.
double peak_gain(const SvfCoefficients& f) noexcept {
    double peak = std::max(std::fabs(f.m0), std::fabs(f.m0 + f.m2));
    for (const double s : {0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0}) {
        const double re = 1.0 - s * s;
        const double im = f.k * s;
        const double over = std::hypot(f.m0 * re + f.m2, f.m0 * im + f.m1 * s);
        peak = std::max(peak, over / std::hypot(re, im));
    }
    return peak;
}

}  // namespace

double decay_per_frame(const SvfCoefficients& f) noexcept {
    double decay;
    if (f.k >= 2.0) {  // two real poles: the one nearer to 1
        const double s = 2.0 / (f.k + std::sqrt(f.k * f.k - 4.0));
        decay = std::log1p(f.g * s) - std::log(std::fabs(1.0 - f.g * s));
    } else {
        decay = 0.5 * (std::log1p(f.g * (f.g + f.k)) - std::log1p(f.g * (f.g - f.k)));
    }
    return std::isfinite(decay) ? std::max(decay, slowest_decay) : 1.0;
}

double frames_to_floor(double decay, double size, int alike) noexcept {
    const double straight = std::max(std::log(size / tail_floor), 0.0);
    double wanted = straight;  // decay times frames
    for (int round = 0; round < 20; ++round) {
        double term = 1.0, sum = 1.0;
        for (int j = 1; j < alike; ++j) {
            term *= wanted / j;
            sum += term;
        }
        wanted = straight + std::log(sum);
    }
    return wanted / decay;
}

int ring_frames(std::span<const SvfCoefficients> sections) noexcept {
    if (sections.empty()) return 0;
    double slowest = std::numeric_limits<double>::infinity();
    double size = 2.0;  // a pair of poles adds up
    for (const SvfCoefficients& f : sections) {
        slowest = std::min(slowest, decay_per_frame(f));
        size *= std::max(peak_gain(f), 1.0);
    }
    int alike = 0;
    for (const SvfCoefficients& f : sections) {
        if (decay_per_frame(f) < alike_within * slowest) alike += f.k > 1.5 && f.k < 2.4 ? 2 : 1;  // near a double pole
    }
    const double frames = std::ceil(frames_to_floor(slowest, size, alike));
    return static_cast<int>(std::min(frames, 1e9)) + 1;
}

}  // namespace smartmix::dsp
