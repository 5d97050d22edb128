#include "meters/loudness_meter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "core/denormals.hpp"
#include "core/sanitise.hpp"

namespace smartmix {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();
constexpr double surround = 1.41;  // BS.1770-5 Annex 1 Table 4: between 60 and 120 degrees to the side
constexpr int hops_per_100ms = 10;
constexpr int momentary_hops = 40;
constexpr int short_term_hops = 300;
constexpr double absolute_gate_lufs = -70.0;
constexpr double integrated_gate_lu = -10.0;
constexpr double range_gate_lu = -20.0;

std::array<double, LoudnessMeter::max_channels> weights_of(int channels) {
    switch (channels) {
        case 4: return {1.0, 1.0, surround, surround};
        case 5: return {1.0, 1.0, 1.0, surround, surround};
        case 6: return {1.0, 1.0, 1.0, 0.0, surround, surround};
        case 7: return {1.0, 1.0, 1.0, 0.0, 1.0, surround, surround};
        case 8: return {1.0, 1.0, 1.0, 0.0, 1.0, 1.0, surround, surround};
        default: return {1.0, 1.0, 1.0};
    }
}

double loudness(double power) noexcept { return power > 0.0 ? -0.691 + 10.0 * std::log10(power) : minus_infinity; }
double power_of(double lufs) noexcept { return std::pow(10.0, (lufs + 0.691) / 10.0); }

// Mean of the powers above `gate`; 0 when there are none.
double mean_above(const std::vector<double>& powers, double gate) noexcept {
    double sum = 0.0;
    std::size_t count = 0;
    for (const double power : powers) {
        if (power <= gate) continue;
        sum += power;
        ++count;
    }
    return count > 0 ? sum / static_cast<double>(count) : 0.0;
}

// The power below which a block is dropped: `relative_lu` under the mean of all blocks above -70 LUFS.
double gate_of(const std::vector<double>& powers, double relative_lu) noexcept {
    const double absolute = power_of(absolute_gate_lufs);
    const double relative = mean_above(powers, absolute) * std::pow(10.0, relative_lu / 10.0);
    return std::max(absolute, relative);
}

double decibels(double amplitude) noexcept { return amplitude > 0.0 ? 20.0 * std::log10(amplitude) : minus_infinity; }

typedef double Lanes __attribute__((vector_size(16)));

inline Lanes load(const double* p) { return Lanes{p[0], p[1]}; }
inline void store(double* p, Lanes v) {
    p[0] = v[0];
    p[1] = v[1];
}

}  // namespace

LoudnessMeter::LoudnessMeter(double sample_rate, int channels, bool true_peak)
    : sample_rate_(sample_rate),
      channel_count_(channels),
      with_true_peak_(true_peak),
      peak_(std::clamp(channels, 1, max_channels), true_peak) {
    if (!(sample_rate >= 8000.0 && sample_rate <= 384000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(sample_rate) + " Hz: expected 8000 to 384000");
    }
    if (channels < 1 || channels > max_channels) {
        throw std::invalid_argument(std::to_string(channels) + " channels: expected 1 to 8");
    }
    weighting_ = dsp::design_k_weighting(sample_rate);
    channel_weight_ = weights_of(channels);
    for (auto& chunk : clean_) chunk.assign(TruePeakMeter::chunk_frames, 0.0F);
    reset();
}

void LoudnessMeter::reset() noexcept {
    pairs_ = {};
    hop_sums_.clear();
    frames_ = 0;
    next_hop_end_ = hop_end(1);
    peak_.reset();
}

void LoudnessMeter::reserve(double seconds) { hop_sums_.reserve(static_cast<std::size_t>(100.0 * seconds) + 1); }

std::int64_t LoudnessMeter::hop_end(std::int64_t hop) const noexcept {
    return std::llround(static_cast<double>(hop) * sample_rate_ / 100.0);
}

