#include "dsp/reverb_design.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "dsp/k_weighting.hpp"

namespace smartmix::dsp {
namespace {

// House choices. Times in ms at size 0.5.
constexpr double shortest_line_ms = 27.0;
constexpr double longest_line_ms = 83.0;
constexpr double entry_ms = 7.3;
constexpr double spread_ms = 17.9;
constexpr double first_reflection_ms = 4.1;
constexpr double last_reflection_ms = 71.0;
constexpr double source_distance_ms = 9.0;  // of the direct sound: reflections fade as 1 / (this + their delay)
constexpr double smallest_scale = 0.4;
constexpr double scale_range = 6.25;
// Which length each line has, in orders in which neighbours in the Hadamard matrix are no neighbours in length.
constexpr std::array<int, reverb_lines> line_order = {0, 11, 6, 13, 3, 8, 15, 4, 9, 2, 14, 5, 12, 7, 1, 10};
constexpr std::array<int, reverb_lines> entry_order = {5, 12, 2, 9, 14, 0, 7, 11, 3, 15, 6, 1, 10, 13, 4, 8};
constexpr std::array<int, reverb_lines> spread_order = {10, 3, 13, 6, 1, 15, 8, 4, 12, 0, 5, 11, 2, 9, 14, 7};

// Evenly spread over 0..1 and never regular: multiples of the golden ratio.
double scattered(int i) noexcept {
    const double x = (i + 1) * (std::numbers::phi - 1.0);
    return x - std::floor(x);
}

bool is_prime(int n) noexcept {
    if (n % 2 == 0) return n == 2;
    for (int d = 3; d * d <= n; d += 2) {
        if (n % d == 0) return false;
    }
    return n > 1;
}

int prime_from(int n) noexcept {
    while (!is_prime(n)) ++n;
    return n;
}

int frames_of(double ms, double sample_rate) noexcept { return static_cast<int>(std::lround(0.001 * ms * sample_rate)); }

double reflection_ms(int side, int k) noexcept {
    const double position = (k + scattered(2 * k + side)) / early_taps;
    return first_reflection_ms + (last_reflection_ms - first_reflection_ms) * std::pow(position, 1.3);
}

}  // namespace

int ReverbGeometry::onset() const noexcept {
    const int late = *std::max_element(entry.begin(), entry.end()) + *std::max_element(spread.begin(), spread.end()) +
                     *std::max_element(line.begin(), line.end());
    int last = late;
    for (const auto& side : early) last = std::max(last, *std::max_element(side.begin(), side.end()));
    return pre_delay + last;
}

ReverbGeometry design_geometry(double size, double pre_delay_ms, double sample_rate) noexcept {
    const double scale = smallest_scale * std::pow(scale_range, size);
    const double ratio = longest_line_ms / shortest_line_ms;
    ReverbGeometry geometry;
    geometry.pre_delay = frames_of(pre_delay_ms, sample_rate);
    for (std::size_t side = 0; side < 2; ++side) {
        for (int k = 0; k < early_taps; ++k) {
            geometry.early[side][static_cast<std::size_t>(k)] =
                frames_of(scale * reflection_ms(static_cast<int>(side), k), sample_rate);
        }
    }
    std::array<int, reverb_lines> length{};
    int previous = 0;
    for (int i = 0; i < reverb_lines; ++i) {
        const double ms = scale * shortest_line_ms * std::pow(ratio, i / (reverb_lines - 1.0));
        previous = prime_from(std::max(previous + 1, frames_of(ms, sample_rate)));
        length[static_cast<std::size_t>(i)] = previous;
    }
    for (std::size_t l = 0; l < reverb_lines; ++l) {
        const int entry = entry_order[l];
        const int spread = spread_order[l];
        geometry.line[l] = length[static_cast<std::size_t>(line_order[l])];
        geometry.entry[l] = frames_of(scale * entry_ms * (entry + scattered(entry)) / reverb_lines, sample_rate);
        geometry.spread[l] = frames_of(scale * spread_ms * (spread + scattered(spread + 7)) / reverb_lines, sample_rate);
    }
    return geometry;
}

EarlyPattern design_early_pattern() {
    EarlyPattern pattern;
    for (std::size_t side = 0; side < 2; ++side) {
        double power = 0.0;
        const auto loudness = [&](int k) { return 1.0 / (source_distance_ms + reflection_ms(static_cast<int>(side), k)); };
        for (int k = 0; k < early_taps; ++k) power += loudness(k) * loudness(k);
        for (int k = 0; k < early_taps; ++k) {
            const double sign = scattered(5 * k + static_cast<int>(side)) < 0.5 ? -1.0 : 1.0;
            pattern[side][static_cast<std::size_t>(k)] = {static_cast<float>(sign * loudness(k) / std::sqrt(power)), k % 3 == 2};
        }
    }
    return pattern;
}

float entry_sign(int line) noexcept {
    const int both = (line & 1 & line >> 1) ^ (line >> 2 & line >> 3 & 1);
    return both != 0 ? -1.0F : 1.0F;
}

int entry_side(int line) noexcept { return std::popcount(static_cast<unsigned>(line)) & 1; }

double prewarped(double hz, double sample_rate) noexcept {
    return std::tan(std::numbers::pi * std::min(hz / sample_rate, 0.49));
}

LineDamping design_damping(double decay_s, double damping_hz, const std::array<double, reverb_lines>& frames,
                           double sample_rate) noexcept {
    LineDamping damping;
    const double per_frame = -3.0 * std::numbers::ln10 / (decay_s * sample_rate);
    const double warped = prewarped(damping_hz, sample_rate);
    for (std::size_t l = 0; l < reverb_lines; ++l) {
        const double log_gain = per_frame * frames[l];
        damping.gain[l] = std::exp(log_gain);
        damping.g[l] = warped / std::sqrt(std::sqrt(std::expm1(-2.0 * log_gain)));  // |H|^2 = 1 / (1 + (f / g)^4)
    }
    return damping;
}

void PinkEnergy::prepare(double low_cut_hz, double high_cut_hz, double sample_rate) {
    const KWeighting weighting = design_k_weighting(sample_rate);
    const double low = prewarped(low_cut_hz, sample_rate);
    const double high = prewarped(high_cut_hz, sample_rate);
    double whole = 0.0;
    after_cuts_ = 0.0;
    for (std::size_t b = 0; b < bands; ++b) {
        const double hz = 31.25 * std::exp2(static_cast<double>(b));
        power_[b] = warped4_[b] = 0.0;
        if (hz >= 0.45 * sample_rate) continue;
        const double weight = std::pow(10.0, response_db(weighting, hz, sample_rate) / 10.0);
        const double warped = std::tan(std::numbers::pi * hz / sample_rate);
        warped4_[b] = std::pow(warped, 4.0);
        power_[b] = weight / ((1.0 + std::pow(low / warped, 4.0)) * (1.0 + std::pow(warped / high, 4.0)));
        whole += weight;
        after_cuts_ += power_[b];
    }
    for (double& power : power_) power /= whole;
    after_cuts_ /= whole;
}

double PinkEnergy::after_late(const LineDamping& damping) const noexcept {
    double total = 0.0;
    for (std::size_t b = 0; b < bands; ++b) {
        double pass = 0.0;
        for (std::size_t l = 0; l < reverb_lines; ++l) {
            const double g2 = damping.g[l] * damping.g[l];
            pass += damping.gain[l] * damping.gain[l] / (1.0 + warped4_[b] / (g2 * g2));
        }
        pass /= reverb_lines;
        total += power_[b] * pass / (1.0 - pass);
    }
    return total;
}

}  // namespace smartmix::dsp
