#pragma once
#include <array>
#include <vector>

#include "core/block.hpp"
#include "dsp/ramp.hpp"
#include "kernels/crossover.hpp"

namespace smartmix::dsp {

// Cuts audio into two to four bands whose sum is flat: fourth-order crossovers of S. Linkwitz ("Active crossover networks
// for noncoincident drivers", JAES 24, 1976), each a Butterworth pass twice. Low and high of one crossover are in phase
// everywhere and add up to a second-order all-pass; a band that does not run through a crossover goes through its
// all-pass instead (S. Lipshitz & J. Vanderkooy, "In-phase crossover network design", JAES 34, 1986). So the sum of all
// bands is the input behind the all-passes of all crossovers (docs/dsp/multiband_compressor.md).
//
// Trapezoidal state variable filters: frequencies move sample by sample. A crossover counts from a third of an octave
// over the one below it on.
class Crossover {
public:
    static constexpr int most_bands = 4;
    static constexpr int most_splits = most_bands - 1;

    Crossover();

    void prepare(double sample_rate, int channels);  // allocates
    void clear() noexcept;                           // audio memory only
    void set_bands(int bands) noexcept;              // 2 to 4; clears
    void move_hz(int split, double hz, int frames) noexcept;
    int bands() const noexcept { return bands_; }
    bool moving() const noexcept;
    int frames_left() const noexcept;  // until the first of the moving crossovers arrives

    // Begins a cell of `frames` frames: the way of each crossover through it.
    void begin_cell(int frames) noexcept;
    // The next frames of the cell: channel c of `io`, from `first` on, into out[band * channels + c][0 .. frames).
    void split(BlockView io, int first, int frames, float* const* out) noexcept;
    void advance(int frames) noexcept;

    // Magnitude in dB of one band at `hz`, of the frequencies that the crossovers have or are going to.
    double response_db(int band, double hz) const;

private:
    typedef float Four __attribute__((vector_size(16)));

    // Four state variable filters side by side: left and right of two branches.
    struct Section {
        Four s1{}, c1{}, s2{}, c2{};
    };
    struct Pair {
        std::array<kernels::CrossoverSection, kernels::crossover_sections> sections;
    };
    // g of each crossover in a cell: straight from `from`.
    struct Way {
        float from = 0.1F, step = 0.0F;
    };

    template <bool Moving>
    struct Tuned;
    template <int Bands, bool Moving>
    void run(Pair& pair, const float* left, const float* right, int frames, float* const* out) const noexcept;
    template <int Bands>
    void run(Pair& pair, const float* left, const float* right, int frames, float* const* out) const noexcept;
    std::array<double, most_splits> spaced_hz(int frames) const noexcept;

    double sample_rate_ = 48000.0;
    int channels_ = 0;
    int bands_ = most_bands;
    std::array<Ramp, most_splits> hz_;
    std::array<Way, most_splits> ways_;
    bool ways_move_ = false;
    int cell_done_ = 0;
    std::vector<Pair> pairs_;
    std::vector<float> nowhere_;  // for the channel that an odd one lacks
};

}  // namespace smartmix::dsp
