#pragma once
#include "dsp/svf_design.hpp"
#include "kernels/hearing.hpp"

namespace smartmix::dsp {

// The section of dsp/svf.hpp at rest, written out as what its integrators and its output are of the integrators and the
// sample. `keep` is what is left of the mean of squares after a frame.
inline kernels::Hearing design_ear(const SvfCoefficients& c, double keep) noexcept {
    const double gk = c.g + c.k;
    const double a2 = c.g / (1.0 + c.g * gk);
    const double v1_of_s1 = 1.0 - a2 * gk;  // v1 = v1_of_s1 s1 - a2 s2 + a2 x
    const double y_of_v1 = c.m1 + c.m2 * c.g;
    kernels::Hearing h;
    h.s1_of_s1 = 1.0 - 2.0 * a2 * gk, h.s1_of_s2 = -2.0 * a2, h.s1_of_x = 2.0 * a2;
    h.s2_of_s1 = 2.0 * c.g * v1_of_s1, h.s2_of_s2 = 1.0 - 2.0 * c.g * a2, h.s2_of_x = 2.0 * c.g * a2;
    h.y_of_s1 = y_of_v1 * v1_of_s1, h.y_of_s2 = c.m2 - y_of_v1 * a2, h.y_of_x = c.m0 + y_of_v1 * a2;
    h.keep = keep, h.take = 1.0 - keep;
    return h;
}

}  // namespace smartmix::dsp
