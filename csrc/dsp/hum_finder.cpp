#include "dsp/hum_finder.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

constexpr double lowest_rate_hz = 6000.0;
constexpr double farthest_hz = 0.6;  // from the nominal frequency
constexpr double search_step_hz = 0.02;
constexpr std::array<double, 2> nominal_hz = {50.0, 60.0};
constexpr double most_off_hz = 0.25;  // of a line from its multiple
constexpr float over_to_find_db = 8.0F;  // a line over its surroundings, to count
constexpr float clear_db = 20.0F;        // two of the first three like this, or
constexpr int fewest_lines = 4;          // so many of the others, are hum
constexpr float over_to_keep_db = 6.0F;  // to be taken out once there is hum
constexpr int sightings_to_believe = 3;
constexpr int hops_to_forget = 30;       // ten seconds: hum does not stop where music covers it
constexpr double same_hz = 0.15;         // from one sighting to the next
constexpr float least_amplitude = 1e-5F;  // -100 dBFS
constexpr float alone = 0.4F;            // of its power, at most, beside a line: 4 dB less
constexpr float clearest_db = 40.0F;
constexpr int beside_first = 4, beside_last = 12;  // bins to each side that are the surroundings

float db(float power) noexcept { return db_per_octave_of_power * log2_fast(power); }

}  // namespace

void HumFinder::prepare(double sample_rate, int channels) {
    step_ = std::max(static_cast<int>(sample_rate / lowest_rate_hz), 1);
    low_rate_ = sample_rate / step_;
    bin_hz_ = low_rate_ / window;
    bins_ = static_cast<int>(hum_harmonics * (nominal_hz.back() + farthest_hz) / bin_hz_) + beside_last + 3;
    // Three moving means: no less than 48 dB down wherever it would fold onto a line.
    std::vector<double> taps = {1.0};
    for (int pass = 0; pass < 3; ++pass) {
        std::vector<double> wider(taps.size() + static_cast<std::size_t>(step_) - 1, 0.0);
        for (std::size_t i = 0; i < wider.size(); ++i) {
            for (std::size_t j = 0; j < taps.size(); ++j) {
                if (i >= j && i - j < static_cast<std::size_t>(step_)) wider[i] += taps[j] / step_;
            }
        }
        taps = wider;
    }
    smooth_.assign(taps.begin(), taps.end());
    shape_.clear();
    for (int i = 0; i < window; ++i) {
        shape_.push_back(static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * i / window)));
    }
    frame_.assign(window, 0.0F);
    for (auto* row : {&re_, &im_}) row->assign(static_cast<std::size_t>(fft_.bins()), 0.0F);
    work_.clear();
    work_.emplace_back(fft_);
    const auto bins = static_cast<std::size_t>(bins_);
    channels_.assign(static_cast<std::size_t>(channels),
                     {std::vector<float>(smooth_.size()), std::vector<float>(window), std::vector<float>(kept * bins),
                      std::vector<float>(bins)});
    clear();
}

void HumFinder::clear() noexcept {
    for (Channel& channel : channels_) {
        for (auto* row : {&channel.past, &channel.low, &channel.spectra, &channel.lowest}) {
            std::fill(row->begin(), row->end(), 0.0F);
        }
    }
    frames_in_ = spectra_ = ring_ = sightings_ = misses_ = 0;
    last_hz_ = 0.0;
    lines_ = {};
}

bool HumFinder::push(const float* const* channels, int frames) noexcept {
    for (std::size_t c = 0; c < channels_.size(); ++c) decimate(channels_[c], channels[c], frames);
    frames_in_ += frames;
    ring_ = (ring_ + frames) % static_cast<int>(smooth_.size());
    if (frames_in_ < hop_frames()) return false;
    frames_in_ = 0;
    for (Channel& channel : channels_) analyse(channel);
    ++spectra_;
    // The first windows begin before the sound does.
    if (spectra_ < fewest + window / hop - 1) return false;
    judge();
    return true;
}

