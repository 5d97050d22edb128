#include "processors/pan.hpp"

#include <array>

namespace smartmix {

Pan::Pan() : Processor({{"pan", "Pan", "", -1.0, 1.0, 0.0, Scale::linear, {}}}) {}

void Pan::on_prepare(const PrepareSpec& spec) {
    if (spec.channels != 2) {
        throw std::invalid_argument("pan is the balance of a stereo pair: expected 2 channels, got " +
                                    std::to_string(spec.channels));
    }
}

void Pan::on_reset() noexcept {}

void Pan::on_parameter(int, double value, int ramp_frames) noexcept { pan_.move(value, ramp_frames); }

void Pan::on_process(BlockView io) noexcept {
    std::array<std::array<float, 256>, 2> gains;
    int done = 0;
    while (done < io.frames && !pan_.steady()) {
        const int frames = std::min(io.frames - done, static_cast<int>(gains[0].size()));
        pan_.fill(gains[0].data(), gains[1].data(), frames);
        for (int c = 0; c < 2; ++c) {
            float* x = io.channels[c] + done;
            const float* gain = gains[static_cast<std::size_t>(c)].data();
            for (int i = 0; i < frames; ++i) x[i] *= gain[i];
        }
        done += frames;
    }
    if (pan_.centred()) return;  // not even multiplied: the samples stay as they are, bit for bit
    const float side[2] = {static_cast<float>(pan_.gains().left), static_cast<float>(pan_.gains().right)};
    for (int c = 0; c < 2; ++c) {
        float* x = io.channels[c];
        for (int i = done; i < io.frames; ++i) x[i] *= side[c];
    }
}

}  // namespace smartmix
