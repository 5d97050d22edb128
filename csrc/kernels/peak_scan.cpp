#include "kernels/peak_scan.hpp"

#include <cstdlib>

namespace smartmix::kernels {

namespace baseline {
extern const PeakScan scan;
}
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
namespace avx2 {
extern const PeakScan scan;
}
#endif

const PeakScan* peak_scan_for(const std::string& isa) {
    if (isa == "baseline") return &baseline::scan;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (isa == "avx2" && __builtin_cpu_supports("avx2")) return &avx2::scan;
#endif
    return nullptr;
}

const PeakScan& peak_scan() {
    static const PeakScan& chosen = []() -> const PeakScan& {
        const char* asked = std::getenv("SMARTMIX_ISA");
        if (asked != nullptr) {
            if (const PeakScan* found = peak_scan_for(asked)) return *found;
        }
        const PeakScan* fastest = peak_scan_for("avx2");
        return fastest != nullptr ? *fastest : baseline::scan;
    }();
    return chosen;
}

}  // namespace smartmix::kernels
