#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/gain.hpp"
#include "dsp/ramp.hpp"

namespace smartmix::dsp {

struct PanGains {
    double left = 1.0;
    double right = 1.0;
};

// The constant power law (sine and cosine), normalised to exactly 1 on both sides in the centre: a hard side has
// +3.01 dB. -1 is left, +1 is right.
inline PanGains pan_gains(double pan) noexcept {
    if (pan == 0.0) return {1.0, 1.0};
    if (pan <= -1.0) return {std::numbers::sqrt2, 0.0};
    if (pan >= 1.0) return {0.0, std::numbers::sqrt2};
    const double angle = (pan + 1.0) * (std::numbers::pi / 4.0);
    return {std::numbers::sqrt2 * std::cos(angle), std::numbers::sqrt2 * std::sin(angle)};
}

// A pan position that moves in straight lines. Between grid points the gains are carried on by rotation, which is a
// straight line in the pan angle.
class PanRamp {
public:
    void move(double pan, int frames) noexcept {
        position_.move(pan, frames);
        rest_ = pan_gains(pan);
        if (steady()) return;
        const double angle = position_.slope() * (std::numbers::pi / 4.0);
        turn_cos_ = std::cos(angle);
        turn_sin_ = std::sin(angle);
    }

    bool steady() const noexcept { return !position_.moving(); }
    bool centred() const noexcept { return steady() && position_.target() == 0.0; }
    PanGains gains() const noexcept { return rest_; }  // where it is, or is going

    // The gains of the next `frames` frames.
    template <class T>
    void fill(T* left, T* right, int frames) noexcept {
        int i = 0;
        while (i < frames && !steady()) {
            const int in_cell = position_.frames_done() % ramp_grid_frames;
            if (in_cell == 0) now_ = pan_gains(position_.value());
            const int run = std::min({frames - i, ramp_grid_frames - in_cell, position_.frames_left()});
            const double turn_cos = turn_cos_, turn_sin = turn_sin_;
            PanGains now = now_;  // of our own: `left` and `right` might lie anywhere
            for (int end = i + run; i < end; ++i) {
                left[i] = static_cast<T>(now.left);
                right[i] = static_cast<T>(now.right);
                now = {now.left * turn_cos - now.right * turn_sin, now.right * turn_cos + now.left * turn_sin};
            }
            now_ = now;
            position_.advance(run);
        }
        std::fill(left + i, left + std::max(i, frames), static_cast<T>(rest_.left));
        std::fill(right + i, right + std::max(i, frames), static_cast<T>(rest_.right));
    }

private:
    Ramp position_{Scale::linear};
    PanGains rest_;
    PanGains now_;  // gains of the next frame while moving
    double turn_cos_ = 1.0;
    double turn_sin_ = 0.0;
};

}  // namespace smartmix::dsp
