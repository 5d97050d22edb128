#include "dsp/covering.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix::dsp {
namespace {

// Growth of forward masking at 250 Hz and 4 kHz, tone on tone, dB of threshold per dB of masker: Schairer, Messersmith &
// Jesteadt (2008), table 4, thresholds beside maskers of 50 and 90 dB. Taken as those 10 ms after the masker, where the
// law above has 0.44.
constexpr double low_hz = 250.0, high_hz = 4000.0;
constexpr double low_share = (67.11 - 44.88) / 40.0, high_share = (51.56 - 36.56) / 40.0;

double bark_of_hz(double hz) noexcept {  // Zwicker & Terhardt 1980
    const double high = hz / 7500.0;
    return 13.0 * std::atan(0.00076 * hz) + 3.5 * std::atan(high * high);
}

}  // namespace

double forward_share_at_10_ms(double hz) noexcept {
    const double up = std::log(std::clamp(hz, low_hz, high_hz) / low_hz) / std::log(high_hz / low_hz);
    return low_share + (high_share - low_share) * up;
}

double forward_share(double hz, double ms) noexcept {
    const double left = (forward_reach_log10_ms - std::log10(ms)) / (forward_reach_log10_ms - 1.0);
    return forward_share_at_10_ms(hz) * std::max(left, 0.0);
}

double steady_drop_db(double hz, double k_db) noexcept { return std::max(14.5 + bark_of_hz(hz) + k_db, 0.0); }

}  // namespace smartmix::dsp
