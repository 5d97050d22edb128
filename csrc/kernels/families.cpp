#include "kernels/band_slopes.hpp"
#include "kernels/crossover.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/lane_fft.hpp"
#include "kernels/limiter.hpp"
#include "kernels/masking.hpp"
#include "kernels/dynamics.hpp"
#include "kernels/fft.hpp"
#include "kernels/hearing.hpp"
#include "kernels/matched.hpp"
#include "kernels/peak_scan.hpp"
#include "kernels/saturation.hpp"
#include "kernels/sections.hpp"
#include "kernels/sums.hpp"
#include "kernels/tank.hpp"

namespace smartmix::kernels {

// One line for each kernel: what `smartmix doctor` shows.
std::vector<RunningKernel> running_kernels() {
    return {
        {"band slopes", band_slope_kernels().isa},
        {"compressor", dynamics_kernels().isa},
        {"crossover", crossover_kernels().isa},
        {"equaliser designs", matched_kernels().isa},
        {"equaliser sections", section_kernels().isa},
        {"lane fft", lane_fft_kernels().isa},
        {"levels of bands", hearing_kernels().isa},
        {"limiter", limiter_kernels().isa},
        {"masking", masking_kernels().isa},
        {"fourier transform", fft_kernels().isa},
        {"peak scan", peak_scan().isa},
        {"saturation", saturation_kernels().isa},
        {"sums", sum_kernels().isa},
        {"reverb and delay", tank_kernels().isa},
    };
}

}  // namespace smartmix::kernels
