#include "dsp/oversampler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "dsp/interpolator.hpp"

namespace smartmix::dsp {
namespace {

constexpr double beta = 8.96;  // 90 dB

// A low pass at the higher rate of a stage. `half_width` counts zero crossings.
struct Shape {
    double cutoff;  // -6 dB, in cycles per sample
    int half_width;
    int delay;  // of the filter upwards
    double reach() const noexcept { return half_width / (2.0 * cutoff); }
};
constexpr std::array<Shape, most_oversampling_stages> shapes = {{{0.2325, 38, 82}, {0.25, 6, 11}, {0.25, 4, 7}}};

std::vector<double> low_pass(const Shape& shape, double delay) {
    std::vector<double> taps;
    for (int n = 0; n <= std::floor(delay + shape.reach()); ++n) {
        taps.push_back(kaiser_sinc(2.0 * shape.cutoff * (n - delay), shape.half_width, beta));
    }
    return taps;
}

// Every second tap from `first` on, summing to `sum`: what stands still passes exactly.
FirPhase phase_of(const std::vector<double>& taps, std::size_t first, double sum) {
    std::vector<double> chosen;
    for (std::size_t n = first; n < taps.size(); n += 2) chosen.push_back(taps[n]);
    const double total = std::accumulate(chosen.begin(), chosen.end(), 0.0);
    FirPhase phase;
    int loud = 0;
    for (const double tap : chosen) {
        if (std::fabs(tap) > 1e-9) {
            phase.only = static_cast<int>(phase.taps.size());
            ++loud;
        }
        phase.taps.push_back(static_cast<float>(tap * sum / total));
    }
    if (loud != 1) phase.only = -1;
    return phase;
}

int history_of(const FirPhase& a, const FirPhase& b) noexcept {
    return static_cast<int>(std::max(a.taps.size(), b.taps.size())) - 1;
}

}  // namespace

void FirPhase::run(const float* x, bool add, float* y, int frames) const noexcept {
    if (only < 0) {
        kernels::saturation_kernels().convolve(x, taps.data(), static_cast<int>(taps.size()), add, y, frames);
        return;
    }
    const float tap = taps[static_cast<std::size_t>(only)];
    for (int i = 0; i < frames; ++i) y[i] = add ? y[i] + x[i - only] * tap : x[i - only] * tap;
}

OversamplerDesign design_oversampler(int stages, double inner_delay) {
    OversamplerDesign design;
    design.stages = stages;
    // A pair of samples comes in and goes out together: each stage gives back one of its own samples.
    double rest = inner_delay / design.factor();
    for (int s = 1; s < stages; ++s) rest += (2.0 * shapes[static_cast<std::size_t>(s)].delay - 1.0) / (2 << s);
    design.latency_frames = static_cast<int>(std::ceil(shapes[0].delay - 0.5 + rest));
    for (int s = 0; s < stages; ++s) {
        const Shape& shape = shapes[static_cast<std::size_t>(s)];
        const double back = s > 0 ? shape.delay : 2.0 * (design.latency_frames - rest) - shape.delay + 1.0;
        const std::vector<double> up = low_pass(shape, shape.delay);
        const std::vector<double> down = low_pass(shape, back);
        OversamplerDesign::Stage& stage = design.stage[static_cast<std::size_t>(s)];
        stage.up_even = phase_of(up, 0, 1.0);
        stage.up_odd = phase_of(up, 1, 1.0);
        stage.down_odd = phase_of(down, 0, 0.5);  // the newest sample of a pair is the odd one
        stage.down_even = phase_of(down, 1, 0.5);
        stage.up_history = history_of(stage.up_even, stage.up_odd);
        stage.down_history = history_of(stage.down_even, stage.down_odd);
        if (s > 0) design.warm_frames += stage.up_history / (1 << s) + 1;
    }
    design.warm_frames = std::max(design.warm_frames, 1);
    return design;
}

void Oversampler::Line::prepare(int frames_back, int tile) {
    history = frames_back;
    samples.assign(static_cast<std::size_t>(frames_back + tile), 0.0F);
}

void Oversampler::Line::slide(int frames) noexcept {
    std::copy(samples.begin() + frames, samples.begin() + frames + history, samples.begin());
}

void Oversampler::prepare(const OversamplerDesign& design) {
    for (int s = 0; s < design.stages; ++s) {
        const auto at = static_cast<std::size_t>(s);
        const int tile = kernels::saturation_tile << s;
        up_[at].prepare(design.stage[at].up_history + (s == 0 ? design.warm_frames : 0), tile);
        down_even_[at].prepare(design.stage[at].down_history, tile);
        down_odd_[at].prepare(design.stage[at].down_history, tile);
    }
}

void Oversampler::clear() noexcept {
    for (auto* lines : {&up_, &down_even_, &down_odd_}) {
        for (Line& line : *lines) std::fill(line.samples.begin(), line.samples.end(), 0.0F);
    }
}

void Oversampler::remember(const float* x, int frames) noexcept {
    std::copy_n(x, frames, up_[0].here());
    up_[0].slide(frames);
}

void Oversampler::up(const OversamplerDesign& design, const float* x, int frames, float* oversampled) noexcept {
    std::copy_n(x, frames, up_[0].here());
    climb(design, up_[0].here(), frames, oversampled);
    up_[0].slide(frames);
}

float Oversampler::wake(const OversamplerDesign& design) noexcept {
    for (auto* lines : {&down_even_, &down_odd_}) {
        for (Line& line : *lines) std::fill(line.samples.begin(), line.samples.end(), 0.0F);
    }
    std::array<float, kernels::most_oversampled_frames> oversampled;
    climb(design, up_[0].here() - design.warm_frames, design.warm_frames, oversampled.data());
    return oversampled[static_cast<std::size_t>(design.warm_frames * design.factor() - 1)];
}

// Doubles and doubles again; `x` has its history before it.
void Oversampler::climb(const OversamplerDesign& design, const float* x, int frames, float* oversampled) noexcept {
    for (int s = 0; s < design.stages; ++s) {
        const OversamplerDesign::Stage& stage = design.stage[static_cast<std::size_t>(s)];
        const int now = frames << s;
        stage.up_even.run(x, false, even_.data(), now);
        stage.up_odd.run(x, false, odd_.data(), now);
        if (s > 0) up_[static_cast<std::size_t>(s)].slide(now);
        float* to = s + 1 < design.stages ? up_[static_cast<std::size_t>(s + 1)].here() : oversampled;
        for (int i = 0; i < now; ++i) {
            to[2 * i] = even_[static_cast<std::size_t>(i)];
            to[2 * i + 1] = odd_[static_cast<std::size_t>(i)];
        }
        x = to;
    }
}

void Oversampler::down(const OversamplerDesign& design, float* oversampled, int frames, float* y) noexcept {
    for (int s = design.stages - 1; s >= 0; --s) {
        const auto at = static_cast<std::size_t>(s);
        const int now = frames << s;
        float *even = down_even_[at].here(), *odd = down_odd_[at].here();
        for (int i = 0; i < now; ++i) {
            even[i] = oversampled[2 * i];
            odd[i] = oversampled[2 * i + 1];
        }
        float* to = s > 0 ? oversampled : y;
        design.stage[at].down_odd.run(odd, false, to, now);
        design.stage[at].down_even.run(even, true, to, now);
        down_even_[at].slide(now);
        down_odd_[at].slide(now);
    }
}

}  // namespace smartmix::dsp
