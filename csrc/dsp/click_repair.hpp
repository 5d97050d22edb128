#pragma once
#include <array>
#include <vector>

#include "dsp/ar_interpolator.hpp"
#include "dsp/ar_model.hpp"
#include "dsp/click_context.hpp"

namespace smartmix::dsp {

inline constexpr int click_pad = 2;  // frames on either side of a click that are filled in with it

struct ClickSettings {
    double threshold = 5.0;    // times what the sound around does
    int longest_frames = 96;
};

// Lengths in frames of one sample rate.
struct ClickGrid {
    explicit ClickGrid(double sample_rate) noexcept;
    int bin;      // half a millisecond
    int hop;      // 32 bins
    int order;    // of the model that finds clicks
    int longest;  // of a click: 4 ms
    static constexpr int bins_per_hop = 32;
    static constexpr int hops_ahead = 3;
    int latency() const noexcept { return (hops_ahead + 1) * hop; }
};

// What all channels use in turn while they work: no channel keeps anything in it.
struct ClickBench {
    explicit ClickBench(const ClickGrid& grid);
    Autocorrelation autocorrelation;
    ArInterpolator interpolator;
    std::vector<double> errors;       // of the sound around one candidate
    std::vector<double> back_errors;  // near it, predicted from the future
    std::vector<int> unknown;         // of the gap at work
    std::vector<double> heard, holds;
};

// Finds clicks in one channel, a hop at a time, and says what would be there without them. Two looks: the error of a
// predictor fitted to the last hops picks what stands out of its surroundings; then a predictor fitted to what lies before
// and after, without the click itself, decides, and says where the click begins (predicting forwards) and ends (backwards).
class ClickRepair {
public:
    explicit ClickRepair(const ClickGrid& grid);
    void clear() noexcept;
    // Takes the next hop and writes what to add to the one `latency()` frames before its last sample: whether there is any.
    bool run(const float* hop, const ClickSettings& settings, ClickBench& bench, float* add) noexcept;
    // Keeps the sound in mind without looking for clicks.
    bool pass(const float* hop, float* add) noexcept;

private:
    static constexpr int hops = 8;
    static constexpr int expected_peaks = 3;
    static constexpr int most_repairs = 12;  // a hop

    struct Gap {
        int first = 0;
        int end = 0;
    };
    struct Judged {
        double peak = 0.0;
        double usual = 0.0;
        int at = 0;
    };

    void shift(const float* hop) noexcept;
    bool hand_out(float* add) noexcept;
    void measure(ClickBench& bench) noexcept;
    bool stands_out(int bin, double threshold) const noexcept;
    bool mend(int bin, const ClickSettings& settings, ClickBench& bench) noexcept;
    bool fit(int middle, int core, ClickBench& bench) noexcept;
    Judged judge(int middle, int core, ClickBench& bench) const noexcept;
    Gap extent(const Judged& click, int longest, ClickBench& bench) const noexcept;
    Gap joined(const Gap& gap, double edge, ClickBench& bench) const noexcept;
    Gap widened(const Gap& gap, int order, double usual, ClickBench& bench) const noexcept;
    bool fill(const Gap& click, int order, double white, ClickBench& bench) noexcept;
    double error_power(const Gap& gap, int order, ClickBench& bench) const noexcept;
    double power_of_click(int count, int order, const ClickBench& bench) const noexcept;
    bool plausible(const Gap& gap) const noexcept;
    void keep(const Gap& gap, const ClickBench& bench) noexcept;
    void hold_each(int count, double usual_power, double click_power, const double* sound, ClickBench& bench) const noexcept;

    ClickGrid grid_;
    std::vector<double> sound_;   // `hops` hops, repaired up to where the work is
    std::vector<float> add_;      // of the hop at work and the one after it
    std::vector<double> bins_;    // largest error in each bin of `sound_`
    std::vector<double> heard_bins_;  // the same before anything was repaired
    std::array<double, most_ar_order + 1> lags_{};
    std::array<double, most_ar_order + 1> model_{};
    bool added_ = false, added_later_ = false;
};

}  // namespace smartmix::dsp
