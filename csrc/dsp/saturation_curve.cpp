#include "dsp/saturation_curve.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix::dsp {
namespace {

constexpr double tube_bias = 0.4;
constexpr double programme_rms = 0.12589254117941673;  // -18 dBFS
constexpr int nodes = 40;                              // on either side, to five times the RMS
constexpr double reach = 5.0;
// K-weighted loudness of distortion made of pink noise, against that of pink noise of the same power: measured, 1.3 to 1.5
// where there is enough of it to matter.
constexpr double distortion_weight = 1.4;

}  // namespace

double drive_factor(double drive_db) noexcept { return drive_db <= 0.0 ? 0.0 : std::pow(10.0, drive_db / 20.0) - 1.0; }

double curve_bias(Character character) noexcept { return character == Character::tube ? tube_bias : 0.0; }

double saturation_curve(Character character, double drive, double x) noexcept {
    if (drive <= 0.0) return x;
    if (character == Character::clip) {
        const double v = std::clamp(drive * x, -1.5, 1.5);
        return (v - 4.0 / 27.0 * v * v * v) / drive;
    }
    const double bias = curve_bias(character);
    const double s0 = std::sqrt(1.0 + bias * bias);
    const double w = drive * x + bias;
    return s0 * s0 * s0 * (w / std::sqrt(1.0 + w * w) - bias / s0) / drive;
}

ProgrammeResponse programme_response(Character character, double drive) noexcept {
    if (drive <= 0.0) return {};
    double weights = 0.0, sum = 0.0, squares = 0.0, products = 0.0, before = 0.0;
    for (int n = -nodes; n <= nodes; ++n) {
        const double deviations = reach * n / nodes;
        const double weight = std::exp(-0.5 * deviations * deviations);
        const double x = programme_rms * deviations;
        const double y = saturation_curve(character, drive, x);
        weights += weight;
        sum += weight * y;
        squares += weight * y * y;
        products += weight * x * y;
        before += weight * x * x;
    }
    const double kept = products / before;
    const double distortion = (squares - sum * sum / weights) / before - kept * kept;
    return {kept, 1.0 / std::sqrt(kept * kept + distortion_weight * distortion)};
}

}  // namespace smartmix::dsp
