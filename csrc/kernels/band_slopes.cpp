#include "kernels/band_slopes.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const BandSlopeKernels band_slopes;
}
namespace avx2 {
extern const BandSlopeKernels band_slopes;
}

namespace {
constexpr Tables<BandSlopeKernels> tables{{&baseline::band_slopes, SMARTMIX_IF_AVX2(&avx2::band_slopes)}};
}

const BandSlopeKernels* band_slope_kernels_for(const std::string& isa) { return tables.named(isa); }

const BandSlopeKernels& band_slope_kernels() {
    static const BandSlopeKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
