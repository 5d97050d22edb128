#include "kernels/crossover.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const CrossoverKernels crossover;
}
namespace avx2 {
extern const CrossoverKernels crossover;
}

namespace {
constexpr Tables<CrossoverKernels> tables{{&baseline::crossover, SMARTMIX_IF_AVX2(&avx2::crossover)}};
}

const CrossoverKernels* crossover_kernels_for(const std::string& isa) { return tables.named(isa); }

const CrossoverKernels& crossover_kernels() {
    static const CrossoverKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
