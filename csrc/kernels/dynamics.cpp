#include "kernels/dynamics.hpp"

#include <cstdlib>

namespace smartmix::kernels {

namespace baseline {
extern const DynamicsKernels dynamics;
}
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
namespace avx2 {
extern const DynamicsKernels dynamics;
}
#endif

const DynamicsKernels* dynamics_kernels_for(const std::string& isa) {
    if (isa == "baseline") return &baseline::dynamics;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (isa == "avx2" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2::dynamics;
#endif
    return nullptr;
}

const DynamicsKernels& dynamics_kernels() {
    static const DynamicsKernels& chosen = []() -> const DynamicsKernels& {
        const char* asked = std::getenv("SMARTMIX_ISA");
        if (asked != nullptr) {
            if (const DynamicsKernels* found = dynamics_kernels_for(asked)) return *found;
        }
        const DynamicsKernels* fastest = dynamics_kernels_for("avx2");
        return fastest != nullptr ? *fastest : baseline::dynamics;
    }();
    return chosen;
}

}  // namespace smartmix::kernels
