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

// A row with room for the neighbours of its ends, which are 0.
using WideRow = std::array<double, points + 2 * widest>;

WideRow with_margins(const ToneRow& row) noexcept {
    WideRow wide{};
    std::copy(row.begin(), row.end(), wide.begin() + widest);
    return wide;
}

// Raised cosines by distance: the weights of the neighbours of each point, one row for each distance.
struct Weights {
    // width(hz) in octaves, at most 1.
    template <class Width>
    explicit Weights(const Width& width) {
        for (int d = 0; d < widest; ++d) {
            const double away = static_cast<double>(d) / tone_points_per_octave;
            for (int j = 0; j < points; ++j) {
                const double octaves = width(tone_hz(j));
                if (away >= octaves) continue;
                weight[at(d)][at(j)] = 0.5 + 0.5 * std::cos(std::numbers::pi * away / octaves);
                reach = d;
            }
        }
    }

    // For each point the weighted sum over itself and its neighbours; a row at a time, which goes in vector lanes.
    ToneRow sums(const ToneRow& row) const noexcept {
        const WideRow wide = with_margins(row);
        ToneRow sum;
        for (int j = 0; j < points; ++j) sum[at(j)] = weight[0][at(j)] * row[at(j)];
        for (int d = 1; d <= reach; ++d) {
            const double* of = weight[at(d)].data();
            const double* before = wide.data() + widest - d;
            const double* after = wide.data() + widest + d;
            for (int j = 0; j < points; ++j) sum[at(j)] += of[j] * (before[j] + after[j]);
        }
        return sum;
    }

    std::array<ToneRow, widest> weight{};
    int reach = 0;
};

// The largest within an octave on either side: windows of 1, 2, 4 ... 32 points, two of which are 49.
ToneRow loudest_near(const ToneRow& row, double nothing) noexcept {
    WideRow most;
    most.fill(nothing);
    std::copy(row.begin(), row.end(), most.begin() + widest);
    for (int width = 1; width < 32; width *= 2) {  // most[i] is of i ... i + 2 width - 1
        for (std::size_t i = 0; i + at(width) < most.size(); ++i) most[i] = std::max(most[i], most[i + at(width)]);
    }
    ToneRow near;
    for (std::size_t j = 0; j < near.size(); ++j) near[j] = std::max(most[j], most[j + 2 * widest + 1 - 32]);
    return near;
}

struct Tables {
    Weights close{[](double hz) {
        return 0.5 - std::clamp(std::log2(hz / 100.0), 0.0, 1.0) * (0.5 - 1.0 / 3.0);
    }};
    Weights wide{[](double hz) { return 1.0 - 0.25 * std::clamp(std::log2(hz / 1000.0), 0.0, 2.0); }};
    Weights octave{[](double) { return 1.0; }};
    Weights third{[](double) { return 1.0 / 3.0; }};
    ToneRow hz{};
    ToneRow k_weighting{};   // as a power
    ToneRow threshold_db{};  // of hearing, SPL: the bass term of E. Terhardt, "Calculating virtual pitch" (1979)

    Tables() {
        const KWeighting weighting = design_k_weighting(48000.0);
        for (int j = 0; j < points; ++j) {
            hz[at(j)] = tone_hz(j);
            k_weighting[at(j)] = std::pow(10.0, 0.1 * response_db(weighting, hz[at(j)], 48000.0));
            threshold_db[at(j)] = 3.64 * std::pow(hz[at(j)] / 1000.0, -0.8);
        }
    }
};

// Made when the library is loaded: the audio thread must not be the first to ask.
const Tables tables;

double power_of_db(double db) noexcept { return std::pow(10.0, 0.1 * db); }
double db_of_power(double power) noexcept {
    return std::max(10.0 * std::log10(std::max(power, 1e-300)), Tone::floor_db);
}

// The weighted means of `row` over the neighbours that count (1, the others 0); 0 without any.
ToneRow means_of(const Weights& weights, const ToneRow& row, const ToneRow& counts) noexcept {
    ToneRow counted;
    for (std::size_t j = 0; j < row.size(); ++j) counted[j] = row[j] * counts[j];
    ToneRow mean = weights.sums(counted);
    const ToneRow all = weights.sums(counts);
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] = all[j] > 0.0 ? mean[j] / all[j] : 0.0;
    return mean;
}

