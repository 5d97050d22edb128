// The crossover kernels: every instruction set against a tree of sections that goes frame by frame, in any cut.
#include <array>
#include <bit>
#include <cstring>
#include <random>
#include <vector>

#include "check.hpp"
#include "dsp/svf.hpp"
#include "kernels/crossover.hpp"

using namespace smartmix;

namespace {

constexpr float k = 1.41421356F;
constexpr int frames = 300;
constexpr kernels::CrossoverTree tree = {0.01F, 0.07F, 0.4F};

using Rows = std::array<std::vector<float>, 8>;

struct One {  // a section of one channel
    dsp::SvfMemory m;
    float run(float x, float g, std::array<float, 3> mix) {
        const float gk = g + k, a2 = g / (1.0F + g * gk);
        return dsp::svf_tick(x, g, gk, a2, mix[0], mix[1], mix[2], m.s1, m.c1, m.s2, m.c2);
    }
};
constexpr std::array<float, 3> low = {0.0F, 0.0F, 1.0F}, high = {1.0F, -k, -1.0F}, turn = {1.0F, -2.0F * k, 0.0F};

// low-low, low-high, high-low, high-high of one channel, written down the plain way.
struct Channel {
    std::array<One, 14> s;
    std::array<float, 4> run(float x) {
        const auto twice = [&](std::size_t at, float y, float g, const std::array<float, 3>& mix) {
            return s[at + 1].run(s[at].run(y, g, mix), g, mix);
        };
        const float below = s[4].run(twice(0, x, tree.middle, low), tree.high, turn);
        const float above = s[5].run(twice(2, x, tree.middle, high), tree.low, turn);
        return {twice(6, below, tree.low, low), twice(8, below, tree.low, high), twice(10, above, tree.high, low),
                twice(12, above, tree.high, high)};
    }
};

Rows plainly(const std::vector<float>& left, const std::vector<float>& right) {
    Rows rows;
    Channel channels[2];
    for (int i = 0; i < frames; ++i) {
        for (std::size_t c = 0; c < 2; ++c) {
            const auto bands = channels[c].run(c == 0 ? left[static_cast<std::size_t>(i)] : right[static_cast<std::size_t>(i)]);
            for (std::size_t b = 0; b < 4; ++b) rows[2 * b + c].push_back(bands[b]);
        }
    }
    return rows;
}

Rows split(const kernels::CrossoverKernels& kernel, const std::vector<float>& left, const std::vector<float>& right,
           const std::vector<int>& cuts) {
    Rows rows;
    for (auto& row : rows) row.assign(frames, 0.0F);
    std::array<kernels::CrossoverSection, kernels::crossover_sections> sections;
    std::size_t turn_of = 0;
    for (int at = 0; at < frames;) {
        const int now = std::min(cuts[turn_of++ % cuts.size()], frames - at);
        std::array<float*, 8> out;
        for (std::size_t r = 0; r < 8; ++r) out[r] = rows[r].data() + at;
        kernel.split(tree, sections.data(), left.data() + at, right.data() + at, now, out.data());
        at += now;
    }
    return rows;
}

bool same_bits(const Rows& a, const Rows& b) {
    for (std::size_t r = 0; r < a.size(); ++r) {
        if (std::memcmp(a[r].data(), b[r].data(), a[r].size() * sizeof(float)) != 0) return false;
    }
    return true;
}

}  // namespace

void test_crossover_kernels() {
    std::mt19937 random(5);
    std::vector<float> left(frames), right(frames);
    for (auto* channel : {&left, &right}) {
        for (float& x : *channel) x = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    }
    const Rows expected = plainly(left, right);
    for (const char* isa : {"baseline", "avx2"}) {
        const kernels::CrossoverKernels* kernel = kernels::crossover_kernels_for(isa);
        if (kernel == nullptr) continue;
        for (const std::vector<int>& cuts : {std::vector<int>{frames}, {1}, {2}, {3, 1}, {4, 5}, {8, 0, 17}, {64}, {256}}) {
            CHECK(same_bits(split(*kernel, left, right, cuts), expected));
        }
    }
}
