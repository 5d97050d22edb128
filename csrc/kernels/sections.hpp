#pragma once
#include <cstdint>
#include <string>

namespace smartmix::kernels {

inline constexpr int section_lanes = 8;

// One second-order section (dsp/svf_design.hpp) in each of eight lanes: its coefficients on a straight way from `from` on
// by `step` per frame, how many frames of the way lie behind, and its memory. A lane without a section has the
// coefficients of `from` as they are here, with which no bit of a normal sample changes and the memory stays empty.
struct alignas(32) LaneSection {
    struct alignas(32) Lanes {
        float lane[section_lanes] = {};
    };
    enum Coefficient { g, gk, m0, half_m1, half_m2, coefficients };  // gk = g + k
    enum Memory { s1, c1, s2, c2, memories };  // two integrators, each with the rounding error it owes
    struct From {
        Lanes of[coefficients];
        From() {
            for (int l = 0; l < section_lanes; ++l) {
                of[m0].lane[l] = 1.0F;
                of[half_m1].lane[l] = of[half_m2].lane[l] = -0.0F;  // x + -0 is x for every x
            }
        }
    };
    From from;
    Lanes step[coefficients];
    Lanes done;
    Lanes memory[memories];
    // All bits set in lanes whose integrators keep the rounding error they owe: slow sections, that add small steps to large
    // sums. In the others the two errors are 0.
    alignas(32) std::int32_t owing[section_lanes] = {};
};

// A section, whether any of its lanes is on its way, and whether any owes.
struct SectionRun {
    LaneSection* section = nullptr;
    bool moving = false;
    bool owing = false;
};

// A section that is the same in all lanes of several groups of eight: the way of all, and the memory of each group.
struct SharedWay {
    float from[LaneSection::coefficients] = {};
    float step[LaneSection::coefficients] = {};
    float done = 0.0F;
    bool moving = false;
    bool owing = false;
};
struct alignas(32) GroupMemory {
    LaneSection::Lanes of[LaneSection::memories];
};
struct SharedRun {
    SharedWay* way = nullptr;
    GroupMemory* memory = nullptr;  // one for each group
};

// The hot loops of the equaliser and the strip bank. Per instruction set, a section gives the same bits in whatever lane,
// in `lanes`, `stream` and `shared`, moving with a step of zero or standing still, and for any cut into blocks.
struct SectionKernels {
    const char* isa;

    // `count` sections in series in all eight lanes; x[frame][lane], in place. Advances `done`.
    void (*lanes)(const SectionRun* sections, int count, float* x, int frames);

    // The same for `channels` (1 or 2) lanes from `lane` on, planar. Fast for many sections, not for many lanes.
    void (*stream)(const SectionRun* sections, int count, int lane, int channels, float* const* heads, int frames);

    // `count` sections in series in all lanes of all groups; x[group][frame][lane], in place. Advances `done`.
    void (*shared)(const SharedRun* sections, int count, float* const* x, int groups, int frames);

    // Eight planar channels to x[frame][lane], and back.
    void (*to_lanes)(const float* const* heads, float* x, int frames);
    void (*from_lanes)(const float* x, float* const* heads, int frames);
};

// The set that runs (kernels/dispatch.hpp).
const SectionKernels& section_kernels();

// A set by name ("baseline", "avx2"); nullptr when this build or machine has none. For tests.
const SectionKernels* section_kernels_for(const std::string& isa);

}  // namespace smartmix::kernels
