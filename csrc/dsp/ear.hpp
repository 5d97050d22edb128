#pragma once
#include <span>
#include <vector>

namespace smartmix::dsp {

// Tables and scales of the Cambridge loudness model: Moore, Glasberg & Baer (JAES 45, 1997) with the values of ANSI S3.4-2007
// and ISO 532-2:2017. Sources and residuals: docs/dsp/masking.md.

// Equivalent rectangular bandwidth of the auditory filter at `hz`, Hz, and the scale on which each is one cam wide.
double erb_hz(double hz) noexcept;
double cam_of_hz(double hz) noexcept;
double hz_of_cam(double cam) noexcept;

// Sound field in front of the listener to the cochlea, dB re the same at 1 kHz (free field, outer and middle ear).
double field_to_cochlea_db(double hz) noexcept;

// What one place on the basilar membrane does. Excitations are powers re the excitation of a 1 kHz tone of 0 dB SPL.
struct EarChannel {
    double hz = 0.0;
    double slope = 0.0;      // p of the roex filter, both skirts at 51 dB per ERB
    double threshold = 0.0;  // excitation at the threshold in quiet
    double gain = 0.0;       // of the cochlear amplifier at low levels, re 500 Hz and above
    double a = 0.0;
    double alpha = 0.0;
    double k = 0.0;  // signal to noise ratio at the filter's output at the masked threshold, a power ratio
};

EarChannel design_ear_channel(double hz);

// Channels from `first_cam` up, `step_cam` apart.
std::vector<EarChannel> design_ear_channels(double first_cam, double step_cam, int count);

// The grid of ANSI S3.4: 1.8 to 38.9 cam (50 Hz to 15 kHz) in steps of 0.1.
inline constexpr double standard_first_cam = 1.8;
inline constexpr double standard_step_cam = 0.1;
inline constexpr int standard_channels = 372;

// By how much a roex filter with p = 30.2 opens its lower skirt: p at 1 kHz.
double roex_slope(double hz) noexcept;

// Value at `x` of the monotone piecewise cubic through the points (Fritsch & Carlson 1980, three-point ends); flat outside.
double monotone_cubic(std::span<const double> xs, std::span<const double> ys, double x) noexcept;

}  // namespace smartmix::dsp
