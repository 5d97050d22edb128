#include "dsp/clip_finder.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix::dsp {
namespace {

constexpr int least_run = 3;
constexpr double quietest = 0.03;       // -30 dBFS: nobody clips there, but fades and gates make flat ends
constexpr double least_overshoot = 5e-4;  // of the level, by which both slopes would go beyond it

bool beyond(double x, const ClipLevels& levels) noexcept {
    const double level = x > 0.0 ? levels.up : levels.down;
    return level > 0.0 && std::fabs(x) >= level * (1.0 - flat_share);
}

// Frames first .. end are flat: whether the signal came up to them and leaves them with a slope that was cut off.
bool cut_off(const double* x, int first, int end) noexcept {
    const double side = x[first] < 0.0 ? -1.0 : 1.0;
    const double level = std::fabs(x[first]);
    const double coming = side * (2.0 * x[first - 1] - x[first - 2]);
    const double going = side * (2.0 * x[end] - x[end + 1]);
    const double beyond = level * (1.0 + least_overshoot);
    return coming > beyond && going > beyond && side * x[first - 1] < level && side * x[end] < level;
}

}  // namespace

ClipLevels find_clip_levels(const double* x, int first, int end) noexcept {
    ClipLevels levels;
    for (int i = first; i < end;) {
        const double level = std::fabs(x[i]);
        int run = i + 1;
        if (level >= quietest) {
            while (run < end && std::fabs(x[run] - x[i]) <= flat_share * level) ++run;
            if (run - i >= least_run && cut_off(x, i, run)) {
                double& known = x[i] > 0.0 ? levels.up : levels.down;
                known = std::max(known, level);
            }
        }
        i = run;
    }
    return levels;
}

int clipped_frames(const double* x, int first, int end, const ClipLevels& levels, int longest, int* at, int most) noexcept {
    int count = 0;
    for (int i = first; i < end;) {
        int run = i;
        while (run < end && beyond(x[run], levels) && (x[run] > 0.0) == (x[i] > 0.0)) ++run;
        if (run > i && run - i <= longest) {
            for (int k = i; k < run && count < most; ++k) at[count++] = k;
        }
        i = std::max(run, i + 1);
    }
    return count;
}

}  // namespace smartmix::dsp
