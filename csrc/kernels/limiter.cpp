#include "kernels/limiter.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const LimiterKernels limiter;
}
namespace avx2 {
extern const LimiterKernels limiter;
}

namespace {
constexpr Tables<LimiterKernels> tables{{&baseline::limiter, SMARTMIX_IF_AVX2(&avx2::limiter)}};
}

const LimiterKernels* limiter_kernels_for(const std::string& isa) { return tables.named(isa); }

const LimiterKernels& limiter_kernels() {
    static const LimiterKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
