#include "dsp/noise_listener.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

constexpr int first_bin = 2;  // below is DC and its window
constexpr int least_bins = 16;
constexpr double widest_octaves = 0.5;

// Logarithm of the mean over mean of the logarithm, over 16 frames that overlap by three quarters: as the median of 16 bins
// 2.09 dB for Gaussian noise, with a deviation of 0.28 dB. A tone has 0, speech and music 3 and more.
constexpr float noise_spread_db = 2.09F, spread_deviation_db = 0.28F;
constexpr float deviations = 3.0F, least_tolerance_db = 0.35F;
constexpr float most_slope_db = 0.7F;   // between the halves of a cell: a decay over 8 dB/s is none
constexpr float part_that_agrees = 0.8F;
constexpr float part_at_floor = 0.7F;  // of these, as loud as before: one noise and not another each time
constexpr float same_level_db = 1.5F;
constexpr int cells_to_believe = 6;     // each shares half with the next
constexpr int most_weight = 16;
constexpr int forgotten_after = 120;    // cells: ten seconds without a trace of it
constexpr float loudest_tone = 4.0F;    // over its surroundings: more is not noise

}  // namespace

NoiseListener::NoiseListener(int bins, float least) : least_(least) {
    for (int at = first_bin; at < bins;) {
        const int wide = static_cast<int>(at * (std::exp2(widest_octaves) - 1.0));
        int end = std::min(at + std::max(wide, least_bins), bins);
        if (bins - end < least_bins) end = bins;
        bands_.push_back({at, end});
        at = end;
    }
    floors_.resize(bands_.size());
    noisy_.resize(bands_.size());
    levels_.resize(bands_.size());
    const auto count = static_cast<std::size_t>(bins);
    for (Half& half : halves_) half = {std::vector<float>(count), std::vector<float>(count)};
    for (auto* row : {&mean_, &spread_, &sorted_, &learned_, &noise_}) row->assign(count, 0.0F);
}

void NoiseListener::clear() noexcept {
    std::fill(floors_.begin(), floors_.end(), Floor{});
    for (Half& half : halves_) {
        std::fill(half.sum.begin(), half.sum.end(), 0.0F);
        std::fill(half.logs.begin(), half.logs.end(), 0.0F);
    }
    std::fill(learned_.begin(), learned_.end(), 0.0F);
    std::fill(noise_.begin(), noise_.end(), 0.0F);
    half_ = frame_ = 0;
    full_ = false;
}

bool NoiseListener::push(const float* power) noexcept {
    Half& half = halves_[static_cast<std::size_t>(half_)];
    const std::size_t bins = half.sum.size();
    for (std::size_t k = 0; k < bins; ++k) {
        half.sum[k] += power[k];
        half.logs[k] += log2_fast(power[k]);
    }
    if (++frame_ < half_cell) return false;
    frame_ = 0;
    const bool changed = full_ && judge();
    full_ = true;
    half_ ^= 1;
    Half& next = halves_[static_cast<std::size_t>(half_)];
    std::fill(next.sum.begin(), next.sum.end(), 0.0F);
    std::fill(next.logs.begin(), next.logs.end(), 0.0F);
    return changed;
}

