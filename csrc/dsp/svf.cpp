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

typedef float Four __attribute__((vector_size(16)));  // channels in the first two

Four all(float value) noexcept { return Four{} + value; }

}  // namespace

void run_glide(const SvfGlide& glide, int done, std::array<SvfMemory, 2>& memory, float* const* channels,
               int channel_count, int frames) noexcept {
    const Way g(glide.from.g, glide.to.g, glide.frames);
    const Way k(glide.from.k, glide.to.k, glide.frames);
    const Way m0(glide.from.m0, glide.to.m0, glide.frames);
    const Way m1(glide.from.m1, glide.to.m1, glide.frames);
    const Way m2(glide.from.m2, glide.to.m2, glide.frames);
    std::array<float, 2> nothing{};  // for the channel that is not there
    const bool pair = channel_count > 1;
    float* left = channels[0];
    float* right = pair ? channels[1] : nothing.data();
    const int right_step = pair ? 1 : 0;
    Four s1 = {memory[0].s1, memory[1].s1}, c1 = {memory[0].c1, memory[1].c1};
    Four s2 = {memory[0].s2, memory[1].s2}, c2 = {memory[0].c2, memory[1].c2};
    for (int i = 0; i < frames; ++i) {
        const auto j = static_cast<float>(done + i);
        const float gj = g.at(j);
        const float gk = gj + k.at(j);
        const float a2 = gj / (1.0F + gj * gk);
        const Four x = {left[i], right[i * right_step]};
        const Four y = svf_tick(x, all(gj), all(gk), all(a2), all(m0.at(j)), all(m1.at(j)), all(m2.at(j)), s1, c1, s2, c2);
        left[i] = y[0];
        if (pair) right[i] = y[1];
    }
    for (std::size_t c = 0; c < 2; ++c) memory[c] = {s1[c], c1[c], s2[c], c2[c]};
}

}  // namespace smartmix::dsp
