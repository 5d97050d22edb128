#pragma once
#include <array>
#include <vector>

#include "engine/strip.hpp"

namespace smartmix {

inline constexpr int most_tile_frames = 512;

// Where a bank writes, as far as these are not null: `rounded` and `exact` have output_channels() channels, left and right
// of the sum and then of each send, as float32 and as added up; `before_fader[s]`, where not null, gets the channels of
// strip s behind its compressor. A bank that is fed those in neutral strips gives the same sums, bit for bit.
struct StripOutput {
    float* const* rounded = nullptr;
    double* const* exact = nullptr;
    float* const* const* before_fader = nullptr;
};

// The stereo sums of a tile in double: main, and each send.
class StripSums {
public:
    explicit StripSums(int sends) : sums_(static_cast<std::size_t>(1 + sends)) {}

    int channels() const noexcept { return 2 * static_cast<int>(sums_.size()); }
    void clear(int frames) noexcept;
    // Adds `frames` frames of a strip from `first` on, as its fader, pan and sends have it; the sides may be the same.
    void add(Strip& strip, const float* left, const float* right, int first, int frames) noexcept;
    void write(const StripOutput& output, int done, int frames) const noexcept;

private:
    using Tile = std::array<double, most_tile_frames>;
    using StereoTile = std::array<Tile, 2>;

    // Factors of both sides: one number each while `steady`, one per frame otherwise.
    struct Factors {
        bool steady = true;
        double at_rest[2];
        StereoTile moving;
    };

    void stand(Strip& strip, int frames) noexcept;
    void turn_down(dsp::GainRamp& send, int frames) noexcept;
    static void add_to(StereoTile& sum, const Factors& factors, const float* const* sides, int first, int frames) noexcept;

    std::vector<StereoTile> sums_;
    Factors stands_;  // fader and pan of the strip at work
    Factors sent_;    // ... and a send
    Tile level_;
};

}  // namespace smartmix
