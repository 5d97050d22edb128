#pragma once
#include <array>

namespace smartmix::dsp {

// One second-order section in the trapezoidal state variable form of A. Simper, "Solving the continuous SVF equations
// using trapezoidal integration and equivalent currents" (Cytomic, 2013); the same structure as V. Zavalishin, "The Art
// of VA Filter Design" (2018), chapter 4. With s = j tan(pi hz / sample_rate) / g its transfer function is
//     m0 + (m1 s + m2) / (s^2 + k s + 1),
// so g sets the frequency (prewarped, exact at the design frequency), k the damping and m the mix of the outputs.
struct SvfCoefficients {
    double g = 0.0;
    double k = 1.0;
    double m0 = 1.0;
    double m1 = 0.0;
    double m2 = 0.0;
};

// All designs: frequency in Hz (taken at 0.49 sample_rate when higher), gain in dB, q > 0. Bells, shelves, tilt and notch
// follow their analog prototypes up to half the sample rate (matched_design.hpp); a cut is the exact mirror of the boost
// of the same size, and 0 dB is exactly neutral. The passes are bilinear, prewarped to be exact at hz. q is that of
// R. Bristow-Johnson's cookbook: of the bell, bandwidth at half the gain in dB.
SvfCoefficients design_bell(double sample_rate, double hz, double gain_db, double q);
SvfCoefficients design_low_shelf(double sample_rate, double hz, double gain_db, double q);
SvfCoefficients design_high_shelf(double sample_rate, double hz, double gain_db, double q);
SvfCoefficients design_high_pass(double sample_rate, double hz, double q);
SvfCoefficients design_low_pass(double sample_rate, double hz, double q);
SvfCoefficients design_notch(double sample_rate, double hz, double q);
// -gain_db / 2 far below hz, 0 dB at hz, +gain_db / 2 far above: (A s + 1) / (s + A) with A = 10^(gain_db / 40).
SvfCoefficients design_tilt(double sample_rate, double hz, double gain_db);
// First order, as a second-order section whose second pole is cancelled by a zero: 1/(s+1) = (s+1)/(s+1)^2. Every
// section of a cascade then runs through the same code.
SvfCoefficients design_first_order_high_pass(double sample_rate, double hz);
SvfCoefficients design_first_order_low_pass(double sample_rate, double hz);

// Magnitude in dB at `hz`; frequencies above half the sample rate are taken there.
double response_db(const SvfCoefficients& section, double sample_rate, double hz);

enum class BandShape { off, bell, low_shelf, high_shelf, high_pass, low_pass, notch, tilt };

inline constexpr int max_sections_per_band = 4;

// The settings of one equaliser band in plain units. gain_db counts for bell, shelves and tilt; slope_db_oct (6, 12, 18,
// 24, 36 or 48) for the passes; q for everything except tilt and passes that are not 12 dB/oct: those are Butterworth,
// -3.01 dB at hz.
struct BandSettings {
    BandShape shape = BandShape::off;
    double hz = 1000.0;
    double gain_db = 0.0;
    double q = 0.70710678118654752;
    int slope_db_oct = 12;
    bool operator==(const BandSettings&) const = default;
};

struct BandSections {
    std::array<SvfCoefficients, max_sections_per_band> section;
    int count = 0;
};

BandSections design_band(const BandSettings& settings, double sample_rate);
double response_db(const BandSections& band, double sample_rate, double hz);

}  // namespace smartmix::dsp
