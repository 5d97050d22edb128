#include "kernels/sections.hpp"

#include <cstdlib>

namespace smartmix::kernels {

namespace baseline {
extern const SectionKernels sections;
}
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
namespace avx2 {
extern const SectionKernels sections;
}
#endif

const SectionKernels* section_kernels_for(const std::string& isa) {
    if (isa == "baseline") return &baseline::sections;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (isa == "avx2" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2::sections;
#endif
    return nullptr;
}

const SectionKernels& section_kernels() {
    static const SectionKernels& chosen = []() -> const SectionKernels& {
        const char* asked = std::getenv("SMARTMIX_ISA");
        if (asked != nullptr) {
            if (const SectionKernels* found = section_kernels_for(asked)) return *found;
        }
        const SectionKernels* fastest = section_kernels_for("avx2");
        return fastest != nullptr ? *fastest : baseline::sections;
    }();
    return chosen;
}

}  // namespace smartmix::kernels
