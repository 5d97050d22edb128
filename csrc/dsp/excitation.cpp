#include "dsp/excitation.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix::dsp {
namespace {

// Lest a filter turn round at levels nobody survives.
constexpr double least_slope_share = 0.05;

}  // namespace

double roex(double p, double g) noexcept {
    const double x = p * std::abs(g);
    return (1.0 + x) * std::exp(-x);
}

double lower_slope(double slope, double level_db) noexcept {
    static const double at_1_khz = roex_slope(1000.0);
    return slope * std::max(1.0 - 0.35 / at_1_khz * (level_db - 51.0), least_slope_share);
}

std::vector<double> levels_per_erb_db(std::span<const double> hz, std::span<const double> powers) {
    std::vector<double> levels(hz.size());
    for (std::size_t i = 0; i < hz.size(); ++i) {
        const double p = roex_slope(hz[i]);
        double sum = 0.0;
        for (std::size_t j = 0; j < hz.size(); ++j) sum += roex(p, hz[j] / hz[i] - 1.0) * powers[j];
        levels[i] = 10.0 * std::log10(std::max(sum, 1e-30));
    }
    return levels;
}

std::vector<double> excitation_patterns(std::span<const EarChannel> channels, const Spectra& spectra) {
    const std::size_t components = spectra.hz.size(), sounds = spectra.sounds();
    std::vector<double> at_cochlea(spectra.powers.begin(), spectra.powers.end());
    std::vector<double> total(components, 0.0);
    for (std::size_t i = 0; i < components; ++i) {
        const double ear = std::pow(10.0, 0.1 * field_to_cochlea_db(spectra.hz[i]));
        for (std::size_t s = 0; s < sounds; ++s) total[i] += at_cochlea[s * components + i] *= ear;
    }
    const std::vector<double> levels = levels_per_erb_db(spectra.hz, total);
    std::vector<double> excitations(sounds * channels.size(), 0.0);
    for (std::size_t c = 0; c < channels.size(); ++c) {
        const EarChannel& channel = channels[c];
        for (std::size_t i = 0; i < components; ++i) {
            const double g = spectra.hz[i] / channel.hz - 1.0;
            const double weight = roex(g < 0.0 ? lower_slope(channel.slope, levels[i]) : channel.slope, g);
            for (std::size_t s = 0; s < sounds; ++s) {
                excitations[s * channels.size() + c] += weight * at_cochlea[s * components + i];
            }
        }
    }
    return excitations;
}

}  // namespace smartmix::dsp
