#pragma once
#include <span>

#include "dsp/svf_design.hpp"

namespace smartmix::dsp {

// How long filters ring. All processors mean the same by a tail: the frames until what full scale has left behind has fallen
// below -120 dB.
inline constexpr double tail_floor = 1e-6;
// Rooms and echoes are over a little earlier, at -90 dB: the last 30 dB of a long hall are seconds of nothing.
inline constexpr double echo_floor = 3.16e-5;

// Natural logarithm per frame by which the slowest pole of a section decays; > 0.
double decay_per_frame(const SvfCoefficients& section) noexcept;

// Frames until exp(-decay t) times `size` has fallen below the floor, where `alike` such decays follow one another:
// they grow like a polynomial before they fall.
double frames_to_floor(double decay, double size, int alike) noexcept;

// Of sections in series, from their poles and their peak gains: never shorter than the sound.
int ring_frames(std::span<const SvfCoefficients> sections) noexcept;
inline int ring_frames(const SvfCoefficients& section) noexcept { return ring_frames({&section, 1}); }

}  // namespace smartmix::dsp
