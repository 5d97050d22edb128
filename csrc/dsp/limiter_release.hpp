#pragma once
#include <algorithm>
#include <cmath>

#include "dsp/sliding_windows.hpp"

namespace smartmix::dsp {

// How a limiter's gain comes back, as logs of gains (<= 0). Down at once; back with the release time, except:
// - Peaks that come again and again are not let go between. What both of the last two stretches of `hold_s` asked for is
//   kept, so a low tone meets one steady gain instead of one that breathes with its every half wave (that is a limiter's
//   harmonic distortion); a single peak is in one stretch only and is let go of at once.
// - A bed follows sustained limiting (150 ms in, 500 ms out, 70 % of it), so that dense material does not pump.
class LimiterRelease {
public:
    static constexpr double hold_s = 0.016;  // a half wave of 31 Hz (the low B of a bass), a whole one of 62 Hz

    void prepare(double sample_rate) {
        sample_rate_ = sample_rate;
        bed_build_ = decay(0.150);
        bed_decay_ = decay(0.500);
        const int hold = std::max(1, static_cast<int>(std::lround(hold_s * sample_rate)));
        recent_.prepare(hold, 0.0);
        earlier_.prepare(hold, 0.0);
    }

    void clear() noexcept {
        recent_.fill(0.0);
        earlier_.fill(0.0);
        fast_ = bed_ = 0.0;
    }

    void set_release(double seconds) noexcept { fast_decay_ = decay(seconds); }

    // For so many frames a demand can still be heard of after the gain is back at unity.
    int memory_frames() const noexcept { return 2 * static_cast<int>(earlier_.length()); }

    // The gain a frame may have whose own peak asks for `demand`.
    double next(double demand) noexcept {
        const double latest = recent_.push(demand);
        const double recurring = std::max(latest, earlier_.push(latest));
        const bool held = recurring < 0.0 && recurring <= fast_ + alike;
        fast_ = std::min(demand, held ? fast_ : std::min(fast_ * fast_decay_, recurring));
        if (fast_ > settled) fast_ = 0.0;
        bed_ = fast_ + (bed_ - fast_) * (fast_ < bed_ ? bed_build_ : bed_decay_);
        if (fast_ == 0.0 && bed_ > settled) bed_ = 0.0;
        return std::min(fast_, bed_depth * bed_);
    }

private:
    static constexpr double alike = 0.0058;   // 0.05 dB: peaks that differ by less are the same peak coming again
    static constexpr double bed_depth = 0.7;  // share of the sustained reduction that is kept through the gaps
    static constexpr double settled = -1e-5;  // -0.0001 dB: from here the way back to unity is a step nobody hears

    double decay(double seconds) const noexcept { return std::exp(-1.0 / (seconds * sample_rate_)); }

    double sample_rate_ = 48000.0;
    double fast_decay_ = 0.0, bed_build_ = 0.0, bed_decay_ = 0.0;
    double fast_ = 0.0;  // what the last peaks leave
    double bed_ = 0.0;   // what sustained limiting leaves
    SlidingMinimum<double> recent_;
    LateValues<double> earlier_;
};

}  // namespace smartmix::dsp
