#pragma once
#include <algorithm>
#include <cmath>

#include "dsp/ramp.hpp"

namespace smartmix::dsp {

inline constexpr double silence_db = -120.0;  // a fader this low is off
inline constexpr int ramp_grid_frames = 32;   // how often a moving value is computed afresh, counted from its start

// Amplitude factor of a level; exactly 1 at 0 dB, exactly 0 at silence_db and below.
inline double gain_from_db(double db) noexcept { return db <= silence_db ? 0.0 : std::pow(10.0, db / 20.0); }

// A level in dB that moves in straight lines, given as amplitude factors. Between grid points the factor is carried
// on by multiplication, which is a straight line in dB too.
class GainRamp {
public:
    void move(double db, int frames) noexcept {
        now_ = steady() ? gain_ : now_;
        level_.move(db, frames);
        gain_ = gain_from_db(db);
        if (steady()) return;
        per_frame_ = std::pow(10.0, level_.slope() / 20.0);
    }

    bool steady() const noexcept { return !level_.moving(); }
    int frames_left() const noexcept { return level_.frames_left(); }
    double gain() const noexcept { return gain_; }  // where it is, or is going
    bool unity() const noexcept { return steady() && gain_ == 1.0; }
    bool silent() const noexcept { return steady() && gain_ == 0.0; }

    // The factors of the next `frames` frames.
    template <class T>
    void fill(T* gains, int frames) noexcept {
        int i = 0;
        while (i < frames && !steady()) {
            const int in_cell = level_.frames_done() % ramp_grid_frames;
            if (level_.frames_done() == 0) {
                gains[i++] = static_cast<T>(now_);  // the start itself, which may be silence
                now_ = std::pow(10.0, level_.value() / 20.0) * per_frame_;
                level_.advance(1);
                continue;
            }
            if (in_cell == 0) now_ = std::pow(10.0, level_.value() / 20.0);
            const int run = std::min({frames - i, ramp_grid_frames - in_cell, level_.frames_left()});
            const double per_frame = per_frame_;
            double now = now_;  // of our own: `gains` might lie anywhere
            for (int end = i + run; i < end; ++i) {
                gains[i] = static_cast<T>(now);
                now *= per_frame;
            }
            now_ = now;
            level_.advance(run);
        }
        std::fill(gains + i, gains + std::max(i, frames), static_cast<T>(gain_));
    }

private:
    Ramp level_{Scale::db};
    double gain_ = 1.0;
    double now_ = 1.0;  // factor of the next frame while moving
    double per_frame_ = 1.0;
};

}  // namespace smartmix::dsp
