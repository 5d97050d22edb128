// Reverb and delay in ways Python cannot reach: the kernels of every instruction set, the ring, samples beyond all sense.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"
#include "dsp/reverb_design.hpp"
#include "dsp/tap_ring.hpp"
#include "kernels/tank.hpp"
#include "processors/registry.hpp"

using namespace smartmix;

namespace {

float random_sample(std::mt19937& random) { return static_cast<float>(random()) / 4294967296.0F - 0.5F; }

kernels::TankTile random_tile(unsigned seed) {
    std::mt19937 random(seed);
    kernels::TankTile tile;
    for (auto& line : tile.line) {
        for (float& x : line) x = random_sample(random);
    }
    return tile;
}

std::array<const float*, kernels::tank_lines> heads_of(const kernels::TankTile& tile) {
    std::array<const float*, kernels::tank_lines> heads;
    for (std::size_t l = 0; l < heads.size(); ++l) heads[l] = tile.line[l];
    return heads;
}

// H(r, l) = (-1)^(bits in common) / 4, in double.
void test_mix_is_the_hadamard_matrix(const kernels::TankKernels& run) {
    const kernels::TankTile in = random_tile(1);
    kernels::TankTile out = random_tile(2);
    std::array<float, kernels::tank_lines> factors;
    for (std::size_t l = 0; l < factors.size(); ++l) factors[l] = l % 3 == 0 ? -1.0F : 1.0F;
    run.mix(heads_of(in).data(), factors.data(), out, kernels::tank_tile);
    double worst = 0.0;
    for (int i = 0; i < kernels::tank_tile; ++i) {
        for (unsigned r = 0; r < kernels::tank_lines; ++r) {
            double sum = 0.0;
            for (unsigned l = 0; l < kernels::tank_lines; ++l) {
                const double sign = __builtin_popcount(r & l) % 2 == 0 ? 0.25 : -0.25;
                sum += sign * static_cast<double>(factors[l]) * static_cast<double>(in.line[l][i]);
            }
            worst = std::max(worst, std::fabs(sum - static_cast<double>(out.line[r][i])));
        }
    }
    CHECK(worst < 1e-6);
}

void test_sum(const kernels::TankKernels& run) {
    const kernels::TankTile in = random_tile(3);
    const std::array<float, 3> factors = {0.5F, -2.0F, 0.25F};
    std::array<float, kernels::tank_tile> out{};
    run.sum(heads_of(in).data(), factors.data(), 3, out.data(), kernels::tank_tile);
    for (std::size_t i = 0; i < out.size(); ++i) {
        CHECK(std::fabs(out[i] - (0.5F * in.line[0][i] - 2.0F * in.line[1][i] + 0.25F * in.line[2][i])) < 1e-6F);
    }
}

// The damping of a line against its closed form, at a frequency, by a long sine.
void test_damping_is_the_design(const kernels::TankKernels& run) {
    const double rate = 48000.0;
    std::array<double, dsp::reverb_lines> frames;
    for (std::size_t l = 0; l < frames.size(); ++l) frames[l] = 1000.0 + 180.0 * static_cast<double>(l);
    const dsp::LineDamping design = dsp::design_damping(1.5, 6000.0, frames, rate);
    for (const double hz : {500.0, 6000.0}) {
        kernels::TankDamping damping;
        for (std::size_t l = 0; l < frames.size(); ++l) {
            damping.gain.from[l] = static_cast<float>(design.gain[l]);
            damping.g.from[l] = static_cast<float>(design.g[l]);
        }
        kernels::TankTile tile;
        std::array<double, dsp::reverb_lines> power{};
        const int settled = 200, blocks = 450;
        for (int b = 0; b < blocks; ++b) {
            for (auto& line : tile.line) {
                for (int i = 0; i < kernels::tank_tile; ++i) {
                    line[i] = static_cast<float>(std::sin(2.0 * M_PI * hz * (b * kernels::tank_tile + i) / rate));
                }
            }
            run.damp(damping, false, 0, heads_of(tile).data(), tile, kernels::tank_tile);
            for (std::size_t l = 0; b >= settled && l < power.size(); ++l) {
                for (const float x : tile.line[l]) power[l] += static_cast<double>(x * x);
            }
        }
        for (std::size_t l = 0; l < power.size(); ++l) {
            const double db = 10.0 * std::log10(2.0 * power[l] / ((blocks - settled) * kernels::tank_tile));
            const double once = -60.0 * frames[l] / (1.5 * rate);
            const double low_pass = 10.0 * std::log10(1.0 + std::pow(std::tan(M_PI * hz / rate) / design.g[l], 4.0));
            CHECK(std::fabs(db - (once - low_pass)) < 0.01);
            if (hz == 6000.0) CHECK(std::fabs(db - 2.0 * once) < 0.01);
        }
    }
}

// Ways that move, tiles of any length: the same bits on both instruction sets and for any cut.
void test_every_set_gives_the_same_bits(const kernels::TankKernels& run, const kernels::TankKernels& other) {
    for (const bool moving : {false, true}) {
        kernels::TankDamping damping_a;
        kernels::CutFilters cut_a;
        for (int l = 0; l < kernels::tank_lines; ++l) {
            damping_a.gain.from[l] = 0.9F, damping_a.g.from[l] = 0.1F + 0.05F * static_cast<float>(l);
            if (moving) damping_a.gain.step[l] = -1e-3F, damping_a.g.step[l] = 3e-4F;
        }
        for (int l = 0; l < 4; ++l) {
            cut_a.g.from[l] = l < 2 ? 0.01F : 0.7F;
            if (moving) cut_a.g.step[l] = 1e-4F;
        }
        kernels::TankDamping damping_b = damping_a;
        kernels::CutFilters cut_b = cut_a;
        const kernels::TankTile in = random_tile(4);
        kernels::TankTile a = in, b = in;
        run.damp(damping_a, moving, 0, heads_of(in).data(), a, kernels::tank_tile);
        run.cut(cut_a, moving, 0, a.line[0], a.line[1], kernels::tank_tile);
        kernels::TankTile piece;
        for (int at = 0, frames = 1; at < kernels::tank_tile; at += frames, frames = std::min(frames + 2, kernels::tank_tile - at)) {
            kernels::TankTile from;
            for (int l = 0; l < kernels::tank_lines; ++l) {
                std::fill(std::begin(from.line[l]), std::end(from.line[l]), 1e9F);  // beyond the piece: must not matter
                std::copy_n(in.line[l] + at, frames, from.line[l]);
            }
            other.damp(damping_b, moving, at, heads_of(from).data(), piece, frames);
            other.cut(cut_b, moving, at, piece.line[0], piece.line[1], frames);
            for (int l = 0; l < kernels::tank_lines; ++l) std::copy_n(piece.line[l], frames, b.line[l] + at);
        }
        CHECK(std::memcmp(&a, &b, sizeof(a)) == 0);
        CHECK(std::memcmp(&cut_a, &cut_b, sizeof(cut_a)) == 0);
    }
}

void test_ring_remembers() {
    std::mt19937 random(5);
    for (const int longest : {70, 97, 300}) {
        dsp::TapRing ring;
        ring.prepare(2, longest, 64);
        std::vector<float> past;
        for (int round = 0; round < 60; ++round) {
            const int frames = 1 + static_cast<int>(random() % 64U);
            std::vector<float> x(static_cast<std::size_t>(frames));
            for (float& sample : x) sample = random_sample(random);
            past.insert(past.end(), x.begin(), x.end());
            ring.write(1, x.data(), frames);
            for (const int delay : {0, 1, 63, 64, longest}) {
                const float* tap = ring.tap(1, delay);
                for (int i = 0; i < frames; ++i) {
                    const int at = static_cast<int>(past.size()) - frames + i - delay;
                    CHECK(tap[i] == (at < 0 ? 0.0F : past[static_cast<std::size_t>(at)]));
                }
            }
            ring.advance(frames);
        }
    }
}

void test_lines_are_primes_of_their_own() {
    for (const double rate : {8000.0, 44100.0, 48000.0, 192000.0, 384000.0}) {
        for (double size = 0.0; size <= 1.0; size += 0.05) {
            auto lines = dsp::design_geometry(size, 0.0, rate).line;
            std::sort(lines.begin(), lines.end());
            CHECK(lines[0] >= kernels::tank_tile);
            for (std::size_t l = 0; l < lines.size(); ++l) {
                CHECK(l == 0 || lines[l] > lines[l - 1]);
                for (int d = 2; d * d <= lines[l]; ++d) CHECK(lines[l] % d != 0);
            }
        }
    }
}

// The largest numbers there are, then silence: afterwards the effect has to be alive and quiet.
void test_nothing_stays_of_the_largest_numbers(const char* name) {
    const auto effect = make_processor(name);
    for (const auto& info : effect->parameters()) {
        effect->set_parameter(effect->parameter_index(info.id), info.id == "mix" || info.id == "feedback" ? info.high : info.low);
    }
    effect->prepare({48000.0, 2});
    std::vector<float> left(4800), right(4800);
    float* heads[] = {left.data(), right.data()};
    for (int block = 0; block < 60; ++block) {
        std::fill(left.begin(), left.end(), block == 0 ? std::numeric_limits<float>::max() : 0.0F);
        std::fill(right.begin(), right.end(), block == 0 ? -std::numeric_limits<float>::max() : 0.0F);
        effect->process({heads, 2, 4800}, {});
        CHECK(std::all_of(left.begin(), left.end(), [](float x) { return std::isfinite(x); }));
    }
    CHECK(std::all_of(left.begin(), left.end(), [](float x) { return std::fabs(x) < 1e-6F; }));
}

// Every setting thrown from end to end as fast as events can come, with sound: nothing may build up.
void test_thrown_settings_do_not_build_up(const char* name) {
    const auto effect = make_processor(name);
    effect->prepare({48000.0, 2});
    std::mt19937 random(6);
    double loudest = 0.0;
    std::vector<float> left(2400), right(2400);
    float* heads[] = {left.data(), right.data()};
    for (int block = 0; block < 200; ++block) {
        std::vector<ParamEvent> events;
        for (int i = 0; i < 300; ++i) {
            const auto param = random() % effect->parameters().size();
            const auto& info = effect->parameters()[param];
            events.push_back({i * 8, static_cast<std::int32_t>(param), random() % 2U != 0U ? info.low : info.high, 0});
        }
        for (float* x : heads) std::generate_n(x, 2400, [&] { return random_sample(random); });
        effect->process({heads, 2, 2400}, events);
        for (const float x : left) loudest = std::max(loudest, static_cast<double>(std::fabs(x)));
    }
    CHECK(loudest < 50.0);
}

}  // namespace

void test_space() {
    const kernels::TankKernels& baseline = *kernels::tank_kernels_for("baseline");
    for (const char* isa : {"baseline", "avx2"}) {
        const kernels::TankKernels* run = kernels::tank_kernels_for(isa);
        if (run == nullptr) continue;
        test_mix_is_the_hadamard_matrix(*run);
        test_sum(*run);
        test_damping_is_the_design(*run);
        test_every_set_gives_the_same_bits(baseline, *run);
        test_every_set_gives_the_same_bits(*run, baseline);
    }
    test_ring_remembers();
    test_lines_are_primes_of_their_own();
    for (const char* name : {"reverb", "delay"}) {
        test_nothing_stays_of_the_largest_numbers(name);
        test_thrown_settings_do_not_build_up(name);
    }
    CHECK_THROWS(std::invalid_argument, make_processor("reverb")->prepare({48000.0, 3}));
}
