#pragma once
#include <string>

namespace smartmix::kernels {

// The two loops of dsp/band_model.hpp and dsp/least_squares.hpp. All arrays have `count` doubles, a multiple of four.
struct BandSlopeKernels {
    // g^-2, m0 + m2, m0, (m0 k + m1)^2 and k^2 of a section, or their slopes by a setting.
    struct Powers {
        double per_g2, low, high, slope2, k2;
    };
    struct Slopes {
        Powers of[3];
    };

    const char* isa;

    // Multiplies `ratio` by the power of a section at t = tan^2(w / 2), and writes the slopes of its logarithm by three
    // settings to column[0], column[1] and column[2].
    void (*section)(const double* t, int count, const Powers& at, const Slopes& by, double* ratio, double* const* column);

    // slope[a] = sum of weight column_a rest; matrix[a columns + b] = sum of weight column_a column_b, both halves.
    // Column a begins at columns + a count. `scratch` has `count` places.
    void (*products)(const double* columns, int settings, int count, const double* weight, const double* rest,
                     double* scratch, double* slope, double* matrix);
};

// The set that runs (kernels/dispatch.hpp). In double, in one order and without fused multiply-adds: every set gives the
// same bits.
const BandSlopeKernels& band_slope_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const BandSlopeKernels* band_slope_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
