#pragma once
#include <array>
#include <vector>

#include "dsp/ar_interpolator.hpp"
#include "dsp/ar_model.hpp"
#include "dsp/clip_finder.hpp"

namespace smartmix::dsp {

struct ClipSettings {
    double level = 0.0;  // amplitude from which on a sample counts as clipped; 0: found from flat tops
    int longest_frames = 96;
};

// Lengths in frames of one sample rate.
struct ClipGrid {
    explicit ClipGrid(double sample_rate) noexcept;
    int hop;      // 16 ms
    int order;    // of the model
    int longest;  // run: 4 ms
    static constexpr int hops_ahead = 1;
    int latency() const noexcept { return (hops_ahead + 1) * hop; }
};

// What all channels use in turn.
struct ClipBench {
    explicit ClipBench(const ClipGrid& grid);
    Autocorrelation autocorrelation;
    ArInterpolator interpolator;
    std::vector<double> tried;  // the sound with the tops of one trial
    std::vector<int> at;
    std::vector<double> bounds;
};

// Puts the tops back on one channel, a hop at a time: the clipped samples are unknown but for one thing, that they lie beyond
// the limit, and take the values that a linear prediction of three hops explains best.
class ClipRepair {
public:
    explicit ClipRepair(const ClipGrid& grid);
    void clear() noexcept;
    // Takes the next hop and writes what to add to the one `latency()` frames before its last sample: whether there is any.
    bool run(const float* hop, const ClipSettings& settings, ClipBench& bench, float* add) noexcept;
    bool pass(const float* hop, float* add) noexcept;

private:
    static constexpr int hops = 3;  // the last repaired, the one at work, the next
    static constexpr int rounds = 3;

    // On one side of zero.
    struct Limit {
        void hear(double peak, double found) noexcept;
        double now() const noexcept;  // 0: none
        double level = 0.0, highest = 0.0;
        int level_age = 0, peak_age = 0;  // hops
    };

    void shift(const float* hop) noexcept;
    bool hand_out(float* add) noexcept;
    ClipLevels levels(double level) noexcept;
    void fill(int count, ClipBench& bench) noexcept;
    bool plausible(int count, const ClipBench& bench) const noexcept;
    void keep(int count, const ClipBench& bench) noexcept;

    ClipGrid grid_;
    std::vector<double> sound_;  // repaired up to where the work is
    std::vector<float> add_;     // of the hop at work and the one after it
    Limit up_, down_;
    std::array<double, most_ar_order + 1> lags_{};
    std::array<double, most_ar_order + 1> model_{};
    bool added_ = false, added_later_ = false;
};

}  // namespace smartmix::dsp
