#include "kernels/saturation.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const SaturationKernels saturation;
}
namespace avx2 {
extern const SaturationKernels saturation;
}

namespace {
constexpr Tables<SaturationKernels> tables{{&baseline::saturation, SMARTMIX_IF_AVX2(&avx2::saturation)}};
}

const SaturationKernels* saturation_kernels_for(const std::string& isa) { return tables.named(isa); }

const SaturationKernels& saturation_kernels() {
    static const SaturationKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