// A sample of the lower rate with every step_ frames; `past` is a ring as long as the filter.
void HumFinder::decimate(Channel& channel, const float* x, int frames) noexcept {
    const auto taps = static_cast<int>(smooth_.size());
    int at = ring_;
    for (int i = 0; i < frames; ++i) {
        channel.past[static_cast<std::size_t>(at)] = x[i];
        if ((frames_in_ + i + 1) % step_ == 0) {
            float sum = 0.0F;
            for (int t = 0; t < taps; ++t) {
                const int back = at - t < 0 ? at - t + taps : at - t;
                sum += smooth_[static_cast<std::size_t>(t)] * channel.past[static_cast<std::size_t>(back)];
            }
            channel.low[static_cast<std::size_t>(window - hop + (frames_in_ + i) / step_)] = sum;
        }
        at = at + 1 == taps ? 0 : at + 1;
    }
}

void HumFinder::analyse(Channel& channel) noexcept {
    for (std::size_t i = 0; i < window; ++i) frame_[i] = shape_[i] * channel.low[i];
    std::copy(channel.low.begin() + hop, channel.low.end(), channel.low.begin());
    fft_.forward(frame_.data(), re_.data(), im_.data(), work_[0]);
    const auto bins = static_cast<std::size_t>(bins_);
    float* row = channel.spectra.data() + static_cast<std::size_t>(spectra_ % kept) * bins;
    for (std::size_t k = 0; k < bins; ++k) row[k] = re_[k] * re_[k] + im_[k] * im_[k];
}

void HumFinder::judge() noexcept {
    const int first = window / hop - 1;  // spectra that began before the sound
    const int rows = std::min(spectra_ - first, kept);
    const auto bins = static_cast<std::size_t>(bins_);
    std::array<float, kept> column{};
    for (Channel& channel : channels_) {
        for (std::size_t k = 0; k < bins; ++k) {
            for (int r = 0; r < rows; ++r) {
                const auto row = static_cast<std::size_t>((spectra_ - 1 - r) % kept);
                column[static_cast<std::size_t>(r)] = channel.spectra[row * bins + k];
            }
            std::nth_element(column.begin(), column.begin() + rows / 10, column.begin() + rows);
            channel.lowest[k] = column[static_cast<std::size_t>(rows / 10)];
        }
    }
    settle(sight());
}

// What the spectra show now, believed or not.
HumLines HumFinder::sight() const noexcept {
    HumLines seen;
    const double mains_hz = search();
    if (mains_hz == 0.0) return seen;
    const double exact_hz = refined(mains_hz);
    const bool near_one = std::any_of(nominal_hz.begin(), nominal_hz.end(),
                                      [&](double hz) { return std::abs(exact_hz - hz) <= farthest_hz; });
    if (!near_one || !is_hum(exact_hz)) return seen;  // a low note
    seen.mains_hz = exact_hz;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        for (int h = 1; h <= hum_harmonics; ++h) {
            const Line line = line_at(channels_[c], h * exact_hz, over_to_keep_db);
            const bool fits = line.found && std::abs(line.hz - h * exact_hz) < most_off_hz;
            if (fits) seen.amplitude[c][static_cast<std::size_t>(h - 1)] = line.amplitude;
        }
    }
    return seen;
}

// Hum is what is seen a few times in turn at one frequency, until it has not been for long.
void HumFinder::settle(const HumLines& seen) noexcept {
    if (seen.mains_hz == 0.0) {
        sightings_ = lines_.mains_hz > 0.0 ? sightings_ : 0;
        if (++misses_ > hops_to_forget) lines_ = {}, sightings_ = 0;
        return;
    }
    sightings_ = std::abs(seen.mains_hz - last_hz_) < same_hz ? sightings_ + 1 : 1;
    last_hz_ = seen.mains_hz;
    misses_ = 0;
    if (sightings_ >= sightings_to_believe) lines_ = seen;
}

// In one channel: two clear lines at the bottom or several others, each on its multiple, one of them the first or the second.
bool HumFinder::is_hum(double mains_hz) const noexcept {
    for (const Channel& channel : channels_) {
        int found = 0, clear = 0, low = 0;
        for (int h = 1; h <= hum_harmonics; ++h) {
            const Line line = line_at(channel, h * mains_hz, over_to_find_db);
            if (!line.found || std::abs(line.hz - h * mains_hz) >= most_off_hz) continue;
            ++found;
            clear += h <= 3 && line.over_db >= clear_db;
            low += h <= 2;
        }
        if (low > 0 && (clear >= 2 || found >= fewest_lines)) return true;
    }
    return false;
}

