#pragma once
#include <array>
#include <vector>

#include "engine/strip.hpp"

namespace smartmix {

inline constexpr int most_tile_frames = 2048;

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
    // Adds `frames` frames of a strip from `first` on, as its fader, pan and sends have it; the sides may be the same. A
    // `whole` tile may wait (it stays where it is until then) for the strips that come next.
    void add(Strip& strip, const float* left, const float* right, int first, int frames, bool whole) noexcept;
    void finish() noexcept;  // adds what waits
    void write(const StripOutput& output, int done, int frames) const noexcept;

private:
    using Tile = std::array<double, most_tile_frames>;
    using StereoTile = std::array<Tile, 2>;

    // Factors of both sides: a number `at_rest` for each, times one number per frame where `moving` is not null.
    struct Factors {
        double at_rest[2];
        const double* moving[2];

        bool steady() const noexcept { return moving[0] == nullptr; }
    };

    // Strips at rest that are added together: each sum is read and written once for all of them.
    struct Waiting {
        static constexpr int most = 8;
        const float* x[2][most];
        double gains[2][most];
        int count = 0;
        int frames = 0;
    };

    Factors stand(Strip& strip, int frames) noexcept;
    Factors turn_down(dsp::GainRamp& send, const Factors& stands, int frames) noexcept;
    static void add_to(StereoTile& sum, const Factors& factors, const float* const* sides, int first, int frames) noexcept;

    std::vector<StereoTile> sums_;
    Waiting waiting_;
    StereoTile standing_;  // fader and pan of the strip at work
    StereoTile sent_;      // ... and a send
    Tile level_;
};

}  // namespace smartmix
