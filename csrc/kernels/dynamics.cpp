#include "kernels/dynamics.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const DynamicsKernels dynamics;
}
namespace avx2 {
extern const DynamicsKernels dynamics;
}

namespace {
constexpr Tables<DynamicsKernels> tables{{&baseline::dynamics, SMARTMIX_IF_AVX2(&avx2::dynamics)}};
}

const DynamicsKernels* dynamics_kernels_for(const std::string& isa) { return tables.named(isa); }

const DynamicsKernels& dynamics_kernels() {
    static const DynamicsKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
