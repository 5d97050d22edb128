#include "dsp/tone_curve.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "dsp/k_weighting.hpp"

namespace smartmix::dsp {
namespace {

constexpr int points = tone_points;
constexpr int widest = tone_points_per_octave;  // neighbours on one side, for a width of an octave
constexpr double notes_from_hz = 200.0;
constexpr double notes_to_hz = 4000.0;
constexpr double played_at_db_spl = 75.0;

std::size_t at(int point) noexcept { return static_cast<std::size_t>(point); }

// 0 at `none` and under, 1 at `full` and over, straight between.
double ramp(double x, double none, double full) noexcept { return std::clamp((x - none) / (full - none), 0.0, 1.0); }

// Raised cosines by distance: the weights of neighbours for each point.
struct Weights {
    // width(hz) in octaves, at most 1.
    template <class Width>
    explicit Weights(const Width& width) {
        for (int j = 0; j < points; ++j) {
            const double octaves = width(tone_hz(j));
            for (int d = 0; d < widest; ++d) {
                const double away = static_cast<double>(d) / tone_points_per_octave;
                if (away >= octaves) break;
                weight[at(j)][at(d)] = 0.5 + 0.5 * std::cos(std::numbers::pi * away / octaves);
                reach[at(j)] = d;
            }
        }
    }

    // Calls take(point, weight) for the point itself and each neighbour on the grid.
    template <class Take>
    void each(int j, const Take& take) const noexcept {
        const int first = std::max(j - reach[at(j)], 0);
        const int last = std::min(j + reach[at(j)], points - 1);
        for (int i = first; i <= last; ++i) take(i, weight[at(j)][at(i < j ? j - i : i - j)]);
    }

    std::array<std::array<double, widest>, points> weight{};
    std::array<int, points> reach{};
};

struct Tables {
    Weights close{[](double hz) {
        return 0.5 - std::clamp(std::log2(hz / 100.0), 0.0, 1.0) * (0.5 - 1.0 / 3.0);
    }};
    Weights wide{[](double hz) { return 1.0 - 0.25 * std::clamp(std::log2(hz / 1000.0), 0.0, 2.0); }};
    Weights octave{[](double) { return 1.0; }};
    Weights third{[](double) { return 1.0 / 3.0; }};
    ToneRow k_weighting{};   // as a power
    ToneRow threshold_db{};  // of hearing, SPL: the bass term of E. Terhardt, "Calculating virtual pitch" (1979)

