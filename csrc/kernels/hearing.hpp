#pragma once
#include <cstdint>
#include <string>

namespace smartmix::kernels {

// One filter that listens, as numbers on its two integrators and the sample (dsp/band_hearing.hpp has the formulas), and what
// its level is made of.
struct Hearing {
    double s1_of_s1 = 0.0, s1_of_s2 = 0.0, s1_of_x = 0.0;
    double s2_of_s1 = 0.0, s2_of_s2 = 0.0, s2_of_x = 0.0;
    double y_of_s1 = 0.0, y_of_s2 = 0.0, y_of_x = 0.0;
    bool twice = false;  // the level counts the same a quarter of a period later, too
    double step = 0.0;   // of the first-order all-pass that is so late: 2 g / (1 + g)
    double keep = 0.0, take = 0.0;  // of the mean of squares, per frame
};

// Up to four such filters that hear the same two channels: filter f has lanes 2 f (left) and 2 f + 1 (right). In double.
struct alignas(64) HearingLanes {
    static constexpr int filters = 4;
    enum Number { s1_of_s1, s1_of_s2, s1_of_x, s2_of_s1, s2_of_s2, s2_of_x, y_of_s1, y_of_s2, y_of_x,
                  low_of_low, low_of_y, late_of_low, late_of_y, keep, take, numbers };
    enum Memory { s1, s2, low, power, memories };

    double of[numbers][2 * filters] = {};
    double memory[memories][2 * filters] = {};

    void set(int filter, const Hearing& h) noexcept;
    void clear(int filter) noexcept;  // its memory
};

struct HearingKernels {
    const char* isa;

    // The level of each filter, frame by frame: the mean of the squares of what it lets through (and of the same a quarter
    // of a period later), of the louder channel. Where a row has more than that, it keeps it. `rows` are four; those from
    // `count` on are not written. A filter gives the same bits whatever the others are, and for any cut into blocks.
    void (*levels)(HearingLanes& lanes, int count, const float* left, const float* right, float* const* rows, int frames);
};

// The set that runs (kernels/dispatch.hpp).
const HearingKernels& hearing_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const HearingKernels* hearing_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