void LoudnessMeter::process(const float* const* channels, std::int64_t frames) {
    const DenormalGuard no_denormals;
    std::array<const float*, max_channels> chunk{};
    for (std::int64_t at = 0; at < frames;) {
        const int take_now = static_cast<int>(std::min<std::int64_t>(frames - at, peak_.room()));
        for (int c = 0; c < channel_count_; ++c) {
            float* clean = clean_[static_cast<std::size_t>(c)].data();
            std::memcpy(clean, channels[c] + at, static_cast<std::size_t>(take_now) * sizeof(float));
            silence_non_finite(clean, take_now);
            chunk[static_cast<std::size_t>(c)] = clean;
        }
        take(chunk.data(), take_now);
        at += take_now;
    }
}

// One chunk, small enough to stay in the first cache between the two meters.
void LoudnessMeter::take(const float* const* channels, int frames) {
    int done = 0;
    while (done < frames) {
        const int end = static_cast<int>(std::min<std::int64_t>(frames, done + next_hop_end_ - frames_));
        weigh(channels, done, end);
        frames_ += end - done;
        done = end;
        if (frames_ == next_hop_end_) finish_hop();
    }
    peak_.push(channels, frames);
}

// K-weighting and energy of two channels at a time. Each section runs on its two memories alone (the output is put into
// the state equations), which leaves one multiplication and one addition from one sample to the next.
void LoudnessMeter::weigh(const float* const* channels, int first, int end) noexcept {
    const dsp::Biquad& s = weighting_.shelf;
    const dsp::Biquad& h = weighting_.high_pass;
    const double shelf1 = s.b1 - s.a1 * s.b0;
    const double shelf2 = s.b2 - s.a2 * s.b0;
    const double high1 = h.b1 - h.a1;
    const double high2 = h.b2 - h.a2;
    for (int c = 0; c < channel_count_; c += 2) {
        Pair& pair = pairs_[static_cast<std::size_t>(c / 2)];
        const float* left = channels[c];
        const float* right = channels[std::min(c + 1, channel_count_ - 1)];
        Lanes s1 = load(pair.s1);
        Lanes s2 = load(pair.s2);
        Lanes r1 = load(pair.r1);
        Lanes r2 = load(pair.r2);
        Lanes energy = load(pair.energy);
        for (int i = first; i < end; ++i) {
            const Lanes x = {left[i], right[i]};
            const Lanes y = s.b0 * x + s1;
            const Lanes next_s1 = (shelf1 * x + s2) - s.a1 * s1;
            s2 = shelf2 * x - s.a2 * s1;
            s1 = next_s1;
            const Lanes z = y + r1;
            const Lanes next_r1 = (high1 * y + r2) - h.a1 * r1;
            r2 = high2 * y - h.a2 * r1;
            r1 = next_r1;
            energy += z * z;
        }
        store(pair.s1, s1);
        store(pair.s2, s2);
        store(pair.r1, r1);
        store(pair.r2, r2);
        store(pair.energy, energy);
    }
}

void LoudnessMeter::finish_hop() {
    double sum = 0.0;
    for (int c = 0; c < channel_count_; ++c) {
        double& energy = pairs_[static_cast<std::size_t>(c / 2)].energy[c % 2];
        sum += channel_weight_[static_cast<std::size_t>(c)] * energy;
        energy = 0.0;
    }
    for (Pair& pair : pairs_) pair.energy[0] = pair.energy[1] = 0.0;
    hop_sums_.push_back(sum);
    next_hop_end_ = hop_end(static_cast<std::int64_t>(hop_sums_.size()) + 1);
}

// Entry e is the sum of hops e-9 .. e (0 before the tenth), so that long windows are sums of few terms.
std::vector<double> LoudnessMeter::sums_100ms() const {
    std::vector<double> sums(hop_sums_.size(), 0.0);
    for (std::size_t e = hops_per_100ms - 1; e < hop_sums_.size(); ++e) {
        double sum = 0.0;
        for (std::size_t k = e + 1 - hops_per_100ms; k <= e; ++k) sum += hop_sums_[k];
        sums[e] = sum;
    }
    return sums;
}

