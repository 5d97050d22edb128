#include "dsp/matched_design.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace smartmix::dsp {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double highest_part = 0.49;  // of the sample rate: centre and corner frequencies end there

// Half the sample rate is met as if it lay a little lower: the digital magnitude arrives there level, the analog one in
// a slope, and with these the error is spread evenly below and above 0.45 of the rate instead of all below.
constexpr double bell_ease = 0.8;
constexpr double shelf_ease = 0.97;
constexpr double tilt_ease = 0.9;
// A band-pass is met where its power is 1 / (1 + edge), under its centre; a shelf and a tilt at these parts of hz.
constexpr double edge = 7.0 / 3.0;
constexpr double shelf_node = 0.97;
constexpr double tilt_node = 0.7;
// How soon the zeros of a shelf are those of a band-pass, and how far its poles and zeros go apart for what is missing at
// half the sample rate: found by search, for the least error of shelves with q up to 3 at 44.1 kHz.
constexpr double resonance = 15.0;
constexpr double spread = 0.19;
constexpr double spread_q = 2.5;
constexpr double most_missing = 0.15;
constexpr double topmost_zero = 0.9999 * pi;

double square(double x) { return x * x; }

double radians_of(double sample_rate, double hz) { return 2.0 * pi * std::min(hz / sample_rate, highest_part); }

// tan^2 of half the angle: the square of the bilinear transform's frequency, in which every magnitude is rational.
double warped(double radians) { return square(std::tan(0.5 * radians)); }

// (low product + slope t + high t^2) / (product + sum t + t^2) with t = j tan(w / 2): `low` is the gain at 0 Hz, `high`
// at half the sample rate. With all five above zero it is stable and of minimum phase.
struct Ratio {
    double product;
    double sum;
    double low;
    double slope;
    double high;
};

Ratio reciprocal(const Ratio& r) {
    return {r.low * r.product / r.high, r.slope / r.high, 1.0 / r.low, r.sum / r.high, 1.0 / r.high};
}

Ratio scaled(const Ratio& r, double gain) { return {r.product, r.sum, gain * r.low, gain * r.slope, gain * r.high}; }

SvfCoefficients realised(const Ratio& r) {
    const double g = std::sqrt(r.product);
    const double k = r.sum / g;
    return {g, k, r.high, r.slope / g - r.high * k, r.low - r.high};
}

// Exactly neutral, so that a ramp that ends at 0 dB ends in silence of the band and not in its rounding.
SvfCoefficients neutral(const Ratio& r) {
    const double g = std::sqrt(r.product);
    return {g, r.sum / g, 1.0, 0.0, 0.0};
}

MatchedFrequency frequency_at(double radians) {
    const double n = square(pi / radians);
    return {radians, warped(radians), square(1.0 - n) / n};
}

// The power of k s / (s^2 + k s + 1), matched: (high x^2 + along x) / (x^2 + ... x + product^2) with x = tan^2(w / 2). It
// is 1 with no slope at the centre, meets the analog power under the centre (edge) and at half the sample rate.
struct BandPass {
    double product;  // of its poles in t, and
    double sum;
    double along;
    double high;  // power at half the sample rate, and
    double root;  // sqrt(1 - high)
};

BandPass match_band_pass(const MatchedFrequency& f, double k) {
    const double k2 = k * k;
    const double far = bell_ease * f.far;
    const double high = k2 / (k2 + far);
    const double rest = far / (k2 + far);
    const double root = std::sqrt(rest);
    // The frequency whose power is 1 / (1 + edge): (1 - y^2) / y = sqrt(edge) k.
    const double width = std::sqrt(edge) * k;
    const double x = warped(f.radians * 2.0 / (width + std::sqrt(width * width + 4.0)));
    const double along = square(f.x - x) * rest / (edge * x) - high * x;
    const double sum = std::sqrt(along + 2.0 * f.x * root * high / (1.0 + root));
    return {f.x * root, sum, along, high, root};
}

// 1 + (peak - 1) band-pass, as powers: the bell (peak > 1) and, with peak = 0, the notch.
Ratio match_peak(const MatchedFrequency& f, double peak, double k) {
    const BandPass band = match_band_pass(f, k);
    const double high = std::sqrt(std::max(0.0, 1.0 + (peak - 1.0) * band.high));
    const double slope = std::sqrt(std::max(0.0, peak * band.along + 2.0 * band.product * (high - band.root)));
    return {band.product, band.sum, 1.0, slope, high};
}

// Power of the analog low shelf with gain root^4, at x = (f / f0)^2.
double shelf_power(double root, double k2, double x) {
    const double above = square(root - x) + root * k2 * x;
    const double below = square(1.0 - root * x) + root * k2 * x;
    return square(root) * above / below;
}

