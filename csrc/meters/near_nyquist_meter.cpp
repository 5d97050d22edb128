#include "meters/near_nyquist_meter.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "core/denormals.hpp"

namespace smartmix {
namespace {

struct Section {
    double b0, b1, b2, a1, a2;
};

// scipy.signal.ellip(6, 0.1, 60, 0.94, "high", output="sos"); tests/standards/test_true_peak_error.py compares the response.
constexpr Section filter[NearNyquistMeter::sections] = {
    {0.0011160083471024823, 0.00133590049615753, 0.0011160083471024823, 1.8216855001039067, 0.8331620116654896},
    {1.0, 1.8543225632264502, 1.0000000000000002, 1.873401684739257, 0.8999159078599099},
    {1.0, 1.9116093926220268, 0.9999999999999999, 1.9310944515072843, 0.969454039331838},
};

}  // namespace

NearNyquistMeter::NearNyquistMeter(int channels) : channel_count_(channels) {
    if (channels < 1 || channels > max_channels) {
        throw std::invalid_argument(std::to_string(channels) + " channels: expected 1 to 8");
    }
}

void NearNyquistMeter::process(const float* const* channels, std::int64_t frames) noexcept {
    const DenormalGuard no_denormals;
    for (int c = 0; c < channel_count_; ++c) {
        Memory m = memories_[static_cast<std::size_t>(c)];
        const float* x = channels[c];
        double peak = peak_;
        for (std::int64_t i = 0; i < frames; ++i) {
            double value = std::isfinite(x[i]) ? static_cast<double>(x[i]) : 0.0;
            for (int k = 0; k < sections; ++k) {
                const Section& f = filter[k];
                const double y = f.b0 * value + m.s1[k];
                m.s1[k] = f.b1 * value - f.a1 * y + m.s2[k];
                m.s2[k] = f.b2 * value - f.a2 * y;
                value = y;
            }
            peak = std::max(peak, std::fabs(value));
        }
        memories_[static_cast<std::size_t>(c)] = m;
        peak_ = peak;
    }
}

}  // namespace smartmix
