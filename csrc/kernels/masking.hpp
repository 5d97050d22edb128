#pragma once
#include <string_view>

namespace smartmix::kernels {

// The loudness model of dsp/loudness_model.hpp at 80 places on the basilar membrane at once, in float. The branch for
// excitations over 100 dB is left out: no mix at a listening level gets there, and up to 110 dB it changes specific loudness
// by 1 %.
inline constexpr int ear_places = 80;
using PlaceRow = float[ear_places];
inline constexpr int ear_block = 8;  // places that are skipped together where nothing is heard

struct alignas(32) EarPlaces {
    PlaceRow gain, a, alpha;
    PlaceRow base;  // a ^ alpha
    PlaceRow k, threshold;
    PlaceRow at_threshold;  // of a signal at the threshold in quiet, compressed, without base
    float scale;            // sone per cam
};

// A signal: its excitation, that to the power -0.3, and its specific loudness in quiet.
struct alignas(32) HeardSignal {
    PlaceRow excitation, shrunk, quiet;
    bool audible[ear_places / ear_block];  // whether any place of the block is
};

// A masker: the thresholds it makes, those to the power 0.3, itself compressed, and with a signal at its threshold beside it.
struct alignas(32) HeardMasker {
    PlaceRow excitation, threshold, grown, compressed, compressed_at_threshold;
};

// How a sound goes on covering others: dsp/covering.hpp has the formulas. Levels are in doublings of power.
struct alignas(32) CoverTable {
    PlaceRow per_threshold;  // one over the excitation at the threshold in quiet
    PlaceRow after_scale;    // what a masker over by one threshold leaves behind: threshold over K
    PlaceRow slope;          // share of the level lost for each doubling of the time since
    PlaceRow reach;          // doublings of a hop until nothing is left
    PlaceRow follow;         // of the running means
    PlaceRow unsteady;       // one over the relative variance from which a sound covers as noise does
    PlaceRow drop;           // how much less a steady sound covers
};
struct alignas(32) CoverState {
    PlaceRow peak, age;     // level a trace began with, hops since
    PlaceRow mean, square;  // running means of the excitation and its square
    bool plain[ear_places / ear_block];  // whether the block covers with its own excitation now
};

// A track as both.
struct HeardSound {
    const HeardSignal& signal;
    const HeardMasker& masker;
    const bool* plain;
};

// How components excite places: exponents p |g| of the roex filters, split in what stays and what moves with the level.
struct RoexTable {
    const float* fixed;   // [component][place], places below or at the component's frequency
    const float* moving;  // ... above it, of a filter at 51 dB per ERB
    int components;
};

struct MaskingKernels {
    const char* isa;

    // weights[component][place] of filters whose lower skirts have `steepness[component]` times their plain slope.
    void (*shape)(const RoexTable& table, const float* steepness, float* weights);

    // out = sum over components of powers times weights.
    void (*excite)(const float* weights, const float* powers, int components, float* out);

    // The excitation of a noise that would cover others as much as this sound does now.
    void (*cover)(const CoverTable& table, const float* excitation, CoverState& state, float* covering);

    void (*hear_signal)(const EarPlaces& ear, const float* excitation, HeardSignal& signal);
    void (*hear_masker)(const EarPlaces& ear, const float* excitation, HeardMasker& masker);

    // An excitation compressed.
    void (*compress)(const EarPlaces& ear, const float* excitation, float* out);

    // sum += specific loudness that is left of the signal beside the masker. Where the signal's block is plain, `both` is
    // taken to be the two compressed.
    void (*add_partial)(const EarPlaces& ear, const HeardSignal& signal, const HeardMasker& masker, const bool* plain,
                        const float* both, float* sum);

    // The same of two tracks beside each other; where both are plain, one compression does for the two.
    void (*add_pair)(const EarPlaces& ear, const HeardSound& a, const HeardSound& b, float* sum_a, float* sum_b);
};

const MaskingKernels& masking_kernels();
const MaskingKernels* masking_kernels_for(std::string_view isa);

}  // namespace smartmix::kernels
