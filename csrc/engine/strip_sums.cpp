#include "engine/strip_sums.hpp"

#include <algorithm>

#include "kernels/sums.hpp"

namespace smartmix {

void StripSums::clear(int frames) noexcept {
    for (StereoTile& sum : sums_) {
        for (Tile& side : sum) std::fill_n(side.begin(), frames, 0.0);
    }
}

void StripSums::add(Strip& strip, const float* left, const float* right, int first, int frames, bool whole) noexcept {
    const float* const sides[2] = {left + first, right + first};
    const Factors stands = stand(strip, frames);
    if (whole && stands.steady()) {
        if (waiting_.count == Waiting::most) finish();
        waiting_.frames = frames;
        for (std::size_t side = 0; side < 2; ++side) {
            waiting_.x[side][waiting_.count] = sides[side];
            waiting_.gains[side][waiting_.count] = stands.at_rest[side];
        }
        ++waiting_.count;
    } else {
        finish();
        add_to(sums_[0], stands, sides, first, frames);
    }
    for (std::size_t k = 0; k < strip.sends.size(); ++k) {
        if (strip.sends[k].silent()) continue;
        add_to(sums_[k + 1], turn_down(strip.sends[k], stands, frames), sides, first, frames);
    }
}

void StripSums::finish() noexcept {
    for (std::size_t side = 0; side < 2 && waiting_.count > 0; ++side) {
        kernels::sum_kernels().add(sums_[0][side].data(), waiting_.x[side], waiting_.gains[side], waiting_.count,
                                   waiting_.frames);
    }
    waiting_.count = 0;
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
StripSums::Factors StripSums::stand(Strip& strip, int frames) noexcept {
    const dsp::PanGains pan = strip.pan.gains();
    if (strip.pan.steady() && strip.fader.steady()) {
        return {{strip.fader.gain() * pan.left, strip.fader.gain() * pan.right}, {nullptr, nullptr}};
    }
    strip.fader.fill(level_.data(), frames);
    if (strip.pan.steady()) return {{pan.left, pan.right}, {level_.data(), level_.data()}};
    strip.pan.fill(standing_[0].data(), standing_[1].data(), frames);
    for (Tile& side : standing_) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) side[i] *= level_[i];
    }
    return {{1.0, 1.0}, {standing_[0].data(), standing_[1].data()}};
}

// (F P) S in this order, as for a strip at rest.
StripSums::Factors StripSums::turn_down(dsp::GainRamp& send, const Factors& stands, int frames) noexcept {
    if (stands.steady() && send.steady()) {
        return {{stands.at_rest[0] * send.gain(), stands.at_rest[1] * send.gain()}, {nullptr, nullptr}};
    }
    send.fill(sent_[1].data(), frames);
    if (stands.steady()) return {{stands.at_rest[0], stands.at_rest[1]}, {sent_[1].data(), sent_[1].data()}};
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const double level = sent_[1][i];
        sent_[0][i] = stands.moving[0][i] * stands.at_rest[0] * level;
        sent_[1][i] = stands.moving[1][i] * stands.at_rest[1] * level;
    }
    return {{1.0, 1.0}, {sent_[0].data(), sent_[1].data()}};
}

void StripSums::add_to(StereoTile& sum, const Factors& factors, const float* const* sides, int first,
                       int frames) noexcept {
    const kernels::SumKernels& kernel = kernels::sum_kernels();
    for (std::size_t side = 0; side < 2; ++side) {
        double* to = sum[side].data() + first;
        if (factors.steady()) {
            kernel.add(to, &sides[side], &factors.at_rest[side], 1, frames);
        } else {
            kernel.add_ramp(to, sides[side], factors.moving[side], factors.at_rest[side], frames);
        }
    }
}

}  // namespace smartmix
