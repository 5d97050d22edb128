#pragma once
#include <span>

#include "dsp/ear.hpp"

namespace smartmix::dsp {

// Loudness after Moore, Glasberg & Baer 1997 with the constants of ANSI S3.4-2007. Loudness is diotic: both ears hear the
// same.

inline constexpr double specific_loudness_scale = 2.0 * 0.046871;  // sone per cam, both ears

// Loudness per cam of an excitation in quiet, sone.
double specific_loudness(const EarChannel& channel, double excitation) noexcept;

// Excitation a signal needs to be just heard in a noise.
inline double masked_threshold(const EarChannel& channel, double noise) noexcept {
    return channel.k * noise + channel.threshold;
}

// Loudness per cam that is left of `signal` beside `noise`, sone: at most its specific loudness in quiet, and equal to it
// where there is no noise.
double partial_specific_loudness(const EarChannel& channel, double signal, double noise) noexcept;

// Sum over channels `step_cam` apart.
double loudness_sone(std::span<const EarChannel> channels, double step_cam, std::span<const double> excitation) noexcept;
double partial_loudness_sone(std::span<const EarChannel> channels, double step_cam, std::span<const double> signal,
                             std::span<const double> noise) noexcept;

// Level of the 1 kHz tone as loud as that by this model, and back; 0 to 120 phon, beyond that the last slope.
double phon_of_sone(double sone) noexcept;
double sone_of_phon(double phon) noexcept;

}  // namespace smartmix::dsp
