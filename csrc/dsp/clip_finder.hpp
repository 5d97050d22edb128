#pragma once

namespace smartmix::dsp {

// Where a recorder or a plugin ran into its limit.
struct ClipLevels {
    double up = 0.0;  // amplitude of the limit on the positive side; 0: none
    double down = 0.0;
};

inline constexpr double flat_share = 1e-4;  // of the level: samples this near to one another are one flat top

// The limits that the flat tops in frames first .. end of x speak of: three or more samples on one level, with a slope on both
// sides that would have gone on beyond it. Rounded tops of low notes, which are flat too, have no such slope; neither
// have square waves.
ClipLevels find_clip_levels(const double* x, int first, int end) noexcept;

// Writes the positions in first .. end at or beyond the limits to `at`: their number, at most `most`. Runs longer than
// `longest` are left out: nothing could be said about them.
int clipped_frames(const double* x, int first, int end, const ClipLevels& levels, int longest, int* at, int most) noexcept;

}  // namespace smartmix::dsp
