#include "kernels/peak_scan.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const PeakScan scan;
}
namespace avx2 {
extern const PeakScan scan;
}

namespace {
constexpr Tables<PeakScan> tables{{&baseline::scan, SMARTMIX_IF_AVX2(&avx2::scan)}};
}

const PeakScan* peak_scan_for(const std::string& isa) { return tables.named(isa); }

const PeakScan& peak_scan() {
    static const PeakScan& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
