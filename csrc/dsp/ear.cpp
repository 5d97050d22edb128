#include "dsp/ear.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace smartmix::dsp {
namespace {

constexpr std::array ear_hz = {20.0,   25.0,   31.5,   40.0,   50.0,   63.0,    80.0,    100.0,   125.0,   160.0,
                               200.0,  250.0,  315.0,  400.0,  500.0,  630.0,   750.0,   800.0,   1000.0,  1250.0,
                               1500.0, 1600.0, 2000.0, 2500.0, 3000.0, 3150.0,  4000.0,  5000.0,  6000.0,  6300.0,
                               8000.0, 9000.0, 10000., 11200., 12500., 14000.0, 15000.0, 16000.0, 18000.0, 20000.0};

// Free field, frontal, to the eardrum (ANSI S3.4-2007 and ISO 532-2 table 1). 18 kHz is not in the table: between its
// neighbours.
constexpr std::array outer_db = {0.0, 0.0, 0.0, 0.0,  0.0,  0.0, 0.0, 0.0, 0.1,  0.3,  0.5,  0.9,  1.4,  1.6,
                                 1.7, 2.5, 2.7, 2.6,  2.6,  3.2, 5.2, 6.6, 12.0, 16.8, 15.3, 15.2, 14.2, 10.7,
                                 7.1, 6.4, 1.8, -0.9, -1.6, 1.9, 4.9, 2.0, -2.0, 2.5,  2.5,  2.5};

// Eardrum to cochlea, attenuation (the same tables, in the 2007 revision).
constexpr std::array middle_db = {39.6, 32.0, 25.85, 21.4, 18.5, 15.9, 14.1, 12.4, 11.0, 9.6,  8.3,  7.4, 6.2, 4.8,
                                  3.8,  3.3,  2.9,   2.6,  2.6,  4.5,  5.4,  6.1,  8.5,  10.4, 7.3,  7.0, 6.6, 7.0,
                                  9.2,  10.2, 12.2,  10.8, 10.1, 12.7, 15.0, 18.2, 23.8, 32.3, 45.5, 50.0};
static_assert(ear_hz.size() == outer_db.size() && ear_hz.size() == middle_db.size());

// Excitation at the threshold in quiet, dB (ISO 532-2 table 3); 3.63 from 500 Hz up.
constexpr std::array threshold_hz = {50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0, 500.0};
constexpr std::array threshold_db = {28.18, 23.90, 19.20, 15.68, 12.67, 10.09, 8.08, 6.30, 5.30, 4.50, 3.63};

// alpha and A of the compressive function against the gain in dB (ISO 532-2 tables 4 and 5; every third to fifth row of the
// latter, which is as smooth as a ruler between them).
constexpr std::array alpha_gain_db = {-25.0, -20.0, -15.0, -10.0, -5.0, 0.0};
constexpr std::array alpha_values = {0.26692, 0.25016, 0.23679, 0.22228, 0.21055, 0.20000};
constexpr std::array a_gain_db = {-24.54531, -22.78169, -20.74442, -18.90431, -17.11816, -15.32375, -13.91727, -12.73537,
                                  -11.75255, -10.75136, -9.86051,  -9.45902,  -9.08823,  -8.35715,  -7.38338,  -6.39458,
                                  -5.41661,  -4.57857,  -4.39555,  -3.62882,  -2.94438,  -2.37015,  -1.77405,  -1.44522,
                                  -0.99956,  -0.75663,  -0.52501,  -0.29842,  -0.13273,  0.0};
constexpr std::array a_values = {8.85200, 8.35840, 7.85850, 7.49124, 7.16458, 6.83957, 6.58115, 6.36813, 6.19583, 6.02404,
                                 5.87876, 5.82490, 5.77551, 5.67939, 5.55322, 5.42723, 5.30472, 5.20667, 5.18660, 5.10314,
                                 5.02944, 4.96818, 4.90515, 4.87063, 4.82412, 4.79890, 4.77494, 4.75159, 4.73456, 4.72096};
static_assert(a_gain_db.size() == a_values.size());

// K of Moore, Glasberg & Baer 1997, dB, up to 1 kHz. There it is drawn on at -3 dB; -3.5 from 2 kHz up is ours, from the
// critical ratios of Hawkins & Stevens at 40 dB/Hz (docs/dsp/masking.md).
constexpr std::array k_hz = {50.0,  63.0,  80.0,  100.0, 125.0, 160.0, 200.0, 250.0,
                             315.0, 400.0, 500.0, 630.0, 800.0, 1000., 2000.};
constexpr std::array k_db = {13.5, 10.0, 7.1, 4.9, 3.1, 1.5, 0.4, -0.5, -1.3, -1.9, -2.3, -2.7, -2.9, -3.0, -3.5};
static_assert(k_hz.size() == k_db.size());

double power_of_db(double db) { return std::pow(10.0, 0.1 * db); }

// Fritsch & Carlson's slope at an inner point, the weighted harmonic mean of its neighbours as in Fritsch & Butland (1984).
double inner_slope(double h0, double h1, double d0, double d1) {
    if (d0 * d1 <= 0.0) return 0.0;
    const double w0 = 2.0 * h1 + h0, w1 = h1 + 2.0 * h0;
    return (w0 + w1) / (w0 / d0 + w1 / d1);
}

// The slope of the parabola through the three points at an end, kept from overshooting.
double end_slope(double h0, double h1, double d0, double d1) {
    const double slope = ((2.0 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
    if (slope * d0 <= 0.0) return 0.0;
    if (d0 * d1 <= 0.0 && std::abs(slope) > 3.0 * std::abs(d0)) return 3.0 * d0;
    return slope;
}

double slope_at(std::span<const double> xs, std::span<const double> ys, std::size_t i) {
    const auto width = [&](std::size_t j) { return xs[j + 1] - xs[j]; };
    const auto rise = [&](std::size_t j) { return (ys[j + 1] - ys[j]) / width(j); };
    const std::size_t last = xs.size() - 1;
    if (i == 0) return end_slope(width(0), width(1), rise(0), rise(1));
    if (i == last) return end_slope(width(last - 1), width(last - 2), rise(last - 1), rise(last - 2));
    return inner_slope(width(i - 1), width(i), rise(i - 1), rise(i));
}

}  // namespace

double monotone_cubic(std::span<const double> xs, std::span<const double> ys, double x) noexcept {
    if (x <= xs.front()) return ys.front();
    if (x >= xs.back()) return ys.back();
    const auto above = static_cast<std::size_t>(std::upper_bound(xs.begin(), xs.end(), x) - xs.begin());
    const std::size_t i = above - 1;
    const double h = xs[above] - xs[i];
    const double t = (x - xs[i]) / h;
    const double s = 1.0 - t;
    const double from = slope_at(xs, ys, i), to = slope_at(xs, ys, above);
    return ys[i] * (1.0 + 2.0 * t) * s * s + ys[above] * (1.0 + 2.0 * s) * t * t + h * s * t * (from * s - to * t);
}

double erb_hz(double hz) noexcept { return 24.673 * (0.004368 * hz + 1.0); }
double cam_of_hz(double hz) noexcept { return 21.366 * std::log10(0.004368 * hz + 1.0); }
double hz_of_cam(double cam) noexcept { return (std::pow(10.0, cam / 21.366) - 1.0) / 0.004368; }
double roex_slope(double hz) noexcept { return 4.0 * hz / erb_hz(hz); }

double field_to_cochlea_db(double hz) noexcept {
    return monotone_cubic(ear_hz, outer_db, hz) - monotone_cubic(ear_hz, middle_db, hz);
}

EarChannel design_ear_channel(double hz) {
    EarChannel channel;
    const double quiet_db = monotone_cubic(threshold_hz, threshold_db, hz);
    const double gain_db = std::max(threshold_db.back() - quiet_db, alpha_gain_db.front());
    channel.hz = hz;
    channel.slope = roex_slope(hz);
    channel.threshold = power_of_db(quiet_db);
    channel.gain = power_of_db(gain_db);
    channel.a = monotone_cubic(a_gain_db, a_values, gain_db);
    channel.alpha = monotone_cubic(alpha_gain_db, alpha_values, gain_db);
    channel.k = power_of_db(monotone_cubic(k_hz, k_db, hz));
    return channel;
}

std::vector<EarChannel> design_ear_channels(double first_cam, double step_cam, int count) {
    std::vector<EarChannel> channels;
    channels.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) channels.push_back(design_ear_channel(hz_of_cam(first_cam + step_cam * i)));
    return channels;
}

}  // namespace smartmix::dsp
