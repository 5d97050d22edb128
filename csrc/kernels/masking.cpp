#include "kernels/masking.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const MaskingKernels masking;
}
namespace avx2 {
extern const MaskingKernels masking;
}

namespace {
constexpr Tables<MaskingKernels> tables{{&baseline::masking, SMARTMIX_IF_AVX2(&avx2::masking)}};
}

const MaskingKernels* masking_kernels_for(std::string_view isa) { return tables.named(isa); }

const MaskingKernels& masking_kernels() {
    static const MaskingKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
