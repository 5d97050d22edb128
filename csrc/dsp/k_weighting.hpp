#pragma once

namespace smartmix::dsp {

// A second-order section, a0 = 1: y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y''.
struct Biquad {
    double b0, b1, b2, a1, a2;
};

// The two filters of ITU-R BS.1770-5 Annex 1 in their order: the head (a high shelf of +4 dB) and RLB (a high pass).
struct KWeighting {
    Biquad shelf;
    Biquad high_pass;
};

// K-weighting for any sample rate. The Recommendation's 48 kHz coefficients are turned back into their analog filters
// and those are made digital at `sample_rate` by the bilinear transform, prewarped at each filter's own frequency; at
// 48 kHz that is the table itself. As in the table, the high pass has the numerator 1, -2, 1 at every rate: this is what
// deployed meters do, and it leaves the gain at high frequencies 0.01 dB (192 kHz) to 0.26 dB (8 kHz) above 0 dB
// where the table has 0.04 dB.
KWeighting design_k_weighting(double sample_rate);

// Magnitude in dB of both sections at `hz`.
double response_db(const KWeighting& weighting, double hz, double sample_rate);

}  // namespace smartmix::dsp