// The low shelf that lifts by root^2 > 1. Its poles are those of a band-pass at hz / sqrt(root). Its zeros, at
// hz sqrt(root), may lie above half the sample rate. Far below it they are taken as those of a band-pass there, which
// keeps a resonance (large q) in its place; else they are put where the shelf meets the analog one at half the sample
// rate and at the node; between, one goes over into the other. What the former misses at half the rate is spread: poles
// and zeros go a little apart, the less the sharper they are.
Ratio match_low_shelf(double radians, double root, double k) {
    const double gain = square(root);
    const double k2 = square(k);
    const BandPass pole = match_band_pass(frequency_at(radians / std::sqrt(root)), k);
    const MatchedFrequency above = frequency_at(std::min(radians * std::sqrt(root), topmost_zero));
    const BandPass zero = match_band_pass(above, k);
    const double resonant = std::sqrt(above.far / (resonance * k2 + above.far));

    const double met = std::sqrt(shelf_power(root, k2, square(shelf_ease * pi / radians)));
    const double kept = gain * pole.product / zero.product;
    const double missing = std::clamp((met - kept) / (met + kept), -most_missing, most_missing);
    const double apart = spread * missing * k / (1.0 + spread_q * k);
    const double up = (1.0 + apart) / (1.0 - apart);
    const double product = square(up) * pole.product;
    const double sum = up * pole.sum;
    const double scale = square(square(up)) * kept;
    const double high = met + resonant * (scale - met);

    const double x = warped(shelf_node * radians);
    const double power = shelf_power(root, k2, square(shelf_node));
    const double below = square(x - product) + square(sum) * x;
    const double slope = std::sqrt(std::max(0.0, (power * below - square(high * x - gain * product)) / x));
    return {product, sum, gain, slope + resonant * (scale * zero.sum / up - slope), high};
}

// Power of the analog tilt (root s + 1) / (s + root) at x = (f / f0)^2.
double tilt_power(double root, double x) { return (square(root) * x + 1.0) / (x + square(root)); }

}  // namespace

double matched_radians(double sample_rate, double hz) { return radians_of(sample_rate, hz); }

MatchedFrequency matched_frequency(double sample_rate, double hz) { return frequency_at(radians_of(sample_rate, hz)); }

SvfCoefficients matched_bell(const MatchedFrequency& frequency, double gain_db, double q) {
    const double root = std::pow(10.0, std::abs(gain_db) / 40.0);
    const Ratio boost = match_peak(frequency, square(square(root)), 1.0 / (q * root));
    if (gain_db == 0.0) return neutral(boost);
    return realised(gain_db > 0.0 ? boost : reciprocal(boost));
}

SvfCoefficients matched_notch(const MatchedFrequency& frequency, double q) {
    return realised(match_peak(frequency, 0.0, 1.0 / q));
}

SvfCoefficients matched_low_shelf(double sample_rate, double hz, double gain_db, double q) {
    const double root = std::pow(10.0, std::abs(gain_db) / 40.0);
    const Ratio boost = match_low_shelf(radians_of(sample_rate, hz), root, 1.0 / q);
    if (gain_db == 0.0) return neutral(boost);
    return realised(gain_db > 0.0 ? boost : reciprocal(boost));
}

SvfCoefficients matched_high_shelf(double sample_rate, double hz, double gain_db, double q) {
    const double root = std::pow(10.0, std::abs(gain_db) / 40.0);
    const Ratio low = match_low_shelf(radians_of(sample_rate, hz), root, 1.0 / q);
    if (gain_db == 0.0) return neutral(low);
    const double gain = square(root);
    return realised(gain_db > 0.0 ? scaled(reciprocal(low), gain) : scaled(low, 1.0 / gain));
}

// The pole and the zero meet the analog power at 0 Hz, at the node and at half the sample rate. The second pole of the
// section equals the first and is cancelled by a zero.
SvfCoefficients matched_tilt(double sample_rate, double hz, double gain_db) {
    const double radians = radians_of(sample_rate, hz);
    // The pole's place has a limit at 0 dB, but its formula divides by zero there: the smallest gain stands for it.
    const double root = std::pow(10.0, std::max(std::abs(gain_db), 1e-3) / 40.0);
    const double low = 1.0 / root;
    const double high2 = tilt_power(root, square(tilt_ease * pi / radians));
    const double power = tilt_power(root, square(tilt_node));
    const double pole = std::sqrt(warped(tilt_node * radians) * (high2 - power) / (power - low * low));
    const double high = std::sqrt(high2);
    const auto section = [](double g, double from, double to) {
        return SvfCoefficients{g, 2.0, to, from - to, from - to};
    };
    if (gain_db == 0.0) return {pole, 2.0, 1.0, 0.0, 0.0};
    return gain_db > 0.0 ? section(pole, low, high) : section(pole * low / high, 1.0 / low, 1.0 / high);
}

}  // namespace smartmix::dsp
