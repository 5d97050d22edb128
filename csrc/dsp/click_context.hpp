#pragma once
#include <array>

namespace smartmix::dsp {

// How large the prediction error around a moment is, click or not: one number per half millisecond, the largest in it.
inline constexpr int context_bins = 80;  // 40 ms on either side
using ContextBins = std::array<double, 2 * context_bins + 1>;

// What the sound around the middle bin already does, its own `core` bins on both sides left out: the largest of
// - the size that is passed more than `expected_peaks` times before it or after it (an attack, noise, a rattle);
// - the size that comes back at equal distances: before and after, twice after, or twice before (the pulses of a voice, a saw
//   or a brass instrument, which a plain threshold takes for clicks). What was repaired counts here as it was `heard`, as many
//   bins: else the first pulse of a row that is taken for a click would take the witness away from the next.
double usual_error(const ContextBins& errors, const double* heard, int core, int expected_peaks) noexcept;

}  // namespace smartmix::dsp
