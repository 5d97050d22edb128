#include "dsp/loudness_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "dsp/excitation.hpp"

namespace smartmix::dsp {
namespace {

constexpr double loud_excitation = 1e10;  // from here up the cochlea compresses alike at all places

// The compressive function without its scale.
double compressed(const EarChannel& channel, double excitation) noexcept {
    if (excitation > loud_excitation) return std::pow(excitation / 1.0707, 0.2);
    return std::pow(channel.gain * excitation + channel.a, channel.alpha) - std::pow(channel.a, channel.alpha);
}

double below_threshold(double signal, double threshold) noexcept {
    return std::pow(2.0 * signal / (signal + threshold), 1.5);
}

constexpr int phon_steps = 121;  // 0 to 120 phon

struct PhonTable {
    std::array<double, phon_steps> log_sone{};
};

PhonTable make_phon_table() {
    const std::vector<EarChannel> channels = design_ear_channels(standard_first_cam, standard_step_cam, standard_channels);
    PhonTable table;
    const std::array<double, 1> hz = {1000.0};
    for (int phon = 0; phon < phon_steps; ++phon) {
        const std::array<double, 1> power = {std::pow(10.0, 0.1 * phon)};
        const std::vector<double> excitation = excitation_patterns(channels, {hz, power});
        table.log_sone[static_cast<std::size_t>(phon)] = std::log(loudness_sone(channels, standard_step_cam, excitation));
    }
    return table;
}

const PhonTable& phon_table() {
    static const PhonTable table = make_phon_table();
    return table;
}

}  // namespace

double specific_loudness(const EarChannel& channel, double excitation) noexcept {
    if (!(excitation > 0.0)) return 0.0;
    const double low = excitation < channel.threshold ? below_threshold(excitation, channel.threshold) : 1.0;
    return specific_loudness_scale * low * compressed(channel, excitation);
}

double partial_specific_loudness(const EarChannel& channel, double signal, double noise) noexcept {
    if (!(signal > 0.0)) return 0.0;
    if (!(noise > 0.0)) return specific_loudness(channel, signal);
    const double threshold = masked_threshold(channel, noise);
    const double both = compressed(channel, signal + noise);
    const double at_threshold = compressed(channel, noise + threshold);
    const double in_quiet = compressed(channel, channel.threshold);
    double left = 0.0;
    if (signal >= threshold) {
        left = both - (at_threshold - in_quiet) * std::pow(threshold / signal, 0.3);
    } else {
        const double masker = compressed(channel, noise);
        left = below_threshold(signal, threshold) * in_quiet * (both - masker) / (at_threshold - masker);
    }
    return std::clamp(specific_loudness_scale * left, 0.0, specific_loudness(channel, signal));
}

double loudness_sone(std::span<const EarChannel> channels, double step_cam, std::span<const double> excitation) noexcept {
    double sum = 0.0;
    for (std::size_t c = 0; c < channels.size(); ++c) sum += specific_loudness(channels[c], excitation[c]);
    return sum * step_cam;
}

double partial_loudness_sone(std::span<const EarChannel> channels, double step_cam, std::span<const double> signal,
                             std::span<const double> noise) noexcept {
    double sum = 0.0;
    for (std::size_t c = 0; c < channels.size(); ++c) sum += partial_specific_loudness(channels[c], signal[c], noise[c]);
    return sum * step_cam;
}

double phon_of_sone(double sone) noexcept {
    const auto& steps = phon_table().log_sone;
    const double wanted = std::log(std::max(sone, 1e-30));
    if (wanted <= steps.front()) return 0.0;
    const auto above = std::min<std::size_t>(
        static_cast<std::size_t>(std::upper_bound(steps.begin(), steps.end(), wanted) - steps.begin()), phon_steps - 1);
    const double from = steps[above - 1];
    return static_cast<double>(above - 1) + (wanted - from) / (steps[above] - from);
}

double sone_of_phon(double phon) noexcept {
    const auto& steps = phon_table().log_sone;
    const double at = std::max(phon, 0.0);
    const auto below = std::min<std::size_t>(static_cast<std::size_t>(at), phon_steps - 2);
    return std::exp(steps[below] + (at - static_cast<double>(below)) * (steps[below + 1] - steps[below]));
}

}  // namespace smartmix::dsp