bool NoiseListener::judge() noexcept {
    const Half& a = halves_[static_cast<std::size_t>(half_ ^ 1)];
    const Half& b = halves_[static_cast<std::size_t>(half_)];
    double slope = 0.0;
    for (std::size_t k = 0; k < mean_.size(); ++k) {
        mean_[k] = (a.sum[k] + b.sum[k]) / cell_frames;
        spread_[k] = db_per_octave_of_power * (log2_fast(mean_[k]) - (a.logs[k] + b.logs[k]) / cell_frames);
        slope += static_cast<double>(log2_fast(a.sum[k]) - log2_fast(b.sum[k]));
    }
    for (Floor& floor : floors_) floor.age = std::min(floor.age + 1, forgotten_after + 1);
    if (db_per_octave_of_power * std::abs(slope) > most_slope_db * static_cast<double>(mean_.size())) return false;
    int sounding = 0, agreeing = 0;
    for (std::size_t i = 0; i < bands_.size(); ++i) {
        const Band& band = bands_[i];
        noisy_[i] = 0;
        if (*std::max_element(mean_.begin() + band.first, mean_.begin() + band.end) < least_) continue;
        ++sounding;
        noisy_[i] = is_noise(band) ? 1 : 0;
        agreeing += noisy_[i];
    }
    if (2 * sounding < static_cast<int>(bands_.size())) return false;
    if (static_cast<float>(agreeing) < part_that_agrees * static_cast<float>(sounding)) return false;
    return learn_cell(agreeing);
}

bool NoiseListener::learn_cell(int noisy) noexcept {
    int same = 0;
    for (std::size_t i = 0; i < bands_.size(); ++i) {
        if (noisy_[i] == 0) continue;
        levels_[i] = level_db(bands_[i]);
        same += floors_[i].heard > 0 && std::abs(levels_[i] - floors_[i].level_db) <= same_level_db;
    }
    const bool at_floor = static_cast<float>(same) >= part_at_floor * static_cast<float>(noisy);
    bool changed = false;
    for (std::size_t i = 0; i < bands_.size(); ++i) {
        if (noisy_[i] != 0) changed = learn(i, levels_[i], at_floor) || changed;
    }
    return changed;
}

bool NoiseListener::is_noise(const Band& band) noexcept {
    const auto count = static_cast<std::ptrdiff_t>(band.end - band.first);
    std::copy_n(spread_.begin() + band.first, count, sorted_.begin());
    std::nth_element(sorted_.begin(), sorted_.begin() + count / 2, sorted_.begin() + count);
    const float bins = static_cast<float>(count) / static_cast<float>(least_bins);
    const float tolerance = std::max(deviations * spread_deviation_db / std::sqrt(bins), least_tolerance_db);
    return std::abs(sorted_[static_cast<std::size_t>(count / 2)] - noise_spread_db) <= tolerance;
}

float NoiseListener::level_db(const Band& band) const noexcept {
    double sum = 0.0;
    for (int k = band.first; k < band.end; ++k) sum += static_cast<double>(log2_fast(mean_[static_cast<std::size_t>(k)]));
    return db_per_octave_of_power * static_cast<float>(sum / (band.end - band.first));
}

bool NoiseListener::learn(std::size_t i, float level, bool at_floor) noexcept {
    Floor& floor = floors_[i];
    const float over = level - floor.level_db;
    if (floor.heard > 0 && over > same_level_db && floor.age <= forgotten_after) return false;
    if (floor.heard == 0 || std::abs(over) > same_level_db) {
        // A lower floor puts the higher one out of force at once: nothing more may be taken away by it.
        floor = {level, 1, 0};
        put_down(i, 1.0F);
        return true;
    }
    if (!at_floor) return false;
    floor.heard = std::min(floor.heard + 1, most_weight);
    floor.age = 0;
    const float share = 1.0F / static_cast<float>(floor.heard);
    floor.level_db += share * over;
    put_down(i, share);
    return true;
}

void NoiseListener::put_down(std::size_t i, float share) noexcept {
    const Band& band = bands_[i];
    const float most = loudest_tone * exp2_fast(floors_[i].level_db / db_per_octave_of_power);
    const bool believed = floors_[i].heard >= cells_to_believe;
    for (auto k = static_cast<std::size_t>(band.first); k < static_cast<std::size_t>(band.end); ++k) {
        learned_[k] += share * (std::min(mean_[k], most) - learned_[k]);
        noise_[k] = believed && learned_[k] >= least_ ? learned_[k] : 0.0F;
    }
}

}  // namespace smartmix::dsp
