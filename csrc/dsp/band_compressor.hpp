#pragma once
#include <array>

#include "core/block.hpp"
#include "dsp/compressor_ear.hpp"
#include "dsp/dynamics.hpp"
#include "dsp/gain.hpp"
#include "dsp/ramp.hpp"
#include "kernels/dynamics.hpp"

namespace smartmix::dsp {

// The compressor of one band: curve, detector and automatic times of the compressor (docs/dsp/compressor.md), as factors
// for the frames of a cell. A bypassed band leaves within `fade_ms`, and comes back in it.
class BandCompressor {
public:
    enum Control { threshold, ratio, knee, attack, release, control_count };

    // `detectors`: of all bands, this one in `lane`; they stay where they are.
    BandCompressor(kernels::DetectorLanes& detectors, int lane) : detectors_(&detectors), lane_(lane) {}

    void prepare(double sample_rate, int heard_channels);  // allocates
    void clear() noexcept;
    void move(Control control, double value, int frames) noexcept {
        controls_[control].move(value, frames);
    }
    void move_makeup(double db, int frames) noexcept { makeup_.move(db, frames); }
    void set_bypass(bool on, bool at_once) noexcept;
    void set_detection(CompressorDetection detection) noexcept { ear_.set_detection(detection); }

    // The longest a cell may be, then the cell itself.
    int cell_frames() const noexcept;
    void begin_cell() noexcept;
    // Whether the band leaves its audio alone, as long as no setting changes.
    bool neutral() const noexcept;
    bool reducing() const noexcept { return !idle_; }  // in this cell

    // Frames from 0 on, in three steps: from the level of `heard` what is wanted in reductions_db(); there the detector puts
    // what it says, unless quiet(); then the factors of this band, `mix` frame by frame.
    void want(BlockView heard, int frames) noexcept;
    bool quiet() const noexcept { return quiet_; }
    void finish(const float* mix, int frames) noexcept;
    CellValues& reductions_db() noexcept { return reductions_; }
    const CellValues& factors() const noexcept { return factors_; }
    double reduction_db() const noexcept { return detectors_->value.lane[lane_]; }

private:
    static constexpr double fade_ms = 20.0;

    void join(const float* mix, int frames) noexcept;

    double sample_rate_ = 48000.0;
    std::array<Ramp, control_count> controls_{Ramp(Scale::db), Ramp(Scale::linear), Ramp(Scale::db), Ramp(Scale::log),
                                              Ramp(Scale::log)};
    GainRamp makeup_;
    Ramp live_{Scale::linear};  // 0 while bypassed
    bool idle_ = true;
    CompressorEar ear_;
    kernels::DetectorLanes* detectors_;
    int lane_;
    bool quiet_ = true;  // nothing is wanted in this piece of a cell, and nothing left to let go
    CellValues reductions_{};
    CellValues factors_{};
};

}  // namespace smartmix::dsp
