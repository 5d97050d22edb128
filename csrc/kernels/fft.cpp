#include "kernels/fft.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const FftKernels fft;
}
namespace avx2 {
extern const FftKernels fft;
}

namespace {
constexpr Tables<FftKernels> tables{{&baseline::fft, SMARTMIX_IF_AVX2(&avx2::fft)}};
}

const FftKernels* fft_kernels_for(const std::string& isa) { return tables.named(isa); }

const FftKernels& fft_kernels() {
    static const FftKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
