#pragma once
#include <array>

#include "dsp/quiet.hpp"
#include "dsp/ramp.hpp"
#include "dsp/tap_ring.hpp"
#include "kernels/tank.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Echoes every `time_ms`, each `feedback` times the one before and once more through the cut filters; with `ping_pong` they
// fall to the left and to the right in turn. One or two channels; mix 0 is an exact bypass (docs/dsp/delay.md). A new time is
// reached by a crossfade: no click and no change of pitch.
class Delay final : public Processor {
public:
    Delay();

    int tail_frames() const noexcept override;

private:
    enum Index { time, feedback, low_cut, high_cut, ping_pong, mix, indices };
    enum Level { back, across, wet, levels };  // back: feedback; across: 1 when each side feeds the other
    static constexpr int moving_cell_frames = 32;
    static constexpr int cuts = 4;
    struct Settings {
        std::array<float, cuts> cut{};
        std::array<float, levels> level{};
    };
    using Tile = std::array<float, kernels::tank_tile>;

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    void begin_cell() noexcept;
    bool over() const noexcept;
    void forget() noexcept;
    void begin_fade() noexcept;
    bool gliding() const noexcept;
    Settings design(int frames_ahead) const noexcept;
    int shortest_read() const noexcept;
    void run_cell(BlockView io, int first, int frames) noexcept;
    void feed(BlockView io, int first, int frames) noexcept;
    void put_out(BlockView io, int first, int frames) noexcept;
    int time_frames(double time_ms) const noexcept;
    double value_ahead(Index index, int frames) const noexcept {
        return controls_[static_cast<std::size_t>(index)].value_after(frames);
    }
    float level_at(Level level, int i) const noexcept {
        return level_.from[level] + level_.step[level] * static_cast<float>(cell_done_ + i);
    }

    double sample_rate_ = 48000.0;
    int glide_frames_ = 0;
    int fade_frames_ = 0;
    int channels_ = 2;

    std::array<dsp::Ramp, indices> controls_{dsp::Ramp(Scale::log),    dsp::Ramp(Scale::linear), dsp::Ramp(Scale::log),
                                             dsp::Ramp(Scale::log),    dsp::Ramp(Scale::linear), dsp::Ramp(Scale::linear)};

    // Cells are counted from reset or the last event, never from a block.
    int cell_left_ = 0;
    int cell_done_ = 0;
    dsp::QuietCount quiet_;
    bool asleep_ = true;  // nothing is remembered and nothing comes in: there is nothing to do
    bool started_ = false;  // a frame has been processed since reset: what changes now has to glide
    bool moving_ = false;
    bool stale_ = true;  // a setting has changed since the last design

    int delay_ = 1, next_ = 1;  // frames from input to echo
    dsp::Crossfade fade_;

    kernels::CutFilters cut_;
    kernels::Ways<levels> level_;
    dsp::TapRing ring_;
    std::array<Tile, 2> echo_{}, fed_{};
};

}  // namespace smartmix
