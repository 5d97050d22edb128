#include <algorithm>
#include <array>
#include <cmath>

#include "dsp/dynamic_band.hpp"
#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

using Two = BandListener::Two;
using Four = BandFilter::Four;

// What one band listens with.
struct Ear {
    BandListener at;
    double g, gk, a2, m0, m1, m2, shift, keep, take;

    Ear() = default;
    Ear(const BandHearing& h, const BandListener& listener) noexcept
        : at(listener),
          g(h.filter.g),
          gk(h.filter.g + h.filter.k),
          a2(g / (1.0 + g * gk)),
          m0(h.filter.m0),
          m1(h.filter.m1),
          m2(h.filter.m2),
          shift(h.shift),
          keep(h.keep),
          take(1.0 - h.keep) {}

    // dsp/svf.hpp's section without its care for the last bits: a level is read here.
    Two hear(Two x) noexcept {
        const Two d1 = a2 * ((x - at.s2) - gk * at.s1);
        const Two v1 = at.s1 + d1;
        const Two d2 = g * v1;
        const Two v2 = at.s2 + d2;
        at.s1 = v1 + d1;
        at.s2 = v2 + d2;
        const Two y = (m0 * x + m1 * v1) + m2 * v2;
        const Two step = (y - at.shifted) * shift;
        const Two low = at.shifted + step;
        at.shifted = low + step;
        const Two later = (low + low) - y;
        at.power = keep * at.power + take * (y * y + later * later);
        return at.power;
    }
};

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

// The louder channel counts, frame by frame.
void DynamicBand::listen(std::span<DynamicBand* const> bands, BlockView side_chain, int first, int frames) noexcept {
    for (DynamicBand* band : bands) std::fill_n(band->powers_.begin(), frames, 0.0F);
    for (int c = 0; c < side_chain.channel_count; c += 2) {
        const float* left = side_chain.channels[c] + first;
        const float* right = c + 1 < side_chain.channel_count ? side_chain.channels[c + 1] + first : left;
        with_count(bands.size(), [&]<int Count>() {
            follow<Count>(bands.data(), static_cast<std::size_t>(c / 2), left, right, frames);
        });
    }
    for (DynamicBand* band : bands) band->decide(frames);
}

template <int Count>
void DynamicBand::follow(DynamicBand* const* bands, std::size_t pair, const float* left, const float* right,
                         int frames) noexcept {
    std::array<Ear, Count> ears;
    std::array<float*, Count> powers;
    for (std::size_t b = 0; b < Count; ++b) {
        ears[b] = Ear(bands[b]->hearing_, bands[b]->listeners_[pair]);
        powers[b] = bands[b]->powers_.data();
    }
    for (int i = 0; i < frames; ++i) {
        const Two x = {static_cast<double>(left[i]), static_cast<double>(right[i])};
#pragma GCC unroll 4
        for (std::size_t b = 0; b < Count; ++b) {
            const Two power = ears[b].hear(x);
            powers[b][i] = std::max(powers[b][i], static_cast<float>(std::max(power[0], power[1])));
        }
    }
    for (std::size_t b = 0; b < Count; ++b) bands[b]->listeners_[pair] = ears[b].at;
}

// From the levels to how far the gain is from 0 dB. At rest and under the knee there is nothing to work out.
void DynamicBand::decide(int frames) noexcept {
    float most = 0.0F;
    for (int i = 0; i < frames; ++i) most = std::max(most, powers_[static_cast<std::size_t>(i)]);
    still_ = detector_.value() == 0.0 && most < quiet_power_;
    if (still_) return;
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const float level_db = db_per_octave_of_power * log2_fast(powers_[i]);
        movements_[i] = std::min(1.0F, curve_.reduction_db(level_db) * shares_per_db_);
    }
    detector_.run(movements_.data(), frames);
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
