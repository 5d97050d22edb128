#include "dsp/svf.hpp"

#include <cstddef>

namespace smartmix::dsp {
namespace {

// A straight way from a to b, known at frame j from j alone.
struct Way {
    float start, step;
    Way(double from, double to, int frames) noexcept
        : start(static_cast<float>(from)), step(static_cast<float>((to - from) / frames)) {}
    float at(float j) const noexcept { return start + step * j; }
};

}  // namespace

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