// Arithmetic over geometric mean: how far single partials stand out. Lowest frames do not resolve notes: their
// harmonics tell; highest partials lie close.
void find_notes(const Tone& tone, const ToneRow& stands_out, ToneShape& shape) noexcept {
    ToneRow tells{};
    int first = points;
    int last = -1;
    for (int j = 0; j < points; ++j) {
        const double hz = tables.hz[at(j)];
        if (!tone.has(j) || hz < notes_from_hz || hz > notes_to_hz) continue;
        tells[at(j)] = 1.0;
        first = std::min(first, j);
        last = j;
    }
    if (last < 0) return;
    const ToneRow standing = means_of(tables.octave, stands_out, tells);
    for (int j = first; j <= last; ++j) shape.notes[at(j)] = ramp(standing[at(j)], 1.0, 3.0);
    std::fill(shape.notes.begin(), shape.notes.begin() + first, shape.notes[at(first)]);
    std::fill(shape.notes.begin() + last, shape.notes.end(), shape.notes[at(last)]);
}

// An envelope alone reaches an octave further down than the lowest note, and would take the key for a change in tone.
void find_lowest_note(const ToneRow& power, ToneShape& shape) noexcept {
    constexpr int a_sixth = tone_points_per_octave / 6;
    std::array<double, points + 1> below{};
    for (int j = 0; j < points; ++j) below[at(j + 1)] = below[at(j)] + power[at(j)];
    for (int j = 0; j < points; ++j) {
        const double octave = below[at(std::min(j + tone_points_per_octave + 1, points))] - below[at(j)];
        shape.over_below_db[at(j)] = db_of_power(below[at(std::min(j + a_sixth + 1, points))]) - db_of_power(octave);
    }
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
    ToneRow wide_db;
    for (int j = 0; j < points; ++j) wide_db[at(j)] = tone.has(j) ? shape.wide_db[at(j)] : Tone::floor_db;
    const ToneRow near_db = loudest_near(wide_db, Tone::floor_db);
    for (int j = 0; j < points; ++j) {
        if (!tone.has(j)) continue;
        const double level = envelope_db[at(j)];
        sure[at(j)] = heard * ramp(level - largest, -75.0, -60.0) * ramp(level - near_db[at(j)], -30.0, -15.0) *
                      ramp(shape.over_below_db[at(j)], -30.0, -15.0) *
                      ramp(level + to_spl_db - tables.threshold_db[at(j)], -15.0, 0.0);
    }
    return sure;
}

double taper(double hz, double highest_hz) noexcept {
    if (hz >= 40.0 && hz <= highest_hz / 1.25) return 1.0;
    const double low = std::clamp(std::log2(hz / 20.0), 0.0, 1.0);
    const double high = std::clamp(std::log2(highest_hz / hz) / std::log2(1.25), 0.0, 1.0);
    return (0.5 - 0.5 * std::cos(std::numbers::pi * low)) * (0.5 - 0.5 * std::cos(std::numbers::pi * high));
}

// The mean of what is sure, 30 Hz to 16 kHz: the difference in level.
double offset_db(const ToneRow& difference, const ToneRow& sure) noexcept {
    double sum = 0.0;
    double all = 0.0;
    for (int j = 0; j < points; ++j) {
        const double hz = tables.hz[at(j)];
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
    ToneRow there{};
    for (int j = 0; j < points; ++j) {
        if (!tone.has(j)) continue;
        there[at(j)] = 1.0;
        db[at(j)] = std::max(tone.power_db[at(j)], Tone::floor_db);
        power[at(j)] = power_of_db(tone.power_db[at(j)]);
    }
    const ToneRow close = means_of(tables.close, power, there);
    const ToneRow wide = means_of(tables.wide, power, there);
    const ToneRow close_of_db = means_of(tables.close, db, there);
    for (std::size_t j = 0; j < close.size(); ++j) {
        shape.close_db[j] = db_of_power(close[j]);
        shape.wide_db[j] = db_of_power(wide[j]);
        stands_out[j] = shape.close_db[j] - close_of_db[j];
    }
    find_notes(tone, stands_out, shape);
    find_lowest_note(power, shape);
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
    // Beyond the ends of the grid there are zeros, which have their weight.
    double all = tables.third.weight[0][0];
    for (int d = 1; d <= tables.third.reach; ++d) all += 2.0 * tables.third.weight[at(d)][0];
    ToneRow curve = tables.third.sums(difference);
    for (int j = 0; j < points; ++j) {
        const bool in_both = source.has(j) && reference.has(j);
        curve[at(j)] = in_both ? curve[at(j)] / all * taper(tables.hz[at(j)], highest_hz) : 0.0;
    }
    return curve;
}

}  // namespace smartmix::dsp
