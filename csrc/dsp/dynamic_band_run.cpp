#include <algorithm>
#include <array>
#include <cmath>

#include "dsp/dynamic_band.hpp"

namespace smartmix::dsp {
namespace {

using Four = BandFilter::Four;

// `each` with the count as a constant.
template <class Each>
void with_count(std::size_t count, const Each& each) noexcept {
    switch (count) {
        case 1: each.template operator()<1>(); break;
        case 2: each.template operator()<2>(); break;
        case 3: each.template operator()<3>(); break;
        case 4: each.template operator()<4>(); break;
        default: break;
    }
}

}  // namespace

// At rest and under the knee there is nothing to work out.
bool DynamicBand::want(int frames) noexcept {
    still_ = share_now() == 0.0 && largest_of(movements_.data(), frames) < quiet_power_;
    if (!still_) kernels::dynamics_kernels().want(curve_, movements_.data(), frames);
    return !still_;
}

void DynamicBand::read(int frames) noexcept {
    const auto size_db = static_cast<float>(std::fabs(range_db()));
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) movements_[i] *= size_db;
}

// A frame of the way is known from its number alone.
void DynamicBand::lay_way(int frames) noexcept {
    const auto lay = [&](std::array<float, cell_frames>& values, double from, double to) {
        const auto start = static_cast<float>(from);
        const auto step = static_cast<float>((to - from) / glide_.frames);
        for (int i = 0; i < frames; ++i) {
            values[static_cast<std::size_t>(i)] = start + step * static_cast<float>(cell_done_ + i);
        }
    };
    lay(way_.g, glide_.from.g, glide_.to.g);
    lay(way_.gk, glide_.from.k, glide_.to.k);
    lay(way_.m0, glide_.from.m0, glide_.to.m0);
    lay(way_.m1, glide_.from.m1, glide_.to.m1);
    lay(way_.m2, glide_.from.m2, glide_.to.m2);
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        way_.gk[i] += way_.g[i];
        way_.a2[i] = way_.g[i] / (1.0F + way_.g[i] * way_.gk[i]);
    }
}

void DynamicBand::filter(std::span<DynamicBand* const> bands, BlockView io, int first, int frames) noexcept {
    for (DynamicBand* band : bands) band->lay_way(frames);
    std::array<float, cell_frames> nowhere{};  // for the channel that an odd one lacks
    for (int c = 0; c < io.channel_count; c += 2) {
        float* left = io.channels[c] + first;
        float* right = c + 1 < io.channel_count ? io.channels[c + 1] + first : nowhere.data();
        with_count(bands.size(), [&]<int Count>() {
            run<Count>(bands.data(), static_cast<std::size_t>(c / 2), left, right, frames);
        });
    }
}

template <int Count>
void DynamicBand::run(DynamicBand* const* bands, std::size_t pair, float* left, float* right, int frames) noexcept {
    std::array<BandFilter, Count> memory;
    std::array<const Way*, Count> ways;
    for (std::size_t b = 0; b < Count; ++b) {
        memory[b] = bands[b]->memory_[pair];
        ways[b] = &bands[b]->way_;
    }
    const auto all = [](float value) { return Four{} + value; };
    for (int i = 0; i < frames; ++i) {
        const auto at = static_cast<std::size_t>(i);
        Four x = {left[i], right[i], 0.0F, 0.0F};
#pragma GCC unroll 4
        for (std::size_t b = 0; b < Count; ++b) {
            const Way& w = *ways[b];
            BandFilter& m = memory[b];
            x = svf_tick(x, all(w.g[at]), all(w.gk[at]), all(w.a2[at]), all(w.m0[at]), all(w.m1[at]), all(w.m2[at]),
                         m.s1, m.c1, m.s2, m.c2);
        }
        left[i] = x[0], right[i] = x[1];
    }
    for (std::size_t b = 0; b < Count; ++b) bands[b]->memory_[pair] = memory[b];
}

}  // namespace smartmix::dsp
