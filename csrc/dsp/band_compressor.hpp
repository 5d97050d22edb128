#pragma once
#include <array>
#include <vector>

#include "core/block.hpp"
#include "dsp/dynamics.hpp"
#include "dsp/gain.hpp"
#include "dsp/ramp.hpp"

namespace smartmix::dsp {

// How the compressors of all bands listen.
struct BandDetection {
    bool rms = false;
    bool auto_times = false;
};

// The compressor of one band: curve, detector and automatic times of the compressor (docs/dsp/compressor.md), as factors
// for the frames of a cell. A bypassed band leaves within `fade_ms`, and comes back in it.
class BandCompressor {
public:
    enum Control { threshold, ratio, knee, attack, release, control_count };

    void prepare(double sample_rate, int heard_channels);  // allocates
    void clear() noexcept;
    void move(Control control, double value, int frames) noexcept {
        controls_[control].move(value, frames);
    }
    void move_makeup(double db, int frames) noexcept { makeup_.move(db, frames); }
    void set_bypass(bool on, bool at_once) noexcept;
    void set_detection(BandDetection detection) noexcept { detection_ = detection; }

    // The longest a cell may be, then the cell itself.
    int cell_frames() const noexcept;
    void begin_cell() noexcept;
    // Whether the band leaves its audio alone, as long as no setting changes.
    bool neutral() const noexcept;
    bool reducing() const noexcept { return !idle_; }  // in this cell

    // From the level of `heard` (frames from 0 on): reductions, and with them the factors of this band; `mix` frame by
    // frame.
    void run(BlockView heard, const float* mix, int frames) noexcept;
    const CellValues& reductions_db() const noexcept { return reductions_; }
    const CellValues& factors() const noexcept { return factors_; }
    double reduction_db() const noexcept { return detector_.value(); }

private:
    static constexpr double fade_ms = 20.0;

    void set_times() noexcept;
    void measure(BlockView heard, int frames) noexcept;
    void follow_crest(int frames) noexcept;
    void reduce(int frames) noexcept;
    void join(const float* mix, int frames) noexcept;

    double sample_rate_ = 48000.0;
    std::array<Ramp, control_count> controls_{Ramp(Scale::db), Ramp(Scale::linear), Ramp(Scale::db), Ramp(Scale::log),
                                              Ramp(Scale::log)};
    GainRamp makeup_;
    Ramp live_{Scale::linear};  // 0 while bypassed
    BandDetection detection_;
    bool idle_ = true;
    CompressionCurve curve_;
    BranchingDetector detector_;
    std::vector<double> powers_;  // running mean square of each channel that is heard
    double power_keep_ = 0.0, crest_keep_ = 0.0;
    double crest_peak_ = 0.0, crest_power_ = 0.0;
    CellValues levels_{};
    CellValues reductions_{};
    CellValues factors_{};
};

}  // namespace smartmix::dsp