    Tables() {
        const KWeighting weighting = design_k_weighting(48000.0);
        for (int j = 0; j < points; ++j) {
            const double hz = tone_hz(j);
            k_weighting[at(j)] = std::pow(10.0, 0.1 * response_db(weighting, hz, 48000.0));
            threshold_db[at(j)] = 3.64 * std::pow(hz / 1000.0, -0.8);
        }
    }
};

// Made when the library is loaded: the audio thread must not be the first to ask.
const Tables tables;

double power_of_db(double db) noexcept { return std::pow(10.0, 0.1 * db); }
double db_of_power(double power) noexcept {
    return std::max(10.0 * std::log10(std::max(power, 1e-300)), Tone::floor_db);
}

// The weighted mean of `row` over the neighbours for which counts(point) holds; 0 without any.
template <class Counts>
double mean_of(const Weights& weights, const ToneRow& row, int j, const Counts& counts) noexcept {
    double sum = 0.0;
    double all = 0.0;
    weights.each(j, [&](int i, double weight) {
        if (!counts(i)) return;
        sum += weight * row[at(i)];
        all += weight;
    });
    return all > 0.0 ? sum / all : 0.0;
}

// Arithmetic over geometric mean: how far single partials stand out. Lowest frames do not resolve notes: their
// harmonics tell; highest partials lie close.
void find_notes(const Tone& tone, const ToneRow& stands_out, ToneShape& shape) noexcept {
    const auto tells = [&](int j) {
        const double hz = tone_hz(j);
        return tone.has(j) && hz >= notes_from_hz && hz <= notes_to_hz;
    };
    int first = 0;
    int last = points - 1;
    while (first < points && !tells(first)) ++first;
    while (last > first && !tells(last)) --last;
    if (first == points) return;
    for (int j = first; j <= last; ++j) {
        shape.notes[at(j)] = ramp(mean_of(tables.octave, stands_out, j, tells), 1.0, 3.0);
    }
    std::fill(shape.notes.begin(), shape.notes.begin() + first, shape.notes[at(first)]);
    std::fill(shape.notes.begin() + last, shape.notes.end(), shape.notes[at(last)]);
}

ToneRow smoothed_alike(const ToneShape& shape, const ToneRow& notes) noexcept {
    ToneRow db;
    for (std::size_t j = 0; j < db.size(); ++j) {
        db[j] = (1.0 - notes[j]) * shape.close_db[j] + notes[j] * shape.wide_db[j];
    }
    return db;
}

ToneRow confidence(const Tone& tone, const ToneShape& shape, const ToneRow& envelope_db) noexcept {
    ToneRow sure{};
    double largest = -1000.0;
    for (int j = 0; j < points; ++j) {
        if (tone.has(j)) largest = std::max(largest, envelope_db[at(j)]);
    }
    if (largest <= Tone::floor_db + 0.1) return sure;  // silence
    const double heard = std::clamp(tone.heard_s / 3.0, 0.0, 1.0);
    const double to_spl_db = 10.0 * std::log10(tone_points_per_octave / 3.0) - tone.loudness() + played_at_db_spl;
    for (int j = 0; j < points; ++j) {
        if (!tone.has(j)) continue;
        double near = -1000.0;
        for (int i = std::max(j - tone_points_per_octave, 0); i <= std::min(j + tone_points_per_octave, points - 1); ++i) {
            if (tone.has(i)) near = std::max(near, shape.wide_db[at(i)]);
        }
        const double level = envelope_db[at(j)];
        sure[at(j)] = heard * ramp(level - largest, -75.0, -60.0) * ramp(level - near, -30.0, -15.0) *
                      ramp(level + to_spl_db - tables.threshold_db[at(j)], -15.0, 0.0);
    }
    return sure;
}

double taper(double hz, double highest_hz) noexcept {
    const double low = std::clamp(std::log2(hz / 20.0), 0.0, 1.0);
    const double high = std::clamp(std::log2(highest_hz / hz) / std::log2(1.25), 0.0, 1.0);
    return (0.5 - 0.5 * std::cos(std::numbers::pi * low)) * (0.5 - 0.5 * std::cos(std::numbers::pi * high));
}

// The mean of what is sure, 30 Hz to 16 kHz: the difference in level.
double offset_db(const ToneRow& difference, const ToneRow& sure) noexcept {
    double sum = 0.0;
    double all = 0.0;
    for (int j = 0; j < points; ++j) {
        const double hz = tone_hz(j);
        if (hz < 30.0 || hz > 16000.0) continue;
        sum += sure[at(j)] * difference[at(j)];
        all += sure[at(j)];
    }
    return all > 0.0 ? sum / all : 0.0;
}

}  // namespace

double tone_hz(double point) noexcept {
    return 1000.0 * std::exp2((point - tone_point_of_1khz) / tone_points_per_octave);
}

bool Tone::known() const noexcept {
    for (int j = 0; j < points; ++j) {
        if (has(j)) return true;
    }
    return false;
}

double Tone::loudness() const noexcept {
    if (loudness_lufs > no_loudness) return loudness_lufs;
    double energy = 0.0;
    for (int j = 0; j < points; ++j) {
        if (has(j)) energy += tables.k_weighting[at(j)] * power_of_db(power_db[at(j)]);
    }
    return -0.691 + 10.0 * std::log10(std::max(energy, 1e-30));
}

ToneShape shape_of(const Tone& tone) noexcept {
    ToneShape shape;
    ToneRow power{};
    ToneRow db{};
    ToneRow stands_out{};
    for (int j = 0; j < points; ++j) {
        if (!tone.has(j)) continue;
        db[at(j)] = std::max(tone.power_db[at(j)], Tone::floor_db);
        power[at(j)] = power_of_db(tone.power_db[at(j)]);
    }
    const auto there = [&](int j) { return tone.has(j); };
    for (int j = 0; j < points; ++j) {
        shape.close_db[at(j)] = db_of_power(mean_of(tables.close, power, j, there));
        shape.wide_db[at(j)] = db_of_power(mean_of(tables.wide, power, j, there));
        stands_out[at(j)] = shape.close_db[at(j)] - mean_of(tables.close, db, j, there);
    }
    find_notes(tone, stands_out, shape);
    return shape;
}

ToneRow match_curve(const Tone& source, const ToneShape& source_shape, const Tone& reference,
                    const ToneShape& reference_shape, const ToneMatch& match) noexcept {
    ToneRow notes;
    for (std::size_t j = 0; j < notes.size(); ++j) notes[j] = std::max(source_shape.notes[j], reference_shape.notes[j]);
    const ToneRow from = smoothed_alike(source_shape, notes);
    const ToneRow to = smoothed_alike(reference_shape, notes);
    ToneRow sure = confidence(source, source_shape, from);
    const ToneRow reference_sure = confidence(reference, reference_shape, to);
    ToneRow difference{};
    for (std::size_t j = 0; j < sure.size(); ++j) {
        sure[j] *= reference_sure[j];
        difference[j] = sure[j] > 0.0 ? to[j] - from[j] : 0.0;
    }
    const double offset = offset_db(difference, sure);
    for (std::size_t j = 0; j < sure.size(); ++j) {
        difference[j] = std::clamp(sure[j] * (difference[j] - offset), -match.limit_db, match.limit_db);
    }
    const double highest_hz = std::min(20000.0, 0.45 * match.lowest_rate_hz);
    ToneRow curve{};
    for (int j = 0; j < points; ++j) {
        if (!source.has(j) || !reference.has(j)) continue;
        // Beyond the ends of the grid there are zeros: they have their weight.
        double all = tables.third.weight[at(j)][0];
        for (int d = 1; d <= tables.third.reach[at(j)]; ++d) all += 2.0 * tables.third.weight[at(j)][at(d)];
        double sum = 0.0;
        tables.third.each(j, [&](int i, double weight) { sum += weight * difference[at(i)]; });
        curve[at(j)] = sum / all * taper(tone_hz(j), highest_hz);
    }
    return curve;
}

}  // namespace smartmix::dsp
