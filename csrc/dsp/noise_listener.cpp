#include "dsp/noise_listener.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

constexpr int first_bin = 2;  // below is DC and its window
constexpr int least_bins = 16;
constexpr double widest_octaves = 0.5;

// Logarithm of the mean over mean of the logarithm, over 16 frames that overlap by three quarters: for Gaussian noise 2.1 dB as
// the median of 16 bins, in 99.8 of 100 cells between these. A tone has 0, speech and music 4 and more.
constexpr float least_spread_db = 1.35F, most_spread_db = 3.05F;
constexpr float most_slope_db = 0.7F;   // between the halves of a cell: a decay over 8 dB/s is none
constexpr float part_that_agrees = 0.7F;
constexpr float same_level_db = 1.5F;
constexpr int cells_to_believe = 3;     // the second half of a cell is the first of the next: two places at least
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
    if (sounding == 0 || static_cast<float>(agreeing) < part_that_agrees * static_cast<float>(sounding)) return false;
    bool changed = false;
    for (std::size_t i = 0; i < bands_.size(); ++i) {
        if (noisy_[i] != 0) changed = learn(i, level_db(bands_[i])) || changed;
    }
    return changed;
}

bool NoiseListener::is_noise(const Band& band) noexcept {
    const auto count = static_cast<std::ptrdiff_t>(band.end - band.first);
    std::copy_n(spread_.begin() + band.first, count, sorted_.begin());
    std::nth_element(sorted_.begin(), sorted_.begin() + count / 2, sorted_.begin() + count);
    const float median = sorted_[static_cast<std::size_t>(count / 2)];
    return median >= least_spread_db && median <= most_spread_db;
}

float NoiseListener::level_db(const Band& band) const noexcept {
    double sum = 0.0;
    for (int k = band.first; k < band.end; ++k) sum += static_cast<double>(log2_fast(mean_[static_cast<std::size_t>(k)]));
    return db_per_octave_of_power * static_cast<float>(sum / (band.end - band.first));
}

bool NoiseListener::learn(std::size_t i, float level) noexcept {
    Floor& floor = floors_[i];
    const float over = level - floor.level_db;
    if (floor.heard > 0 && over > same_level_db && floor.age <= forgotten_after) return false;
    if (floor.heard == 0 || std::abs(over) > same_level_db) {
        // A lower floor puts the higher one out of force at once: nothing more may be taken away by it.
        floor = {level, 1, 0};
        put_down(i, 1.0F);
        return true;
    }
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
