#include "kernels/lane_fft.hpp"

#include <cmath>
#include <numbers>

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const LaneFftKernels lane_fft;
}
namespace avx2 {
extern const LaneFftKernels lane_fft;
}

namespace {

constexpr Tables<LaneFftKernels> tables{{&baseline::lane_fft, SMARTMIX_IF_AVX2(&avx2::lane_fft)}};

// Where decimation in frequency leaves the bins of a block of `length` points at `at`: those from `bin` on, `step` apart.
void place(std::vector<int>& where, int at, int length, int bin, int step) {
    if (length == 1) {
        where[static_cast<std::size_t>(bin)] = at;
        return;
    }
    const int ways = length >= 4 ? 4 : 2;
    for (int q = 0; q < ways; ++q) place(where, at + q * (length / ways), length / ways, bin + q * step, step * ways);
}

}  // namespace

LaneFftTables::LaneFftTables(int size) : where_(static_cast<std::size_t>(size)) {
    for (int k = 0; k < size; ++k) {
        const double turn = 2.0 * std::numbers::pi * k / size;
        twiddles_.push_back(static_cast<float>(std::cos(turn)));
        twiddles_.push_back(static_cast<float>(-std::sin(turn)));
    }
    place(where_, 0, size, 0, 1);
}

const LaneFftKernels* lane_fft_kernels_for(std::string_view isa) { return tables.named(isa); }

const LaneFftKernels& lane_fft_kernels() {
    static const LaneFftKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
