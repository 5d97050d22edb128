#pragma once
#include <algorithm>
#include <array>
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
    static constexpr int most_frames = 256;
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
    int memory_frames() const noexcept { return 2 * earlier_.length(); }

    // In place: what the peaks of `frames` frames (at most most_frames) ask for becomes the gain that each may have.
    void run(double* logs, int frames) noexcept {
        std::array<double, most_frames> recurring, earlier;
        recent_.run(logs, recurring.data(), frames);
        earlier_.run(recurring.data(), earlier.data(), frames);
        double fast = fast_, bed = bed_;
        const double fast_decay = fast_decay_, bed_build = bed_build_, bed_decay = bed_decay_;
        for (int i = 0; i < frames; ++i) {
            const auto at = static_cast<std::size_t>(i);
            const double again = std::max(recurring[at], earlier[at]);
            const bool held = again < 0.0 && again <= fast + alike;
            const double let_go = std::min(fast * fast_decay, again);
            fast = std::min(logs[i], held ? fast : let_go);
            fast = fast > settled ? 0.0 : fast;
            bed = fast + (bed - fast) * (fast < bed ? bed_build : bed_decay);
            bed = fast == 0.0 && bed > settled ? 0.0 : bed;
            logs[i] = std::min(fast, bed_depth * bed);
        }
        fast_ = fast;
        bed_ = bed;
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
    SlidingMinimum recent_;
    LateValues earlier_;
};

}  // namespace smartmix::dsp
