// The kernels of the sums against plain double, bit for bit: every instruction set rounds the same.
#include "kernels/sums.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "check.hpp"

using namespace smartmix;

namespace {

constexpr int rows = 3;

void test_sums(const kernels::SumKernels& kernel, int frames) {
    std::vector<std::vector<float>> x(rows, std::vector<float>(static_cast<std::size_t>(frames)));
    std::vector<double> ramp(x[0].size());
    std::vector<double> sum(x[0].size());
    for (std::size_t i = 0; i < sum.size(); ++i) {
        for (std::size_t r = 0; r < rows; ++r) x[r][i] = std::sin(static_cast<float>(i + 7 * r));
        ramp[i] = 1.0 / (1.0 + static_cast<double>(i));
        sum[i] = std::cos(static_cast<double>(i));
    }
    const float* heads[rows] = {x[0].data(), x[1].data(), x[2].data()};
    const double gains[rows] = {0.7, -1.3, 1e-9};
    std::vector<double> added = sum;
    std::vector<double> ramped = sum;
    kernel.add(added.data(), heads, gains, rows, frames);
    kernel.add_ramp(ramped.data(), heads[0], ramp.data(), 0.3, frames);
    for (std::size_t i = 0; i < sum.size(); ++i) {
        double wanted = sum[i];
        for (std::size_t r = 0; r < rows; ++r) wanted += static_cast<double>(x[r][i]) * gains[r];
        CHECK(added[i] == wanted);
        CHECK(ramped[i] == sum[i] + static_cast<double>(x[0][i]) * (ramp[i] * 0.3));
    }
}

void test_finite(const kernels::SumKernels& kernel, int frames) {
    std::vector<float> x(static_cast<std::size_t>(frames), std::numeric_limits<float>::max());
    CHECK(kernel.finite(x.data(), frames));
    for (std::size_t i = 0; i < x.size(); ++i) {
        for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN()}) {
            const float good = x[i];
            x[i] = bad;
            CHECK(!kernel.finite(x.data(), frames));
            x[i] = good;
        }
    }
}

}  // namespace

void test_sum_kernels() {
    CHECK(kernels::sum_kernels_for("nonsense") == nullptr);
    for (const char* isa : {"baseline", "avx2"}) {
        const kernels::SumKernels* kernel = kernels::sum_kernels_for(isa);
        for (const int frames : {0, 1, 3, 7, 31, 64, 101}) {
            if (kernel != nullptr) test_sums(*kernel, frames);
            if (kernel != nullptr) test_finite(*kernel, frames);
        }
    }
}
