#include "kernels/sums.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const SumKernels sums;
}
namespace avx2 {
extern const SumKernels sums;
}

namespace {
constexpr Tables<SumKernels> tables{{&baseline::sums, SMARTMIX_IF_AVX2(&avx2::sums)}};
}

const SumKernels* sum_kernels_for(const std::string& isa) { return tables.named(isa); }

const SumKernels& sum_kernels() {
    static const SumKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
