#include "meters/masking_spectrum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>

#include "dsp/ear.hpp"

namespace smartmix {
namespace {

constexpr int lanes = kernels::lane_fft_lanes;
constexpr double stop_band_db = 90.0;
constexpr double widest_component_cam = 0.25;

struct PartPlan {
    int decimation, size, late_hops;
    double from_hz, from_full_hz, to_full_hz, to_hz;  // fades in from one to the next, and out
};
constexpr std::array<PartPlan, 3> part_plans = {PartPlan{32, 256, 0, 16.0, 17.0, 95.0, 145.0},
                                                PartPlan{8, 512, 4, 95.0, 145.0, 950.0, 1350.0},
                                                PartPlan{1, 1024, 7, 950.0, 1350.0, 17000.0, 17000.0}};
constexpr std::array<int, 2> tap_counts = {96, 32};
constexpr std::array<int, 2> factors = {8, 4};
constexpr int past_frames(int stage) { return stage == 0 ? 1024 : stage == 1 ? 512 : 256; }
constexpr int new_frames(int stage) { return stage == 0 ? masking_hop : stage == 1 ? masking_hop / 8 : masking_hop / 32; }
constexpr int stage_of_part(int part) { return 2 - part; }

double bessel_i0(double x) {
    double sum = 1.0, term = 1.0;
    for (int k = 1; k < 60; ++k) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

// A Kaiser low pass of unity gain that cuts at half the new rate.
std::vector<float> design_taps(int count, int factor) {
    const double beta = 0.1102 * (stop_band_db - 8.7);
    std::vector<double> taps;
    double sum = 0.0;
    for (int t = 0; t < count; ++t) {
        const double x = t - 0.5 * (count - 1), r = 2.0 * x / (count - 1);
        const double sinc = std::sin(std::numbers::pi * x / factor) / (std::numbers::pi * x);
        taps.push_back(sinc * bessel_i0(beta * std::sqrt(std::max(1.0 - r * r, 0.0))));
        sum += taps.back();
    }
    std::vector<float> out;
    for (const double tap : taps) out.push_back(static_cast<float>(tap / sum));
    return out;
}

double fade(const PartPlan& plan, double hz) {
    const double in = (hz - plan.from_hz) / (plan.from_full_hz - plan.from_hz);
    const double out = plan.to_hz > plan.to_full_hz ? (plan.to_hz - hz) / (plan.to_hz - plan.to_full_hz)
                       : hz <= plan.to_hz           ? 1.0
                                                    : 0.0;
    return std::clamp(std::min(in, out), 0.0, 1.0);
}

std::vector<float> hann(int size) {
    std::vector<float> window;
    for (int i = 0; i < size; ++i)
        window.push_back(static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * i / size)));
    return window;
}

double ear_gain(double hz) { return std::pow(10.0, 0.1 * dsp::field_to_cochlea_db(hz)); }

// A Hann window spreads a tone over its neighbours with a variance of a third of a bin squared, and where the ear's gain is
// curved their mean is not the tone's own. The second difference takes that out: 0.5 phon at 40 Hz.
double ear_of_bin(int bin, double bin_hz) {
    const double here = ear_gain(bin * bin_hz);
    return here - (ear_gain((bin - 1) * bin_hz) - 2.0 * here + ear_gain((bin + 1) * bin_hz)) / 6.0;
}

// Its bins with their weights, gathered into components whose frequencies are added to `component_hz`.
MaskingSpectrumDesign::Part design_part(const PartPlan& plan, double sample_rate, std::vector<double>& component_hz) {
    MaskingSpectrumDesign::Part part = {kernels::LaneFftTables(plan.size),     hann(plan.size), {}, {},
                                        static_cast<int>(component_hz.size()), plan.late_hops};
    const double bin_hz = sample_rate / plan.decimation / plan.size;
    const double one_sided =
        2.0 / (plan.size * (0.375 * plan.size));  // power of a signal from |X|^2; a Hann window's squares sum to 3/8
    const int last = plan.size / 2 - 1;
    int bin = std::max(1, static_cast<int>(plan.from_hz / bin_hz) + 1);
    for (; bin <= last && fade(plan, bin * bin_hz) > 0.0;) {
        const auto fitting = static_cast<int>(widest_component_cam * dsp::erb_hz(bin * bin_hz) / bin_hz);
        part.first.push_back(bin);
        double hz = 0.0;
        int count = 0;
        for (; count < std::max(fitting, 1) && bin <= last && fade(plan, bin * bin_hz) > 0.0; ++count, ++bin) {
            hz += bin * bin_hz;
            part.weights.push_back(static_cast<float>(one_sided * ear_of_bin(bin, bin_hz) * fade(plan, bin * bin_hz)));
        }
        component_hz.push_back(hz / count);
    }
    part.first.push_back(bin);
    return part;
}

float audible(float sample) noexcept {
    constexpr std::uint32_t exponent = 0x7f800000U;
    return (std::bit_cast<std::uint32_t>(sample) & exponent) == exponent ? 0.0F : sample;
}

}  // namespace

