#include "dsp/width.hpp"

#include <array>
#include <cmath>
#include <numbers>

#include "dsp/ringing.hpp"

namespace smartmix::dsp {
namespace {

constexpr double fade_in_hz = 30.0;
constexpr double butterworth_k = std::numbers::sqrt2;

}  // namespace

int Width::tail_frames(double corner_hz) const noexcept {
    if (corner_hz <= mono_off_hz) return 0;
    return ring_frames(design_high_pass(sample_rate_, corner_hz, 1.0 / butterworth_k));
}

Width::Corner Width::corner_at(int frames_ahead) const noexcept {
    const double hz = corner_.value_after(frames_ahead);
    const double share = std::log(hz / mono_off_hz) / std::log(fade_in_hz / mono_off_hz);
    return {std::tan(std::numbers::pi * std::min(hz / sample_rate_, 0.49)), std::clamp(share, 0.0, 1.0)};
}

// A cell of a moving corner is straight in g; cells are counted from the start of the ramp.
int Width::begin_cell(int frames) noexcept {
    if (!corner_.moving()) {
        now_ = corner_at(0);
        step_ = {};
        return frames;
    }
    const int in_cell = corner_.frames_done() % cell_frames;
    const int run = std::min({frames, cell_frames - in_cell, corner_.frames_left()});
    if (in_cell == 0) {
        const int length = std::min(cell_frames, corner_.frames_left());
        now_ = corner_at(0);
        const Corner then = corner_at(length);
        step_ = {(then.g - now_.g) / length, (then.share - now_.share) / length};
    }
    return run;
}

inline double Width::high_passed(double side, double g) noexcept {
    const double gk = g + butterworth_k;
    return svf_tick(side, g, gk, g / (1.0 + g * gk), 1.0, -butterworth_k, -1.0, s1_, c1_, s2_, c2_);
}

template <class T>
void Width::run(T* left, T* right, int frames) noexcept {
    std::array<double, 256> gains;
    for (int done = 0; done < frames;) {
        if (neutral()) {
            clear();  // the high pass begins anew when it is wanted again
            return;
        }
        const bool filtered = filtering();
        int piece = std::min(frames - done, static_cast<int>(gains.size()));
        if (!side_.steady()) piece = std::min(piece, side_.frames_left());  // what is behind the ramp may be neutral
        if (filtered) {
            piece = begin_cell(piece);
        } else {
            clear();
        }
        side_.fill(gains.data(), piece);
        for (int i = 0; i < piece; ++i) {
            T &l = left[done + i], &r = right[done + i];
            const double side = 0.5 * (static_cast<double>(l) - static_cast<double>(r));
            double wanted = side;
            if (filtered) {
                wanted += now_.share * (high_passed(side, now_.g) - side);
                now_.g += step_.g;
                now_.share += step_.share;
            }
            const double more = gains[static_cast<std::size_t>(i)] * wanted - side;
            l = static_cast<T>(static_cast<double>(l) + more);
            r = static_cast<T>(static_cast<double>(r) - more);
        }
        if (filtered) corner_.advance(piece);
        done += piece;
    }
}

template void Width::run<float>(float*, float*, int) noexcept;
template void Width::run<double>(double*, double*, int) noexcept;

}  // namespace smartmix::dsp
