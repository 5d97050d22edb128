#include "dsp/crossover.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

#include "dsp/dynamics.hpp"
#include "dsp/svf.hpp"

namespace smartmix::dsp {
namespace {

constexpr float butterworth_k = 1.41421356F;
constexpr double nearest = 1.2599210498948732;  // crossovers stay a third of an octave apart

double prewarped(double sample_rate, double hz) noexcept {
    return std::tan(std::numbers::pi * std::min(hz / sample_rate, 0.49));
}

}  // namespace

Crossover::Crossover() : hz_{Ramp(Scale::log), Ramp(Scale::log), Ramp(Scale::log)} {
    hz_[0].jump(120.0), hz_[1].jump(1000.0), hz_[2].jump(6000.0);
}

void Crossover::prepare(double sample_rate, int channels) {
    sample_rate_ = sample_rate;
    channels_ = channels;
    pairs_.assign(static_cast<std::size_t>((channels + 1) / 2), {});
    nowhere_.assign(longest_cell_frames, 0.0F);
}

void Crossover::clear() noexcept {
    std::fill(pairs_.begin(), pairs_.end(), Pair{});
    cell_done_ = 0;
}

void Crossover::set_bands(int bands) noexcept {
    bands_ = std::clamp(bands, 2, most_bands);
    clear();
}

void Crossover::move_hz(int split, double hz, int frames) noexcept {
    hz_[static_cast<std::size_t>(split)].move(hz, frames);
}

bool Crossover::moving() const noexcept { return any_moving(hz_); }

int Crossover::frames_left() const noexcept {
    constexpr int any = std::numeric_limits<int>::max();
    return cell_length(hz_, any, any);
}

std::array<double, Crossover::most_splits> Crossover::spaced_hz(int frames) const noexcept {
    std::array<double, most_splits> hz;
    for (std::size_t i = 0; i < hz.size(); ++i) {
        hz[i] = hz_[i].value_after(frames);
        if (i > 0) hz[i] = std::max(hz[i], nearest * hz[i - 1]);
    }
    return hz;
}

void Crossover::begin_cell(int frames) noexcept {
    const auto from_hz = spaced_hz(0);
    ways_move_ = moving();
    const auto to_hz = ways_move_ ? spaced_hz(frames) : from_hz;
    for (std::size_t i = 0; i < ways_.size(); ++i) {
        const double from = prewarped(sample_rate_, from_hz[i]);
        ways_[i].from = static_cast<float>(from);
        ways_[i].step = ways_move_ ? static_cast<float>((prewarped(sample_rate_, to_hz[i]) - from) / frames) : 0.0F;
    }
    cell_done_ = 0;
}

void Crossover::advance(int frames) noexcept {
    for (Ramp& ramp : hz_) ramp.advance(frames);
    cell_done_ += frames;
}

// What the four lanes of a section have in common at one frame: the frequencies of their two branches.
template <bool Moving>
struct Crossover::Tuned {
    Four from, step, g, gk, a2;