MaskingSpectrumDesign design_masking_spectrum(double sample_rate) {
    MaskingSpectrumDesign design;
    for (const PartPlan& plan : part_plans) design.parts.push_back(design_part(plan, sample_rate, design.hz));
    for (std::size_t i = 0; i < design.taps.size(); ++i) design.taps[i] = design_taps(tap_counts[i], factors[i]);
    return design;
}

MaskingSpectrum::MaskingSpectrum(const MaskingSpectrumDesign& design) : design_(&design) {
    for (int stage = 0; stage < 3; ++stage) {
        for (Lanes& lane : past_[static_cast<std::size_t>(stage)])
            lane.assign(static_cast<std::size_t>(past_frames(stage) * lanes), 0.0F);
    }
    for (Lanes& lane : work_) lane.assign(static_cast<std::size_t>(past_frames(0) * lanes), 0.0F);
    for (std::size_t p = 0; p < powers_.size(); ++p) {
        for (Lanes& lane : powers_[p]) lane.assign((design.parts[p].first.size() - 1) * lanes, 0.0F);
    }
}

void MaskingSpectrum::reset() noexcept {
    for (auto& stage : past_) {
        for (Lanes& lane : stage) std::fill(lane.begin(), lane.end(), 0.0F);
    }
}

void MaskingSpectrum::put(int channel, int at, const float* samples, int frames) noexcept {
    float* to =
        past_[0][static_cast<std::size_t>(channel % 2)].data() + (past_frames(0) - masking_hop + at) * lanes + channel / 2;
    for (int i = 0; i < frames; ++i) to[i * lanes] = audible(samples[i]);
}

void MaskingSpectrum::transform_part(int part) noexcept {
    const auto p = static_cast<std::size_t>(part);
    const MaskingSpectrumDesign::Part& design = design_->parts[p];
    const kernels::LaneFftKernels& kernels = kernels::lane_fft_kernels();
    const auto& past = past_[static_cast<std::size_t>(stage_of_part(part))];
    const kernels::LaneFftPlan plan = design.fft.plan();
    for (std::size_t half = 0; half < 2; ++half)
        kernels.windowed(past[half].data(), design.window.data(), work_[half].data(), plan.size);
    kernels.transform(plan, work_[0].data(), work_[1].data());
    kernels.power_sums(plan, work_[0].data(), work_[1].data(), design.first.data(), static_cast<int>(design.first.size()) - 1,
                       design.weights.data(), powers_[p][0].data(), powers_[p][1].data());
}

void MaskingSpectrum::take_hop() noexcept {
    for (int stage = 1; stage < 3; ++stage) {
        const auto s = static_cast<std::size_t>(stage);
        const int fresh = new_frames(stage), taps = tap_counts[s - 1], factor = factors[s - 1];
        const int from = past_frames(stage - 1) - (fresh - 1) * factor - taps;
        for (std::size_t half = 0; half < 2; ++half) {
            float* newest = past_[s][half].data() + (past_frames(stage) - fresh) * lanes;
            kernels::lane_fft_kernels().decimate(past_[s - 1][half].data() + from * lanes, design_->taps[s - 1].data(), taps,
                                                 factor, newest, fresh);
        }
    }
    for (int part = 0; part < 3; ++part) transform_part(part);
    for (int stage = 0; stage < 3; ++stage) {
        const int kept = past_frames(stage) - new_frames(stage);
        for (Lanes& lane : past_[static_cast<std::size_t>(stage)]) {
            std::memmove(lane.data(), lane.data() + new_frames(stage) * lanes,
                         static_cast<std::size_t>(kept * lanes) * sizeof(float));
        }
    }
}

const float* MaskingSpectrum::power(int part, int channel) const noexcept {
    return powers_[static_cast<std::size_t>(part)][static_cast<std::size_t>(channel % 2)].data() + channel / 2;
}

}  // namespace smartmix
