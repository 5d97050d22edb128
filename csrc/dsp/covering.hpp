#pragma once

namespace smartmix::dsp {

// How much a sound covers others, beyond what its excitation says at this moment.
//
// Forward masking. Some time after a masker has ended it raises thresholds by a share of its own level (both in dB over the
// threshold in quiet) that falls with the logarithm of the time, and to nothing after 179 ms (Jesteadt, Bacon & Lehman 1982:
// M = a (b - log10 ms) L). Low frequencies recover more slowly.
inline constexpr double forward_reach_log10_ms = 2.252;

// Share of its level that a masker raises thresholds by 10 ms after its end.
double forward_share_at_10_ms(double hz) noexcept;

// ... after `ms`.
double forward_share(double hz, double ms) noexcept;

// Steadiness. A noise hides what it hides by its own fluctuation; beside a sound that does not fluctuate within an auditory
// filter (a tone, a chord held on an organ) much fainter sounds are heard, be they tones (which beat) or noises. How many dB
// less such a sound covers than noise of the same excitation: a tone as a masker lets through what is 14.5 + z dB under it,
// z in bark (Hellman 1972, as Johnston 1988 has it).
double steady_drop_db(double hz, double k_db) noexcept;

}  // namespace smartmix::dsp
