#include "kernels/tank.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const TankKernels tank;
}
namespace avx2 {
extern const TankKernels tank;
}

namespace {
constexpr Tables<TankKernels> tables{{&baseline::tank, SMARTMIX_IF_AVX2(&avx2::tank)}};
}

const TankKernels* tank_kernels_for(const std::string& isa) { return tables.named(isa); }

const TankKernels& tank_kernels() {
    static const TankKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
