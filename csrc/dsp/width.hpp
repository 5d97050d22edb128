#pragma once
#include <algorithm>

#include "dsp/gain.hpp"
#include "dsp/ramp.hpp"
#include "dsp/svf.hpp"

namespace smartmix::dsp {

inline constexpr double mono_off_hz = 20.0;  // a corner this low is no high pass at all

// How wide a stereo pair is: the level of its side (left - right) / 2, and a corner under which the side fades out by
// 12 dB/oct (Butterworth). The middle is never touched: what goes to one side is what is taken from the other.
class Width {
public:
    void prepare(double sample_rate) noexcept { sample_rate_ = sample_rate; }
    void clear() noexcept { s1_ = c1_ = s2_ = c2_ = 0.0; }
    void move_side(double db, int frames) noexcept { side_.move(db, frames); }
    void move_corner(double hz, int frames) noexcept { corner_.move(hz, frames); }

    bool neutral() const noexcept { return side_.unity() && !filtering(); }
    bool rests() const noexcept { return neutral() && s1_ == 0.0 && c1_ == 0.0 && s2_ == 0.0 && c2_ == 0.0; }
    // Frames until what the high pass still remembers of full scale has fallen below -120 dB.
    int tail_frames(double corner_hz) const noexcept;

    // In place; a neutral one leaves every bit alone. T is float or double.
    template <class T>
    void run(T* left, T* right, int frames) noexcept;

private:
    static constexpr int cell_frames = ramp_grid_frames;
    // The high pass, and how much of it counts: between off and fade_in_hz it is blended in, so that a moving corner meets off
    // without a step.
    struct Corner {
        double g = 0.0;
        double share = 0.0;
    };

    bool filtering() const noexcept { return corner_.moving() || corner_.target() > mono_off_hz; }
    Corner corner_at(int frames_ahead) const noexcept;
    int begin_cell(int frames) noexcept;
    double high_passed(double side, double g) noexcept;

    double sample_rate_ = 48000.0;
    GainRamp side_;
    Ramp corner_{Scale::log};
    Corner now_, step_;  // of the next frame, and per frame
    double s1_ = 0.0, c1_ = 0.0, s2_ = 0.0, c2_ = 0.0;
};

}  // namespace smartmix::dsp
