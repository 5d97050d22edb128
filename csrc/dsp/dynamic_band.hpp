#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core/block.hpp"
#include "dsp/dynamics.hpp"
#include "dsp/ramp.hpp"
#include "dsp/svf.hpp"
#include "kernels/dynamics.hpp"
#include "kernels/hearing.hpp"

namespace smartmix::dsp {

// The filter of one band, for two channels in the first two lanes.
struct BandFilter {
    typedef float Four __attribute__((vector_size(16)));
    Four s1{}, c1{}, s2{}, c2{};
};

// How a band of `shape` at `hz` is heard: a bell through its band pass, a shelf through a Butterworth pass; and the same
// signal a quarter of a period later. For a tone in the middle of the band the sum of the two squares stands still, so that
// the mean can be short (docs/dsp/dynamic_eq.md).
kernels::Hearing design_hearing(BandShape shape, double hz, double q, double sample_rate) noexcept;

// A bell or shelf whose gain moves from 0 towards `range` dB as the level of its band in what is heard passes a threshold.
// All channels together. Designed once a cell, straight in (g, k, m) from one design to the next, sample by sample, so
// the filter follows the detector one cell late. The owner cuts time into cells and begins each of them.
class DynamicBand {
public:
    static constexpr int cell_frames = 16;
    static constexpr double widest_range_db = 24.0;
    using Cell = std::array<float, longest_cell_frames>;

    enum Control { hz, q, threshold, range, ratio, knee, attack, release, detector_hz, detector_q, control_count };

    // Its detector is in a lane of `detectors`, which outlives it. It says shares of the range, 0 .. 1.
    void share(kernels::DetectorLanes& detectors, int lane) noexcept;
    void prepare(double sample_rate, int channels);  // allocates
    void clear() noexcept;                           // audio memory only
    void set_shape(BandShape shape) noexcept;                            // off, bell, low_shelf or high_shelf
    void set_own_detector(bool own) noexcept;  // the detector has a frequency and q of its own
    void move(Control control, double value, int frames) noexcept;

    // Brings the band to the cell that begins; how long that may be.
    int begin_cell() noexcept;
    bool listening() const noexcept { return !idle_; }   // in this cell
    // What it listens with, where that has changed since it was taken last, or nullptr; and whether it begins anew.
    const kernels::Hearing* take_hearing() noexcept { return std::exchange(hearing_changed_, false) ? &hearing_ : nullptr; }
    bool begins_to_listen() const noexcept { return begins_; }
    // While it listens: `row` has room for the levels of a cell; false where they want nothing and nothing is left to let
    // go, otherwise the row is what the detector is to hear. Then what it has said becomes dB.
    float* row() noexcept { return movements_.data(); }
    bool want(int frames) noexcept;
    void read(int frames) noexcept;
    bool running() const noexcept { return running_; }   // the filter is not flat in this cell
    bool rests() const noexcept { return idle_ && !running_ && !controls_changed_; }  // nothing to do before a setting comes
    // Bands that run, side by side: their samples wait for one another as little as may be. A filter runs behind the one
    // before it.
    static constexpr int most_together = 4;
    static void filter(std::span<DynamicBand* const> bands, BlockView io, int first, int frames) noexcept;
    void advance(int frames) noexcept;

    // How far from 0 dB the gain is at each frame listened to; nullptr where it does not move at all.
    const float* movements_db() const noexcept { return idle_ || still_ ? nullptr : movements_.data(); }
    double movement_db() const noexcept;  // at the last frame
    double range_db() const noexcept { return controls_[range].value(); }
    // The two filters it moves between, flat and all of its range; none where it does nothing.
    std::vector<SvfCoefficients> ends() const;

private:
    void set_controls() noexcept;
    void set_curve() noexcept;
    void begin_glide(double to_db) noexcept;
    template <int Count>
    static void run(DynamicBand* const* bands, std::size_t pair, float* left, float* right, int frames) noexcept;
    void lay_way(int frames) noexcept;
    double& share_now() noexcept { return detectors_->value.lane[lane_]; }
    const SvfCoefficients& knot(int index) noexcept;
    SvfCoefficients design(double gain_db) noexcept;

    // Designs at gains a quarter dB apart, made when first needed; between them straight in (g, k, m).
    static constexpr int knots_per_db = 4;
    static constexpr int knots_up = static_cast<int>(widest_range_db) * knots_per_db;
    struct Knot {
        SvfCoefficients design;
        std::uint32_t made_in = 0;
    };

    double sample_rate_ = 48000.0;
    BandShape shape_ = BandShape::bell;
    bool own_detector_ = false;
    std::array<Ramp, control_count> controls_{Ramp(Scale::log), Ramp(Scale::log),    Ramp(Scale::db), Ramp(Scale::db),
                                              Ramp(Scale::linear), Ramp(Scale::db), Ramp(Scale::log), Ramp(Scale::log),
                                              Ramp(Scale::log), Ramp(Scale::log)};
    bool controls_changed_ = true;
    bool idle_ = true;     // it does nothing in this cell, whatever comes
    bool running_ = false;

    std::array<Knot, 2 * knots_up + 1> knots_{};
    std::uint32_t knots_of_ = 1;
    SvfGlide glide_;
    double glide_from_db_ = 0.0, glide_to_db_ = 0.0;
    int cell_done_ = 0;

    kernels::Hearing hearing_;
    bool hearing_changed_ = true;
    bool begins_ = false;  // to listen, in this cell
    kernels::WantedCurve curve_;
    float quiet_power_ = 0.0F;  // under the knee for certain
    bool still_ = true;         // at rest in the frames listened to last
    kernels::DetectorLanes* detectors_ = nullptr;
    int lane_ = 0;
    // The filter at each frame of the cell.
    struct Way {
        std::array<float, cell_frames> g, gk, a2, m0, m1, m2;
    };
    Way way_;
    std::vector<BandFilter> memory_;  // of pairs of channels
    Cell movements_{};
};

}  // namespace smartmix::dsp
