#pragma once
#include "dsp/svf_design.hpp"

namespace smartmix::dsp {

// Digital second orders whose magnitude follows an analog prototype up to half the sample rate, where the bilinear
// transform squeezes it. The idea is that of S. Orfanidis, "Digital parametric equalizer design with prescribed
// Nyquist-frequency gain" (JAES 45, 1997), and M. Vicanek, "Matched second order digital filters" (2016): put the free
// coefficients where the analog magnitude is met at chosen frequencies. Here the points are chosen so that the solution
// is closed, continuous, stable and minimum phase for every setting; docs/dsp/parametric_eq.md derives it.

// What depends on the frequency alone: kept while only gain or q move.
struct MatchedFrequency {
    double radians = 0.0;  // per sample, at most 0.98 pi
    double x = 0.0;        // tan^2 of half of it
    double far = 0.0;      // how far half the sample rate lies from it: (1 - n)^2 / n, n = (pi / radians)^2, eased
};

double matched_radians(double sample_rate, double hz);  // hz taken at 0.49 sample_rate when higher
MatchedFrequency matched_frequency(double sample_rate, double hz);

SvfCoefficients matched_bell(const MatchedFrequency& frequency, double gain_db, double q);
SvfCoefficients matched_notch(const MatchedFrequency& frequency, double q);
SvfCoefficients matched_low_shelf(double sample_rate, double hz, double gain_db, double q);
SvfCoefficients matched_high_shelf(double sample_rate, double hz, double gain_db, double q);
SvfCoefficients matched_tilt(double sample_rate, double hz, double gain_db);

}  // namespace smartmix::dsp
