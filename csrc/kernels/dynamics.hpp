#pragma once
#include <cstdint>
#include <string>

namespace smartmix::kernels {

inline constexpr int detector_lanes = 8;

// One smooth branching detector (dsp/dynamics.hpp) in each of eight lanes, and what it has said since it was cleared. A
// lane that is not used wants nothing and says 0. In double: with a release of seconds at 192 kHz a step per frame is
// below what a float can add.
struct alignas(64) DetectorLanes {
    struct alignas(64) Lanes {
        double lane[detector_lanes] = {};
    };
    static constexpr double counted_db = 0.1;

    Lanes rise, fall;            // share of the distance that is left after a frame
    Lanes rise_take, fall_take;  // ... and that is gone
    Lanes value;
    Lanes deepest;
    Lanes total;  // of the frames with more than counted_db
    std::int64_t counted[detector_lanes] = {};
};

// dsp::CompressionCurve, for levels as amplitude (or power) and `db_per_octave` of it.
struct WantedCurve {
    float db_per_octave = 0.0F;
    float threshold_db = 0.0F;
    float slope = 0.0F;
    float half_knee_db = 0.0F;
    float half_over_knee = 0.0F;
    float loudest_over_db = 0.0F;
};

// What follows the detector: make-up and mix, one number each or (where not null) one per frame.
struct TurnDown {
    float makeup = 1.0F;
    float mix = 1.0F;
    const float* makeups = nullptr;
    const float* mixes = nullptr;
};

// The hot loops of compressors. Per instruction set, a lane and a frame give the same bits in whatever place of a vector
// and for any cut into blocks. Reductions are in dB and positive.
struct DynamicsKernels {
    const char* isa;

    // The amplitude of the loudest of `channels` channels, frame by frame; returns the greatest.
    float (*peaks)(const float* const* heads, int channels, float* levels, int frames);

    // In place: levels become the reductions the curve asks for.
    void (*want)(const WantedCurve& curve, float* levels, int frames);

    // In place: what is wanted becomes what the detectors say; row r is lane r. `rows` are `count` (1 to 8) rows, and
    // from there to the next multiple of four rows of zeros, which may be one and the same.
    void (*detect)(DetectorLanes& lanes, float* const* rows, int count, int frames);

    // Applies reductions to `channels` channels. A factor of 1 leaves the very bits of a sample alone.
    void (*turn_down)(float* const* heads, int channels, const float* reductions, const TurnDown& how, int frames);
};

// The fastest set this machine runs, or the one named in SMARTMIX_ISA (dispatch.hpp).
const DynamicsKernels& dynamics_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const DynamicsKernels* dynamics_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
