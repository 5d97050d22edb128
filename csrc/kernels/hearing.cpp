#include "kernels/hearing.hpp"

#include "kernels/dispatch.hpp"

namespace smartmix::kernels {

namespace baseline {
extern const HearingKernels hearing;
}
namespace avx2 {
extern const HearingKernels hearing;
}

namespace {
constexpr Tables<HearingKernels> tables{{&baseline::hearing, SMARTMIX_IF_AVX2(&avx2::hearing)}};
}

void HearingLanes::set(int filter, const Hearing& h) noexcept {
    const double late = h.twice ? 1.0 : 0.0;
    const double all[numbers] = {h.s1_of_s1, h.s1_of_s2, h.s1_of_x, h.s2_of_s1, h.s2_of_s2, h.s2_of_x, h.y_of_s1, h.y_of_s2,
                                 h.y_of_x, late * (1.0 - h.step), late * h.step, late * (2.0 - h.step), late * (h.step - 1.0), h.keep, h.take};
    for (int n = 0; n < numbers; ++n) of[n][2 * filter] = of[n][2 * filter + 1] = all[n];
}

void HearingLanes::clear(int filter) noexcept {
    for (auto& row : memory) row[2 * filter] = row[2 * filter + 1] = 0.0;
}

const HearingKernels* hearing_kernels_for(const std::string& isa) { return tables.named(isa); }

const HearingKernels& hearing_kernels() {
    static const HearingKernels& chosen = tables.chosen();
    return chosen;
}

}  // namespace smartmix::kernels