// Mean square over the `hops` hops that end with hop `end_hop` - 1; `hops` is a multiple of 10.
double LoudnessMeter::window_power(const std::vector<double>& sums, std::int64_t end_hop, int hops) const noexcept {
    double sum = 0.0;
    for (std::int64_t e = end_hop - hops + hops_per_100ms; e <= end_hop; e += hops_per_100ms) {
        sum += sums[static_cast<std::size_t>(e - 1)];
    }
    return sum / static_cast<double>(hop_end(end_hop) - hop_end(end_hop - hops));
}

std::vector<double> LoudnessMeter::window_powers(int hops, int step) const {
    const std::vector<double> sums = sums_100ms();
    std::vector<double> powers;
    for (std::int64_t e = hops; e <= static_cast<std::int64_t>(sums.size()); e += step) {
        powers.push_back(window_power(sums, e, hops));
    }
    return powers;
}

double loudness_of_blocks(const std::vector<double>& gating_blocks) noexcept {
    return loudness(mean_above(gating_blocks, gate_of(gating_blocks, integrated_gate_lu)));
}

std::vector<double> LoudnessMeter::gating_blocks() const { return window_powers(momentary_hops, hops_per_100ms); }
std::vector<double> LoudnessMeter::range_blocks() const { return window_powers(short_term_hops, hops_per_100ms); }

double LoudnessMeter::integrated_lufs() const { return loudness_of_blocks(gating_blocks()); }

double LoudnessMeter::max_lufs(int hops) const {
    double largest = 0.0;
    for (const double power : window_powers(hops, 1)) largest = std::max(largest, power);
    return loudness(largest);
}

double LoudnessMeter::momentary_max_lufs() const { return max_lufs(momentary_hops); }
double LoudnessMeter::short_term_max_lufs() const { return max_lufs(short_term_hops); }

double LoudnessMeter::range_lu() const { return range_of_blocks(range_blocks()); }

double range_of_blocks(std::vector<double> powers) {
    const double gate = gate_of(powers, range_gate_lu);
    std::erase_if(powers, [gate](double power) { return power <= gate; });
    if (powers.empty()) return 0.0;
    std::sort(powers.begin(), powers.end());
    const auto at = [&powers](double share) {
        return powers[static_cast<std::size_t>(std::llround(share * static_cast<double>(powers.size() - 1)))];
    };
    return loudness(at(0.95)) - loudness(at(0.10));
}

std::vector<double> LoudnessMeter::short_term_lufs(int rate_hz) const {
    if (rate_hz < 1 || rate_hz > 100 || 100 % rate_hz != 0) {
        throw std::invalid_argument("rate_hz " + std::to_string(rate_hz) + ": expected a divisor of 100");
    }
    std::vector<double> levels = window_powers(short_term_hops, 100 / rate_hz);
    for (double& level : levels) level = loudness(level);
    return levels;
}

std::vector<double> LoudnessMeter::energies_10ms() const {
    std::vector<double> energies(hop_sums_.size());
    for (std::size_t k = 0; k < energies.size(); ++k) {
        const auto hop = static_cast<std::int64_t>(k);
        energies[k] = hop_sums_[k] / static_cast<double>(hop_end(hop + 1) - hop_end(hop));
    }
    return energies;
}

double LoudnessMeter::true_peak_dbtp() const {
    if (!with_true_peak_) throw std::logic_error("this meter was made without true peak");
    return decibels(peak_.true_peak());
}

double LoudnessMeter::take_true_peak_dbtp() {
    if (!with_true_peak_) throw std::logic_error("this meter was made without true peak");
    return decibels(peak_.take_peak());
}

double LoudnessMeter::sample_peak_dbfs() const { return decibels(peak_.sample_peak()); }

}  // namespace smartmix
