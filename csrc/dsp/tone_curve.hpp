#pragma once
#include <array>

namespace smartmix::dsp {

// The grid of docs/dsp/match_curve.md: 24 points to the octave, 1000 Hz among them, 19.7 Hz to 20.2 kHz.
inline constexpr int tone_points = 241;
inline constexpr int tone_points_per_octave = 24;
inline constexpr int tone_point_of_1khz = 136;
using ToneRow = std::array<double, tone_points>;

double tone_hz(double point) noexcept;  // points between and beyond, too

// The tone of a recording: the long-term power of each band and for how long it was heard.
struct Tone {
    static constexpr double no_band_db = -200.0;  // the sample rate has no such band, or nothing is known of it
    static constexpr double floor_db = -150.0;

    Tone() noexcept { power_db.fill(no_band_db); }
    bool has(int point) const noexcept { return power_db[static_cast<std::size_t>(point)] > 0.5 * (no_band_db + floor_db); }
    bool known() const noexcept;

    // As measured, or where that is not known (a curve somebody wrote) that of the bands in one channel.
    double loudness() const noexcept;

    static constexpr double no_loudness = -200.0;

    ToneRow power_db;
    double heard_s = 0.0;
    double loudness_lufs = no_loudness;  // of the frames through the gate
};

// A tone without its details: closely, widely, how far single notes stand out (0 to 1), and what lies up to a sixth of an
// octave over each band against the octave from it, which is low under the lowest note.
struct ToneShape {
    ToneRow close_db{};
    ToneRow wide_db{};
    ToneRow notes{};
    ToneRow over_below_db{};
};
ToneShape shape_of(const Tone& tone) noexcept;

struct ToneMatch {
    double limit_db = 6.0;
    double lowest_rate_hz = 48000.0;  // of the sample rates of the two
};
// What turns the tone of `source` into that of `reference`, in dB at each point; 0 where one of them says nothing, and at
// both ends. The level of neither counts. All of it in double and free of allocation; about 50 us for two shapes and a curve.
ToneRow match_curve(const Tone& source, const ToneShape& source_shape, const Tone& reference,
                    const ToneShape& reference_shape, const ToneMatch& match) noexcept;

}  // namespace smartmix::dsp
