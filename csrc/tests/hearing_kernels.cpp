// The filters that listen: every instruction set against the section of dsp/svf.hpp, its all-pass and its mean in plain
// double; and against itself with other filters beside them and in other pieces.
#include "kernels/hearing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "check.hpp"
#include "dsp/band_hearing.hpp"
#include "dsp/svf.hpp"

using namespace smartmix;
using kernels::HearingKernels;
using kernels::HearingLanes;

namespace {

constexpr int frames = 3000;
constexpr double keep = 0.995;
constexpr double shift = 0.03;
using Row = std::vector<float>;

dsp::SvfCoefficients filter_of(int number) {
    const double hz = 60.0 * std::pow(6.0, number);
    dsp::SvfCoefficients c = number == 3 ? dsp::design_high_pass(48000.0, hz, 0.7) : dsp::design_low_pass(48000.0, hz, 2.0);
    if (number == 1) c.m1 = c.k, c.m2 = 0.0;
    return c;
}

kernels::Hearing hearing_of(int number) {
    kernels::Hearing hearing = dsp::design_ear(filter_of(number), keep);
    hearing.twice = number % 2 == 1;
    hearing.step = 2.0 * shift;
    return hearing;
}

Row plain_levels(int number, const Row& left, const Row& right) {
    const dsp::SvfCoefficients f = filter_of(number);
    const double gk = f.g + f.k, a2 = f.g / (1.0 + f.g * gk);
    Row levels(left.size());
    for (const Row* x : {&left, &right}) {
        double s1 = 0.0, c1 = 0.0, s2 = 0.0, c2 = 0.0, all_pass = 0.0, power = 0.0;
        for (std::size_t i = 0; i < levels.size(); ++i) {
            const double y = dsp::svf_tick(static_cast<double>((*x)[i]), f.g, gk, a2, f.m0, f.m1, f.m2, s1, c1, s2, c2);
            const double low = all_pass + (y - all_pass) * shift;
            all_pass = low + (y - all_pass) * shift;
            const double later = number % 2 == 1 ? 2.0 * low - y : 0.0;
            power = keep * power + (1.0 - keep) * (y * y + later * later);
            levels[i] = std::max(levels[i], static_cast<float>(power));
        }
    }
    return levels;
}

std::array<Row, 4> heard(const HearingKernels& kernel, const std::vector<int>& filters, const Row& left, const Row& right,
                         bool cut) {
    HearingLanes lanes;
    std::array<Row, 4> rows;
    rows.fill(Row(left.size()));
    for (std::size_t f = 0; f < filters.size(); ++f) lanes.set(static_cast<int>(f), hearing_of(filters[f]));
    for (int at = 0, step = 1; at < frames; at += step, step = std::min(frames - at, cut ? step * 5 % 37 + 1 : frames)) {
        if (!cut) step = frames;
        float* heads[4];
        for (std::size_t r = 0; r < 4; ++r) heads[r] = rows[r].data() + at;
        kernel.levels(lanes, static_cast<int>(filters.size()), left.data() + at, right.data() + at, heads, step);
    }
    return rows;
}

bool same(const Row& a, const Row& b) { return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0; }

}  // namespace

void test_hearing_kernels() {
    CHECK(kernels::hearing_kernels_for("nonsense") == nullptr);
    std::mt19937 random(1);
    Row left(frames), right(frames);
    for (float& x : left) x = static_cast<float>(random()) / 2147483648.0F - 1.0F;
    for (float& x : right) x = static_cast<float>(random()) / 2147483648.0F - 1.0F;
    for (const char* isa : {"baseline", "avx2"}) {
        const HearingKernels* kernel = kernels::hearing_kernels_for(isa);
        if (kernel == nullptr) continue;
        const std::array<Row, 4> all = heard(*kernel, {0, 1, 2, 3}, left, right, false);
        for (int f = 0; f < 4; ++f) {
            const Row& row = all[static_cast<std::size_t>(f)];
            const Row plain = plain_levels(f, left, right);
            for (std::size_t i = 0; i < plain.size(); ++i) {
                const double wanted = static_cast<double>(plain[i]);
                CHECK(std::fabs(static_cast<double>(row[i]) - wanted) <= 1e-6 * wanted + 1e-18);
            }
            CHECK(same(row, heard(*kernel, {f}, left, right, true)[0]));
            CHECK(same(row, heard(*kernel, {2, 0, f}, left, right, true)[2]));
        }
        const std::array<Row, 4> two = heard(*kernel, {1, 3}, left, right, true);
        CHECK(two[2] == Row(left.size()) && two[3] == Row(left.size()));
    }
}
