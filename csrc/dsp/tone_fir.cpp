#include "dsp/tone_fir.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "dsp/tone_listener.hpp"

namespace smartmix::dsp {
namespace {

constexpr float log_of_db = 0.11512925464970229F;  // ln(10) / 20

// Twice as many frequencies as taps: beyond that the cepstrum of a curve smoothed to a third of an octave has died away.
int grid_for(double sample_rate, TonePhase phase) noexcept {
    const int taps = ToneFir::taps_for(sample_rate, phase);
    return phase == TonePhase::linear ? taps : std::min(2 * taps, RealFft::largest);
}

}  // namespace

// As long as a frame of the recipe, which is what the curve can know; a symmetric one twice that.
int ToneFir::taps_for(double sample_rate, TonePhase phase) noexcept {
    const int frame = tone_frame(sample_rate);
    return phase == TonePhase::linear ? std::min(2 * frame, RealFft::largest) : std::min(frame, RealFft::largest / 2);
}

ToneFir::ToneFir(double sample_rate, TonePhase phase)
    : sample_rate_(sample_rate), phase_(phase),
      fir_(taps_for(sample_rate, phase), grid_for(sample_rate, phase)), places_(static_cast<std::size_t>(fir_.bins())),
      magnitude_(places_.size()), taps_(static_cast<std::size_t>(fir_.taps())) {
    const double bin_hz = 0.5 * sample_rate / (fir_.bins() - 1);
    for (std::size_t k = 1; k < places_.size(); ++k) {
        const double octaves = std::log2(static_cast<double>(k) * bin_hz / 1000.0);
        const double place = octaves * tone_points_per_octave + tone_point_of_1khz;
        if (place < 0.0 || place >= tone_points - 1) continue;
        places_[k] = {static_cast<int>(place), static_cast<float>(place - std::floor(place))};
    }
}

void ToneFir::read(int first, int end, const ToneRow& curve_db) noexcept {
    for (auto k = static_cast<std::size_t>(first); k < static_cast<std::size_t>(end); ++k) {
        const Place place = places_[k];
        float db = 0.0F;
        if (place.point != nowhere) {
            const auto low = static_cast<float>(curve_db[static_cast<std::size_t>(place.point)]);
            const auto high = static_cast<float>(curve_db[static_cast<std::size_t>(place.point) + 1]);
            db = low + place.part * (high - low);
        }
        magnitude_[k] = phase_ == TonePhase::linear ? std::exp(log_of_db * db) : log_of_db * db;
    }
}

void ToneFir::step(int step, const ToneRow& curve_db) noexcept {
    if (step < reading_steps) {
        const int part = (fir_.bins() + reading_steps - 1) / reading_steps;
        return read(step * part, std::min((step + 1) * part, fir_.bins()), curve_db);
    }
    if (phase_ == TonePhase::linear) return fir_.linear_phase(magnitude_.data(), taps_.data());
    fir_.minimum_phase_step(step - reading_steps, magnitude_.data(), taps_.data());
}

void ToneFir::design(const ToneRow& curve_db) noexcept {
    for (int i = 0; i < steps(); ++i) step(i, curve_db);
}

double ToneFir::response_db(double hz) const noexcept {
    const double angle = -2.0 * std::numbers::pi * std::min(hz / sample_rate_, 0.5);
    std::complex<double> sum = 0.0;
    for (std::size_t i = 0; i < taps_.size(); ++i) {
        sum += static_cast<double>(taps_[i]) * std::polar(1.0, angle * static_cast<double>(i));
    }
    return 20.0 * std::log10(std::abs(sum));
}

}  // namespace smartmix::dsp