    Tuned(const Way& low, const Way& high) noexcept
        : from{low.from, low.from, high.from, high.from}, step{low.step, low.step, high.step, high.step} {
        set(from);
    }
    void set(Four at) noexcept {
        g = at;
        gk = g + butterworth_k;
        a2 = g / (Four{} + 1.0F + g * gk);
    }
    void go(int done) noexcept {
        if constexpr (Moving) set(from + step * static_cast<float>(done));
    }
    inline Four tick(Four x, Section& s, Four m0, Four m1, Four m2) const noexcept {
        return svf_tick(x, g, gk, a2, m0, m1, m2, s.s1, s.c1, s.s2, s.c2);
    }
    // A Butterworth pass: low in the first two lanes, high in the others.
    inline Four pass(Four x, Section& s) const noexcept {
        constexpr float k = butterworth_k;
        const Four m0 = {0.0F, 0.0F, 1.0F, 1.0F}, m1 = {0.0F, 0.0F, -k, -k}, m2 = {1.0F, 1.0F, -1.0F, -1.0F};
        return tick(x, s, m0, m1, m2);
    }
    // Left and right in, low left, low right, high left, high right out.
    inline Four cut(Four both, Section* s) const noexcept { return pass(pass(both, s[0]), s[1]); }
    // The all-pass of a crossover, on all lanes.
    inline Four turn(Four x, Section& s) const noexcept {
        const Four m1 = Four{} - 2.0F * butterworth_k;
        return tick(x, s, Four{} + 1.0F, m1, Four{});
    }
};

template <int Bands, bool Moving>
void Crossover::run(Pair& pair, const float* left, const float* right, int frames, float* const* out) const noexcept {
    // The first cut is in the middle. Each half goes through the all-pass of the cut in the other half, if there is one.
    constexpr int first = Bands == 4 ? 1 : 0;
    Tuned<Moving> middle(ways_[first], ways_[first]);
    Tuned<Moving> others(ways_[Bands == 4 ? 2 : 1], ways_[0]);
    Tuned<Moving> lower(ways_[0], ways_[0]);
    Tuned<Moving> upper(ways_[Bands == 4 ? 2 : 1], ways_[Bands == 4 ? 2 : 1]);
    auto s = std::bit_cast<std::array<Section, kernels::crossover_sections>>(pair.sections);
    const auto put = [out](int band, int i, Four bands) {
        out[2 * band][i] = bands[0], out[2 * band + 1][i] = bands[1];
        out[2 * band + 2][i] = bands[2], out[2 * band + 3][i] = bands[3];
    };
    for (int i = 0; i < frames; ++i) {
        middle.go(cell_done_ + i);
        const Four halves = middle.cut(Four{left[i], right[i], left[i], right[i]}, &s[0]);
        if constexpr (Bands == 2) {
            put(0, i, halves);
            continue;
        }
        others.go(cell_done_ + i), upper.go(cell_done_ + i);
        const Four turned = others.turn(halves, s[2]);
        const Four low = __builtin_shufflevector(turned, turned, 0, 1, 0, 1);
        const Four high = Bands == 4 ? turned : halves;
        const Four top = upper.cut(__builtin_shufflevector(high, high, 2, 3, 2, 3), &s[3]);
        if constexpr (Bands == 3) {
            put(0, i, __builtin_shufflevector(low, top, 0, 1, 4, 5));
            out[4][i] = top[2], out[5][i] = top[3];
        } else {
            lower.go(cell_done_ + i);
            put(0, i, lower.cut(low, &s[5]));
            put(2, i, top);
        }
    }
    pair.sections = std::bit_cast<decltype(pair.sections)>(s);
}

template <int Bands>
void Crossover::run(Pair& pair, const float* left, const float* right, int frames, float* const* out) const noexcept {
    if (ways_move_) {
        run<Bands, true>(pair, left, right, frames, out);
    } else if constexpr (Bands == 4) {
        const kernels::CrossoverTree tree = {ways_[0].from, ways_[1].from, ways_[2].from};
        kernels::crossover_kernels().split(tree, pair.sections.data(), left, right, frames, out);
    } else {
        run<Bands, false>(pair, left, right, frames, out);
    }
}

void Crossover::split(BlockView io, int first, int frames, float* const* out) noexcept {
    for (int c = 0; c < channels_; c += 2) {
        const bool pair = c + 1 < channels_;
        std::array<float*, 2 * most_bands> rows;
        for (int band = 0; band < bands_; ++band) {
            rows[static_cast<std::size_t>(2 * band)] = out[band * channels_ + c];
            rows[static_cast<std::size_t>(2 * band + 1)] = pair ? out[band * channels_ + c + 1] : nowhere_.data();
        }
        const float* left = io.channels[c] + first;
        const float* right = pair ? io.channels[c + 1] + first : left;
        Pair& memory = pairs_[static_cast<std::size_t>(c / 2)];
        switch (bands_) {
            case 2: run<2>(memory, left, right, frames, rows.data()); break;
            case 3: run<3>(memory, left, right, frames, rows.data()); break;
            default: run<4>(memory, left, right, frames, rows.data()); break;
        }
    }
}

// A Butterworth pass of second order is 1 / sqrt(1 + w^4) or w^2 / sqrt(1 + w^4): twice, that is squared.
double Crossover::response_db(int band, double hz) const {
    std::array<double, most_splits> at = spaced_hz(std::numeric_limits<int>::max());
    const double here = std::tan(std::numbers::pi * std::min(hz / sample_rate_, 0.5));
    double db = 0.0;
    const auto low = [&](int split) {
        const double w = here / prewarped(sample_rate_, at[static_cast<std::size_t>(split)]);
        return -10.0 * std::log10(1.0 + w * w * w * w);
    };
    const auto high = [&](int split) {
        const double w = here / prewarped(sample_rate_, at[static_cast<std::size_t>(split)]);
        return -10.0 * std::log10(1.0 + 1.0 / (w * w * w * w));
    };
    // Tree: with four bands every band runs through the middle cut and one of the outer ones.
    if (bands_ == 4) {
        db = band < 2 ? low(1) : high(1);
        return db + (band == 0 ? low(0) : band == 1 ? high(0) : band == 2 ? low(2) : high(2));
    }
    if (band == 0) return low(0);
    if (bands_ == 2) return high(0);
    return high(0) + (band == 1 ? low(1) : high(1));
}

}  // namespace smartmix::dsp
