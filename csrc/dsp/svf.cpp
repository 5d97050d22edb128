#include "dsp/svf.hpp"

#include <algorithm>
#include <cstdint>

namespace smartmix::dsp {
namespace {

constexpr int lanes = 4;
constexpr int max_groups = 4;

// Four lanes of whatever vector unit there is. Lane l holds section l / C of channel l % C, for C channels: the
// sections of a cascade work at the same time, each one sample behind the one before it, so that it is bound by how
// much the CPU can do and not by how long one section takes.
#if defined(__GNUC__) || defined(__clang__)
using Floats = float __attribute__((vector_size(16)));
using Mask = std::int32_t __attribute__((vector_size(16)));
#else
#error "smartmix needs the vector extensions of GCC or Clang"
#endif

struct Group {
    Floats g, gk, a2, m0, m1, m2, s1, c1, s2, c2;
    Floats out;
};

Group empty_group() noexcept {
    Group group{};
    for (int l = 0; l < lanes; ++l) {
        group.m0[l] = 1.0F;
        group.m1[l] = group.m2[l] = -0.0F;  // x + -0 is x for every x: a lane without a section changes no bit
    }
    return group;
}

template <int C>
Floats entering(const Floats& out, const Floats& fresh) noexcept {
    if constexpr (C == 1) return Floats{fresh[0], out[0], out[1], out[2]};
    return Floats{fresh[0], fresh[1], out[0], out[1]};
}

template <int C>
Floats leaving(const Floats& out) noexcept {
    if constexpr (C == 1) return Floats{out[3], 0.0F, 0.0F, 0.0F};
    return Floats{out[2], out[3], 0.0F, 0.0F};
}

// Lanes whose sample does not exist yet, or no longer, must not touch their memory.
template <int C>
Mask lanes_at_work(int step, int group, int frames) noexcept {
    constexpr int depth = lanes / C;
    Mask mask{};
    for (int l = 0; l < lanes; ++l) {
        const int sample = step - group * depth - l / C;
        mask[l] = sample >= 0 && sample < frames ? -1 : 0;
    }
    return mask;
}

Floats tick(Group& p, const Floats& x) noexcept {
    return svf_tick(x, p.g, p.gk, p.a2, p.m0, p.m1, p.m2, p.s1, p.c1, p.s2, p.c2);
}

template <int C>
Floats fresh_samples(float* const* channels, int i) noexcept {
    if constexpr (C == 1) return Floats{channels[0][i], 0.0F, 0.0F, 0.0F};
    return Floats{channels[0][i], channels[1][i], 0.0F, 0.0F};
}

// One step of all groups; each takes what the one before it put out in the step before.
template <int C, int P>
Floats step_groups(Group* groups, const Floats& fresh) noexcept {
    for (int p = P - 1; p > 0; --p) {
        groups[p].out = tick(groups[p], entering<C>(groups[p].out, leaving<C>(groups[p - 1].out)));
    }
    groups[0].out = tick(groups[0], entering<C>(groups[0].out, fresh));
    return leaving<C>(groups[P - 1].out);
}

template <int C, int P>
void run_groups(Group* groups, float* const* channels, int frames) noexcept {
    constexpr int delay = P * (lanes / C) - 1;
    const auto store = [&](int i, const Floats& y) {
        channels[0][i] = y[0];
        if constexpr (C == 2) channels[1][i] = y[1];
    };
    const auto edge_step = [&](int step) {
        Floats before[P][4];
        for (int p = 0; p < P; ++p) {
            before[p][0] = groups[p].s1, before[p][1] = groups[p].c1;
            before[p][2] = groups[p].s2, before[p][3] = groups[p].c2;
        }
        const Floats y = step_groups<C, P>(groups, step < frames ? fresh_samples<C>(channels, step) : Floats{});
        for (int p = 0; p < P; ++p) {
            const Mask work = lanes_at_work<C>(step, p, frames);
            groups[p].s1 = work ? groups[p].s1 : before[p][0];
            groups[p].c1 = work ? groups[p].c1 : before[p][1];
            groups[p].s2 = work ? groups[p].s2 : before[p][2];
            groups[p].c2 = work ? groups[p].c2 : before[p][3];
        }
        if (step >= delay) store(step - delay, y);
    };
    int step = 0;
    for (; step < delay; ++step) edge_step(step);
    Group g[P];
    for (int p = 0; p < P; ++p) g[p] = groups[p];
    for (; step < frames; ++step) store(step - delay, step_groups<C, P>(g, fresh_samples<C>(channels, step)));
    for (int p = 0; p < P; ++p) groups[p] = g[p];
    for (; step < frames + delay; ++step) edge_step(step);
}

template <int C>
void run_cascade(const SvfSlot* slots, int count, float* const* channels, int frames) noexcept {
    constexpr int depth = lanes / C;
    Group groups[max_groups];
    while (count > 0) {
        const int now = std::min(count, depth * max_groups);
        const int group_count = (now + depth - 1) / depth;
        for (int p = 0; p < group_count; ++p) groups[p] = empty_group();
        for (int i = 0; i < now; ++i) {
            Group& to = groups[i / depth];
            const SvfSection& from = *slots[i].section;
            for (int c = 0; c < C; ++c) {
                const int l = i % depth * C + c;
                const SvfMemory& memory = (*slots[i].memory)[static_cast<std::size_t>(c)];
                to.g[l] = from.g, to.gk[l] = from.gk, to.a2[l] = from.a2;
                to.m0[l] = from.m0, to.m1[l] = from.m1, to.m2[l] = from.m2;
                to.s1[l] = memory.s1, to.c1[l] = memory.c1;
                to.s2[l] = memory.s2, to.c2[l] = memory.c2;
            }
        }
        switch (group_count) {
            case 1: run_groups<C, 1>(groups, channels, frames); break;
            case 2: run_groups<C, 2>(groups, channels, frames); break;
            case 3: run_groups<C, 3>(groups, channels, frames); break;
            default: run_groups<C, 4>(groups, channels, frames); break;
        }
        for (int i = 0; i < now; ++i) {
            for (int c = 0; c < C; ++c) {
                const int l = i % depth * C + c;
                const Group& from = groups[i / depth];
                (*slots[i].memory)[static_cast<std::size_t>(c)] = {from.s1[l], from.c1[l], from.s2[l], from.c2[l]};
            }
        }
        slots += now;
        count -= now;
    }
}

// A straight way from a to b, known at frame j from j alone.
struct Way {
    float start, step;
    Way(double from, double to, int frames) noexcept
        : start(static_cast<float>(from)), step(static_cast<float>((to - from) / frames)) {}
    float at(float j) const noexcept { return start + step * j; }
};

}  // namespace

void run_sections(const SvfSlot* slots, int count, float* const* channels, int channel_count, int frames) noexcept {
    if (count <= 0 || frames <= 0) return;
    if (channel_count == 1) run_cascade<1>(slots, count, channels, frames);
    if (channel_count == 2) run_cascade<2>(slots, count, channels, frames);
}

void run_glide(const SvfGlide& glide, int done, std::array<SvfMemory, 2>& memory, float* const* channels,
               int channel_count, int frames) noexcept {
    const Way g(glide.from.g, glide.to.g, glide.frames);
    const Way k(glide.from.k, glide.to.k, glide.frames);
    const Way m0(glide.from.m0, glide.to.m0, glide.frames);
    const Way m1(glide.from.m1, glide.to.m1, glide.frames);
    const Way m2(glide.from.m2, glide.to.m2, glide.frames);
    for (int i = 0; i < frames; ++i) {
        const auto j = static_cast<float>(done + i);
        const float gj = g.at(j);
        const float gk = gj + k.at(j);
        const float a2 = gj / (1.0F + gj * gk);
        for (int c = 0; c < channel_count; ++c) {
            SvfMemory& m = memory[static_cast<std::size_t>(c)];
            channels[c][i] = svf_tick(channels[c][i], gj, gk, a2, m0.at(j), m1.at(j), m2.at(j), m.s1, m.c1,
                                      m.s2, m.c2);
        }
    }
}

}  // namespace smartmix::dsp
