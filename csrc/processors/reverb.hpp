#pragma once
#include <array>

#include "dsp/quiet.hpp"
#include "dsp/ramp.hpp"
#include "dsp/reverb_design.hpp"
#include "dsp/tap_ring.hpp"
#include "kernels/tank.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// A room: early reflections and a late part that decays by 60 dB in `decay_s`, half of that at `damping_hz`. At the same
// loudness for any setting of decay, size and damping. One or two channels; mix 0 is an exact bypass
// (docs/dsp/reverb.md). While it runs, settings glide; size and pre-delay go over in crossfades.
class Reverb final : public Processor {
public:
    Reverb();

    int tail_frames() const noexcept override;

private:
    enum Index { decay, pre_delay, size, damping, low_cut, high_cut, early, width, mix, indices };
    enum Level { late_level, early_level, straight, crossed, wet, levels };
    static constexpr int moving_cell_frames = 32;
    static constexpr int cuts = 4;

    // Everything that glides, as the loops take it.
    struct Settings {
        std::array<float, dsp::reverb_lines> gain{};
        std::array<float, dsp::reverb_lines> g{};
        std::array<float, cuts> cut{};
        std::array<float, levels> level{};
    };
    using Stereo = std::array<std::array<float, kernels::tank_tile>, 2>;

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    void begin_cell() noexcept;
    bool over() const noexcept;
    void forget() noexcept;
    void begin_fade() noexcept;
    bool gliding() const noexcept;
    void retune(Settings& aim, int frames_ahead) noexcept;
    const Settings& design(int frames_ahead) noexcept;
    void settle(const Settings& now) noexcept;
    void steer(const Settings& aim) noexcept;
    void run_cell(BlockView io, int first, int frames) noexcept;
    void take_in(BlockView io, int first, int frames) noexcept;
    const float* tap(const dsp::TapRing& ring, int line, int before, int after, float* scratch, int frames) noexcept;
    void run_tank(int frames) noexcept;
    void add_early(int frames) noexcept;
    void put_out(BlockView io, int first, int frames) noexcept;
    double value_ahead(Index index, int frames) const noexcept {
        return controls_[static_cast<std::size_t>(index)].value_after(frames);
    }

    const dsp::EarlyPattern pattern_ = dsp::design_early_pattern();
    double sample_rate_ = 48000.0;
    int glide_frames_ = 0;
    int fade_frames_ = 0;
    dsp::PinkEnergy energy_;

    std::array<dsp::Ramp, indices> controls_{
        dsp::Ramp(Scale::log),    dsp::Ramp(Scale::linear), dsp::Ramp(Scale::linear), dsp::Ramp(Scale::log), dsp::Ramp(Scale::log),
        dsp::Ramp(Scale::log), dsp::Ramp(Scale::db),     dsp::Ramp(Scale::linear), dsp::Ramp(Scale::linear)};

    // Cells are counted from reset or the last event, never from a block.
    int cell_left_ = 0;
    int cell_done_ = 0;
    dsp::QuietCount quiet_;
    bool asleep_ = true;  // nothing is remembered and nothing comes in: there is nothing to do
    bool started_ = false;  // a frame has been processed since reset: what changes now has to glide
    bool moving_ = false;
    bool stale_ = true;    // a setting has changed since the last design
    bool resized_ = true;  // ... or size or pre-delay
    bool retuning_ = false;  // the losses of the lines change in this cell
    bool retune_ = true;     // ... or have to be designed anew
    Settings aim_;
    double late_factor_ = 1.0;

    dsp::ReverbGeometry geometry_, next_;
    dsp::Crossfade fade_;

    kernels::CutFilters cut_;
    kernels::TankDamping damping_;
    kernels::Ways<levels> level_;
    dsp::TapRing input_, spread_, lines_;
    kernels::TankTile tile_{}, fed_{};
    Stereo filtered_{}, early_{};
    std::array<float, dsp::reverb_lines> signs_{}, ones_{};
};

}  // namespace smartmix
