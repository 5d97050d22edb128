#include "kernels/matched.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const MatchedKernels matched;
}
namespace avx2 {
extern const MatchedKernels matched;
}

namespace {
constexpr Tables<MatchedKernels> tables{{&baseline::matched, SMARTMIX_IF_AVX2(&avx2::matched)}};
}

const MatchedKernels* matched_kernels_for(const std::string& isa) { return tables.named(isa); }

const MatchedKernels& matched_kernels() {
    static const MatchedKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
