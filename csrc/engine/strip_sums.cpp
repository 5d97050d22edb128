#include "engine/strip_sums.hpp"

#include <algorithm>

#include "kernels/sections.hpp"

namespace smartmix {

void StripSums::clear(int frames) noexcept {
    for (StereoTile& sum : sums_) {
        for (Tile& side : sum) std::fill_n(side.begin(), frames, 0.0);
    }
}

void StripSums::add(Strip& strip, const float* left, const float* right, int first, int frames) noexcept {
    const float* const sides[2] = {left + first, right + first};
    stand(strip, frames);
    add_to(sums_[0], stands_, sides, first, frames);
    for (std::size_t k = 0; k < strip.sends.size(); ++k) {
        if (strip.sends[k].silent()) continue;
        turn_down(strip.sends[k], frames);
        add_to(sums_[k + 1], sent_, sides, first, frames);
    }
}

void StripSums::write(const StripOutput& output, int done, int frames) const noexcept {
    for (std::size_t row = 0; row < 2 * sums_.size(); ++row) {
        const double* side = sums_[row / 2][row % 2].data();
        if (output.exact) std::copy_n(side, frames, output.exact[row] + done);
        if (!output.rounded) continue;
        float* rounded = output.rounded[row] + done;
        for (int i = 0; i < frames; ++i) rounded[i] = static_cast<float>(side[i]);
    }
}

// Fader and pan.
void StripSums::stand(Strip& strip, int frames) noexcept {
    stands_.steady = strip.fader.steady() && strip.pan.steady();
    if (stands_.steady) {
        const dsp::PanGains pan = strip.pan.gains();
        stands_.at_rest[0] = strip.fader.gain() * pan.left;
        stands_.at_rest[1] = strip.fader.gain() * pan.right;
        return;
    }
    strip.fader.fill(level_.data(), frames);
    if (strip.pan.steady()) {
        const dsp::PanGains pan = strip.pan.gains();
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
            stands_.moving[0][i] = level_[i] * pan.left;
            stands_.moving[1][i] = level_[i] * pan.right;
        }
        return;
    }
    strip.pan.fill(stands_.moving[0].data(), stands_.moving[1].data(), frames);
    for (Tile& side : stands_.moving) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) side[i] *= level_[i];
    }
}

void StripSums::turn_down(dsp::GainRamp& send, int frames) noexcept {
    sent_.steady = stands_.steady && send.steady();
    if (sent_.steady) {
        for (std::size_t side = 0; side < 2; ++side) sent_.at_rest[side] = stands_.at_rest[side] * send.gain();
        return;
    }
    send.fill(level_.data(), frames);
    for (std::size_t side = 0; side < 2; ++side) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
            sent_.moving[side][i] = (stands_.steady ? stands_.at_rest[side] : stands_.moving[side][i]) * level_[i];
        }
    }
}

void StripSums::add_to(StereoTile& sum, const Factors& factors, const float* const* sides, int first,
                       int frames) noexcept {
    const kernels::SectionKernels& kernel = kernels::section_kernels();
    for (std::size_t side = 0; side < 2; ++side) {
        if (factors.steady) {
            kernel.add(sum[side].data() + first, sides[side], factors.at_rest[side], frames);
        } else {
            kernel.add_ramp(sum[side].data() + first, sides[side], factors.moving[side].data(), frames);
        }
    }
}

}  // namespace smartmix
