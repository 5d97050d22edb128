// The kernels of the true peak limiter: every instruction set against plain double, and bit for bit against the others and
// against itself in other pieces. Then what is built of them: the sliding minimum and the running sum, against the plain ones.
#include "kernels/limiter.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "check.hpp"
#include "dsp/sliding_windows.hpp"

using namespace smartmix;
using kernels::LimiterKernels;

namespace {

constexpr double unity = 1 << 30;

template <class T>
std::vector<T> random_row(int count, unsigned seed, double low, double high) {
    std::mt19937 random(seed);
    std::vector<T> row(static_cast<std::size_t>(count));
    for (T& x : row) x = static_cast<T>(low + (high - low) * random() / 4294967296.0);
    return row;
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

void test_demands(const LimiterKernels& kernel, const LimiterKernels& plain) {
    for (const int frames : {1, 3, 4, 61, 256}) {
        std::vector<float> peaks = random_row<float>(frames, 1, 0.0, 3.0);
        peaks[0] = 1e9F;
        const std::vector<float> ceilings = random_row<float>(frames, 2, 0.1, 1.0);
        std::vector<double> logs(peaks.size()), others(peaks.size());
        kernel.demands(peaks.data(), ceilings.data(), 0.99, -12.0, logs.data(), frames);
        plain.demands(peaks.data(), ceilings.data(), 0.99, -12.0, others.data(), frames);
        CHECK(same(logs, others));
        for (std::size_t i = 0; i < logs.size(); ++i) {
            const double ratio = 0.99 * static_cast<double>(ceilings[i]) / static_cast<double>(peaks[i]);
            const double wanted = peaks[i] > ceilings[i] ? std::max(std::log(ratio), -12.0) : 0.0;
            CHECK(std::fabs(logs[i] - wanted) < 1e-13);
        }
        std::vector<double> gains = logs;
        kernel.most_gains(gains.data(), unity, frames);
        plain.most_gains(others.data(), unity, frames);
        CHECK(same(gains, others));
        for (std::size_t i = 0; i < gains.size(); ++i) {
            const double exact = std::exp(logs[i]) * unity;
            CHECK(gains[i] == std::floor(gains[i]) && gains[i] <= exact * (1.0 + 1e-12) && gains[i] > exact - 1.001);
            CHECK((gains[i] == unity) == (logs[i] == 0.0));
        }
    }
}

void test_applying(const LimiterKernels& kernel, const LimiterKernels& plain) {
    constexpr int frames = 61;
    std::vector<float> from = random_row<float>(frames, 3, -2.0, 2.0);
    std::vector<double> gains = random_row<double>(frames, 4, 0.0, 1.0);
    std::fill_n(gains.begin() + 10, 9, 1.0);
    from[11] = 1e-40F, from[12] = -0.0F;
    std::vector<float> to(from.size()), others(from.size());
    kernel.apply(from.data(), gains.data(), to.data(), frames);
    plain.apply(from.data(), gains.data(), others.data(), frames);
    CHECK(same(to, others));
    for (std::size_t i = 0; i < to.size(); ++i) {
        const auto wanted = static_cast<float>(static_cast<double>(from[i]) * gains[i]);
        CHECK(std::memcmp(&to[i], gains[i] == 1.0 ? &from[i] : &wanted, sizeof(float)) == 0);
    }
    std::vector<float> cut = from;  // in place, frame by frame
    for (std::size_t i = 0; i < cut.size(); ++i) kernel.apply(&cut[i], &gains[i], &cut[i], 1);
    CHECK(same(cut, to));
}

// Pieces of all lengths, which end before, at and behind the ends of the windows.
void test_windows() {
    for (const int window : {1, 2, 7, 73, 289}) {
        constexpr int frames = 2000;
        std::vector<double> values = random_row<double>(frames, 5, 0.0, unity);
        for (double& value : values) value = std::floor(value);
        dsp::SlidingMinimum minimum;
        dsp::RunningSum sum;
        minimum.prepare(window, unity);
        sum.prepare(window);
        sum.fill(unity);
        std::vector<double> smallest(values.size()), sums(values.size()), late(values.size());
        for (int at = 0, step = 1; at < frames; at += step, step = std::min(frames - at, step * 7 % 257 + 1)) {
            minimum.run(values.data() + at, smallest.data() + at, step);
            sum.run(values.data() + at, sums.data() + at, late.data(), step);
        }
        for (int i = 0; i < frames; ++i) {
            double least = unity, all = 0.0;
            for (int k = i - window + 1; k <= i; ++k) {
                const double value = k < 0 ? unity : values[static_cast<std::size_t>(k)];
                least = std::min(least, value);
                all += value;
            }
            CHECK(smallest[static_cast<std::size_t>(i)] == least && sums[static_cast<std::size_t>(i)] == all);
        }
    }
}

}  // namespace

void test_limiter_kernels() {
    CHECK(kernels::limiter_kernels_for("nonsense") == nullptr);
    const LimiterKernels& plain = *kernels::limiter_kernels_for("baseline");
    for (const char* isa : {"baseline", "avx2"}) {
        const LimiterKernels* kernel = kernels::limiter_kernels_for(isa);
        if (kernel == nullptr) continue;
        test_demands(*kernel, plain);
        test_applying(*kernel, plain);
    }
    test_windows();
}
