#pragma once
#include <span>
#include <vector>

#include "dsp/ear.hpp"

namespace smartmix::dsp {

// Steady sounds as lists of components: `hz` of each (above 0) and for every sound its powers, 10^(dB SPL / 10), 0 where it
// has none.
struct Spectra {
    std::span<const double> hz;
    std::span<const double> powers;  // sound after sound, hz.size() each
    std::size_t sounds() const { return hz.empty() ? 0 : powers.size() / hz.size(); }
};

// Response of a roex filter of slope p to a component a share `g` of the centre frequency away, a power ratio.
double roex(double p, double g) noexcept;

// Slope below the centre of a filter with `slope` at both sides, for a component of `level_db` per ERB.
double lower_slope(double slope, double level_db) noexcept;

// Level per ERB around each component, dB, of powers at the cochlea.
std::vector<double> levels_per_erb_db(std::span<const double> hz, std::span<const double> powers);

// Excitation of each channel by each sound, sound after sound. The filters take the shape that the sum of all sounds gives
// them, so the excitations of sounds heard together add up to that of their sum.
std::vector<double> excitation_patterns(std::span<const EarChannel> channels, const Spectra& spectra);

}  // namespace smartmix::dsp
