#include "kernels/sections.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const SectionKernels sections;
}
namespace avx2 {
extern const SectionKernels sections;
}

namespace {
constexpr Tables<SectionKernels> tables{{&baseline::sections, SMARTMIX_IF_AVX2(&avx2::sections)}};
}

const SectionKernels* section_kernels_for(const std::string& isa) { return tables.named(isa); }

const SectionKernels& section_kernels() {
    static const SectionKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
