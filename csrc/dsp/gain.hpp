#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "dsp/ramp.hpp"

namespace smartmix::dsp {

inline constexpr double silence_db = -120.0;  // a fader this low is off
inline constexpr int ramp_grid_frames = 32;   // how often a moving value is computed afresh, counted from its start

// Amplitude factor of a level; exactly 1 at 0 dB, exactly 0 at silence_db and below.
inline double gain_from_db(double db) noexcept { return db <= silence_db ? 0.0 : std::pow(10.0, db / 20.0); }

// A level in dB that moves in straight lines, given as amplitude factors. The factor is that of the last grid point times a
// power of the step per frame, which is a straight line in dB too. Grid points are counted from the start of the way; from
// one to the next no logarithm is needed, and in ten minutes it comes to an error under 1e-7 dB.
class GainRamp {
public:
    void move(double db, int frames) noexcept {
        const double now = next();
        level_.move(db, frames);
        gain_ = gain_from_db(db);
        if (steady()) return;
        start_ = now;
        powers_[0] = 1.0;
        powers_[1] = factor_of(level_.slope());
        for (std::size_t n = 2; n < powers_.size(); n *= 2) {
            const double step = powers_[n / 2] * powers_[n / 2];
            for (std::size_t i = 0; i < n; ++i) powers_[n + i] = step * powers_[i];
        }
        at_grid_ = now > 0.0 ? now : factor_of(level_.value());
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
            if (in_cell == 0 && level_.frames_done() > 0) at_grid_ *= powers_.back() * powers_[1];
            const int run = std::min({frames - i, ramp_grid_frames - in_cell, level_.frames_left()});
            const double* powers = powers_.data() + in_cell;
            for (int k = 0; k < run; ++k) gains[i + k] = static_cast<T>(at_grid_ * powers[k]);
            if (level_.frames_done() == 0) gains[i] = static_cast<T>(start_);  // which may be silence
            i += run;
            level_.advance(run);
        }
        std::fill(gains + i, gains + std::max(i, frames), static_cast<T>(gain_));
    }

private:
    static double factor_of(double db) noexcept { return std::exp(db * (std::numbers::ln10 / 20.0)); }

    // The factor of the next frame.
    double next() const noexcept {
        if (steady()) return gain_;
        const int in_cell = level_.frames_done() % ramp_grid_frames;
        if (level_.frames_done() == 0) return start_;
        return in_cell == 0 ? at_grid_ * (powers_.back() * powers_[1]) : at_grid_ * powers_[static_cast<std::size_t>(in_cell)];
    }

    Ramp level_{Scale::db};
    double gain_ = 1.0;
    double start_ = 1.0;    // of the way: where the last one had come to
    double at_grid_ = 1.0;  // factor at the last grid point of the way
    std::array<double, ramp_grid_frames> powers_{};  // of the step per frame
};

}  // namespace smartmix::dsp