// The frequency whose multiples stand out most; 0 where none of its first two does.
double HumFinder::search() const noexcept {
    double best_hz = 0.0;
    float best = 0.0F;
    for (const double nominal : nominal_hz) {
        for (double hz = nominal - farthest_hz; hz <= nominal + farthest_hz; hz += search_step_hz) {
            for (const Channel& channel : channels_) {
                float score = 0.0F;
                bool low = false;
                for (int h = 1; h <= hum_harmonics; ++h) {
                    const Line line = line_at(channel, h * hz, over_to_find_db);
                    const auto off = static_cast<float>(std::abs(line.hz - h * hz) / most_off_hz);
                    if (!line.found || off >= 1.0F) continue;
                    low = low || h <= 2;
                    score += std::min(line.over_db, clearest_db) * (1.0F - 0.5F * off);
                }
                if (low && score > best) best = score, best_hz = hz;
            }
        }
    }
    return best_hz;
}

// The mean of what the lines say, each by its number: the tenth tells ten times as well as the first.
double HumFinder::refined(double mains_hz) const noexcept {
    double sum = 0.0, weights = 0.0;
    for (const Channel& channel : channels_) {
        for (int h = 1; h <= hum_harmonics; ++h) {
            const Line line = line_at(channel, h * mains_hz, over_to_find_db);
            if (!line.found || std::abs(line.hz - h * mains_hz) >= most_off_hz) continue;
            const double weight = static_cast<double>(h) * h;
            sum += weight * line.hz / h;
            weights += weight;
        }
    }
    return weights > 0.0 ? sum / weights : mains_hz;
}

// The line nearest to `hz`, within a bin and a half: its peak between bins by a parabola through the levels, and its amplitude
// by the power of the window's main lobe.
HumFinder::Line HumFinder::line_at(const Channel& channel, double hz, float least_over) const noexcept {
    const auto near = static_cast<int>(std::lround(hz / bin_hz_));
    if (near < beside_last + 2 || near + beside_last + 2 >= bins_) return {};
    const auto power = [&](int k) { return channel.lowest[static_cast<std::size_t>(k)]; };
    int peak = near;
    for (int k = near - 1; k <= near + 1; ++k) {
        if (power(k) > power(peak)) peak = k;
    }
    if (power(peak) < power(peak - 1) || power(peak) < power(peak + 1) || power(peak) <= 0.0F) return {};
    std::array<float, 2 * (beside_last - beside_first + 1)> beside{};
    std::size_t count = 0;
    for (int away = beside_first; away <= beside_last; ++away) {
        beside[count++] = power(peak - away);
        beside[count++] = power(peak + away);
    }
    std::nth_element(beside.begin(), beside.begin() + beside.size() / 2, beside.end());
    const float around = beside[beside.size() / 2];
    // A sound that repeats has lines too, but many beside one another.
    if (*std::max_element(beside.begin() + beside.size() / 2, beside.end()) > alone * power(peak)) return {};
    const float over_db = db(power(peak)) - db(around);
    if (over_db < least_over) return {};
    float lobe = 0.0F;
    for (int k = peak - 2; k <= peak + 2; ++k) lobe += std::max(power(k) - around, 0.0F);
    // A tone of amplitude A has A^2 / 4 * window * sum of squares, and the squares of a Hann window add up to 3 / 8.
    constexpr double energy = 0.25 * window * (0.375 * window);
    const auto amplitude = static_cast<float>(std::sqrt(static_cast<double>(lobe) / energy));
    if (amplitude < least_amplitude) return {};
    const float left = db(power(peak - 1)), middle = db(power(peak)), right = db(power(peak + 1));
    const float bend = left - 2.0F * middle + right;
    const double off = bend < 0.0F ? 0.5 * static_cast<double>((left - right) / bend) : 0.0;
    return {true, (peak + off) * bin_hz_, amplitude, over_db};
}

}  // namespace smartmix::dsp
