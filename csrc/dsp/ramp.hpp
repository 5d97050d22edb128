#pragma once
#include <cmath>

#include "core/parameter.hpp"

namespace smartmix::dsp {

// A value on its way to another in a straight line of its own scale: log Hz for Scale::log, plain units otherwise (a level
// in dB is already plain dB). The value k frames after the start comes from k alone, never from the block it falls in.
class Ramp {
public:
    explicit Ramp(Scale scale = Scale::linear) noexcept : logarithmic_(scale == Scale::log) {}

    void jump(double value) noexcept {
        target_ = value;
        total_ = done_ = 0;
    }

    // The next frame still has the present value; the target is reached `frames` later.
    void move(double target, int frames) noexcept {
        if (frames <= 0) {
            jump(target);
            return;
        }
        start_ = to_line(value());
        slope_ = (to_line(target) - start_) / frames;
        target_ = target;
        total_ = frames;
        done_ = 0;
    }

    void advance(int frames) noexcept { done_ = frames < total_ - done_ ? done_ + frames : total_; }

    bool moving() const noexcept { return done_ < total_; }
    int frames_left() const noexcept { return total_ - done_; }
    int frames_done() const noexcept { return done_; }
    double slope() const noexcept { return slope_; }  // per frame, in the line's own scale
    double target() const noexcept { return target_; }
    double value() const noexcept { return value_after(0); }
    double value_after(int frames) const noexcept {
        return frames >= total_ - done_ ? target_ : from_line(start_ + slope_ * (done_ + frames));
    }

private:
    double to_line(double value) const noexcept { return logarithmic_ ? std::log(value) : value; }
    double from_line(double value) const noexcept { return logarithmic_ ? std::exp(value) : value; }

    bool logarithmic_;
    double start_ = 0.0;
    double slope_ = 0.0;
    double target_ = 0.0;
    int total_ = 0;
    int done_ = 0;
};

}  // namespace smartmix::dsp
