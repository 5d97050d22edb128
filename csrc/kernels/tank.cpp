#include "kernels/tank.hpp"

#include <cstdlib>

namespace smartmix::kernels {

namespace baseline {
extern const TankKernels tank;
}
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
namespace avx2 {
extern const TankKernels tank;
}
#endif

const TankKernels* tank_kernels_for(const std::string& isa) {
    if (isa == "baseline") return &baseline::tank;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (isa == "avx2" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2::tank;
#endif
    return nullptr;
}

const TankKernels& tank_kernels() {
    static const TankKernels& chosen = []() -> const TankKernels& {
        const char* asked = std::getenv("SMARTMIX_ISA");
        if (asked != nullptr) {
            if (const TankKernels* found = tank_kernels_for(asked)) return *found;
        }
        const TankKernels* fastest = tank_kernels_for("avx2");
        return fastest != nullptr ? *fastest : baseline::tank;
    }();
    return chosen;
}

}  // namespace smartmix::kernels
