#include "processors/gain.hpp"

#include <array>
#include <cmath>

namespace smartmix {

Gain::Gain() : Processor({{"gain_db", "Gain", "dB", dsp::silence_db, 24.0, 0.0, Scale::db, {}}}) {}

double Gain::response_db(double) const { return 20.0 * std::log10(gain_.gain()); }

void Gain::on_prepare(const PrepareSpec&) {}

void Gain::on_reset() noexcept {}

void Gain::on_parameter(int, double value, int ramp_frames) noexcept { gain_.move(value, ramp_frames); }

void Gain::on_process(BlockView io) noexcept {
    std::array<float, 256> gains;
    int done = 0;
    while (done < io.frames && !gain_.steady()) {
        const int frames = std::min(io.frames - done, static_cast<int>(gains.size()));
        gain_.fill(gains.data(), frames);
        for (int c = 0; c < io.channel_count; ++c) {
            float* x = io.channels[c] + done;
            for (int i = 0; i < frames; ++i) x[i] *= gains[static_cast<std::size_t>(i)];
        }
        done += frames;
    }
    if (gain_.unity()) return;  // not even multiplied: the samples stay as they are, bit for bit
    const auto gain = static_cast<float>(gain_.gain());
    for (int c = 0; c < io.channel_count; ++c) {
        float* x = io.channels[c];
        for (int i = done; i < io.frames; ++i) x[i] *= gain;
    }
}

}  // namespace smartmix
