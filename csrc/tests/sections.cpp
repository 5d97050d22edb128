// The section kernels of every instruction set this machine has, against a scalar reference of the same arithmetic (bit
// for bit) and against double.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "dsp/svf_design.hpp"
#include "kernels/sections.hpp"

using namespace smartmix;
using kernels::LaneSection;
using kernels::SectionKernels;
using kernels::SectionRun;

namespace {

constexpr int lane_count = kernels::section_lanes;

template <class T>
struct Arithmetic {
    bool fused;
    T muladd(T a, T b, T c) const { return fused ? std::fma(a, b, c) : a * b + c; }
};

// One integrator: what it is to take in is rounded, then added; where it owes, what that addition lost is paid next time.
template <class T>
T integrated(const Arithmetic<T>& with, T sum, T by, T step, bool owes, T& owed) {
    const T in = owes ? with.muladd(by, step, -owed) : by * step;
    const T next = sum + in;
    if (owes) owed = (next - sum) - in;
    return next;
}

// One lane of one section over a signal, as the kernels are meant to do it.
template <class T>
void reference(const Arithmetic<T>& with, LaneSection& section, int lane, std::vector<T>& x) {
    T memory[4];
    for (int i = 0; i < 4; ++i) memory[i] = static_cast<T>(section.memory[i].lane[lane]);
    const bool owes = section.owing[lane] != 0;
    for (std::size_t n = 0; n < x.size(); ++n) {
        const T j = static_cast<T>(section.done.lane[lane]) + static_cast<T>(n);
        T p[5];
        for (int i = 0; i < 5; ++i) {
            p[i] = with.muladd(static_cast<T>(section.step[i].lane[lane]), j, static_cast<T>(section.from.of[i].lane[lane]));
        }
        const auto [g, gk, m0, half_m1, half_m2] = p;
        auto& [s1, c1, s2, c2] = memory;
        const T twice_a2 = (g + g) / with.muladd(g, gk, T{1});
        const T t = with.muladd(-gk, s1, x[n]) - s2;
        const T twice_v1 = with.muladd(twice_a2, t, s1 + s1);
        const T next2 = integrated(with, s2, g, twice_v1, owes, c2);
        const T twice_v2 = s2 + next2;
        s1 = integrated(with, s1, twice_a2, t, owes, c1);
        s2 = next2;
        x[n] = with.muladd(half_m2, twice_v2, with.muladd(half_m1, twice_v1, m0 * x[n]));
    }
}

// The same filter as its inventors write it, in double and from the coefficients of the design (A. Simper, 2013): for what
// the sections are to come near to. Shares nothing with the kernels but the coefficients.
void textbook(const dsp::SvfCoefficients& from, const dsp::SvfCoefficients& to, int frames, std::vector<double>& x) {
    double ic1 = 0.0;
    double ic2 = 0.0;
    for (std::size_t n = 0; n < x.size(); ++n) {
        const double part = static_cast<double>(n) / frames;
        const auto at = [part](double a, double b) { return a + (b - a) * part; };
        const double g = at(from.g, to.g);
        const double a1 = 1.0 / (1.0 + g * (g + at(from.k, to.k)));
        const double v3 = x[n] - ic2;
        const double v1 = a1 * ic1 + g * a1 * v3;
        const double v2 = ic2 + g * v1;
        ic1 = 2.0 * v1 - ic1;
        ic2 = 2.0 * v2 - ic2;
        x[n] = at(from.m0, to.m0) * x[n] + at(from.m1, to.m1) * v1 + at(from.m2, to.m2) * v2;
    }
}

struct Case {
    std::vector<LaneSection> sections;
    std::vector<SectionRun> runs;
    std::vector<std::vector<std::pair<dsp::SvfCoefficients, dsp::SvfCoefficients>>> ways;  // of each section and lane
    std::vector<std::vector<float>> x;  // of each lane
};

// Sections of all shapes, some on their way, some lanes without a section.
Case random_case(int count, int frames, unsigned seed) {
    std::mt19937 random(seed);
    const auto uniform = [&] { return static_cast<double>(random() % 10000U) / 10000.0; };
    Case c;
    c.sections.resize(static_cast<std::size_t>(count));
    for (LaneSection& section : c.sections) {
        bool moving = false;
        bool owing = false;
        auto& ways = c.ways.emplace_back(lane_count);
        for (int l = 0; l < lane_count; ++l) {
            if (random() % 4U == 0U) continue;
            dsp::BandSettings settings{static_cast<dsp::BandShape>(1 + static_cast<int>(random() % 6U)),
                                       20.0 * std::pow(500.0, uniform()), 12.0 * uniform() - 6.0, 0.5 + uniform(), 12};
            const dsp::SvfCoefficients from = dsp::design_band(settings, 48000.0).section[0];
            settings.hz *= 1.1;
            settings.gain_db += 1.0;
            const bool moves = seed % 2U == 1U && random() % 2U == 0U;
            const dsp::SvfCoefficients to = moves ? dsp::design_band(settings, 48000.0).section[0] : from;
            ways[static_cast<std::size_t>(l)] = {from, to};
            const double starts[] = {from.g, from.g + from.k, from.m0, 0.5 * from.m1, 0.5 * from.m2};
            const double ends[] = {to.g, to.g + to.k, to.m0, 0.5 * to.m1, 0.5 * to.m2};
            for (int i = 0; i < 5; ++i) {
                section.from.of[i].lane[l] = static_cast<float>(starts[i]);
                section.step[i].lane[l] = static_cast<float>((ends[i] - starts[i]) / frames);
            }
            section.owing[l] = from.g < 0.02 || to.g < 0.02 ? -1 : 0;
            moving = moving || moves;
            owing = owing || section.owing[l] != 0;
        }
        c.runs.push_back({nullptr, moving, owing});
    }
    for (int l = 0; l < lane_count; ++l) {
        auto& lane = c.x.emplace_back(static_cast<std::size_t>(frames));
        for (float& x : lane) x = static_cast<float>(uniform() - 0.5);
    }
    return c;
}

void connect(Case& c) {
    for (std::size_t i = 0; i < c.runs.size(); ++i) c.runs[i].section = &c.sections[i];
}

// What one lane has, in all of them.
Case made_alike(Case c) {
    for (std::size_t i = 0; i < c.sections.size(); ++i) {
        LaneSection& section = c.sections[i];
        for (int l = 1; l < lane_count; ++l) {
            for (LaneSection::Lanes& of : section.from.of) of.lane[l] = of.lane[0];
            for (LaneSection::Lanes& of : section.step) of.lane[l] = of.lane[0];
            section.owing[l] = section.owing[0];
            c.ways[i][static_cast<std::size_t>(l)] = c.ways[i][0];
        }
        c.runs[i].owing = section.owing[0] != 0;
    }
    return c;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

std::vector<std::vector<float>> referred(const Arithmetic<float>& with, Case c) {
    std::vector<std::vector<float>> out;
    for (int l = 0; l < lane_count; ++l) {
        out.push_back(c.x[static_cast<std::size_t>(l)]);
        for (LaneSection& section : c.sections) reference(with, section, l, out.back());
    }
    return out;
}

std::vector<std::vector<double>> in_double(const Case& c) {
    std::vector<std::vector<double>> out;
    for (std::size_t l = 0; l < c.x.size(); ++l) {
        out.emplace_back(c.x[l].begin(), c.x[l].end());
        for (const auto& ways : c.ways) textbook(ways[l].first, ways[l].second, static_cast<int>(c.x[l].size()), out.back());
    }
    return out;
}

void by_lanes(const SectionKernels& kernel, Case& c, unsigned seed) {
    connect(c);
    std::mt19937 random(seed);
    const int frames = static_cast<int>(c.x[0].size());
    for (int first = 0; first < frames;) {
        const int size = std::min(frames - first, static_cast<int>(random() % 60U));
        std::vector<float> x(static_cast<std::size_t>(size * lane_count));
        const float* in[lane_count];
        float* out[lane_count];
        for (int l = 0; l < lane_count; ++l) in[l] = out[l] = c.x[static_cast<std::size_t>(l)].data() + first;
        kernel.to_lanes(in, x.data(), size);
        kernel.lanes(c.runs.data(), static_cast<int>(c.runs.size()), x.data(), size);
        kernel.from_lanes(x.data(), out, size);
        first += size;
    }
}

void by_streams(const SectionKernels& kernel, Case& c, unsigned seed) {
    connect(c);
    std::mt19937 random(seed);
    const int frames = static_cast<int>(c.x[0].size());
    for (int first = 0; first < frames;) {
        const int size = std::min(frames - first, static_cast<int>(random() % 700U));
        for (int l = 0; l < lane_count;) {
            const int channels = std::min(lane_count - l, 1 + static_cast<int>(random() % 2U));
            float* heads[2] = {c.x[static_cast<std::size_t>(l)].data() + first,
                               channels == 2 ? c.x[static_cast<std::size_t>(l + 1)].data() + first : nullptr};
            kernel.stream(c.runs.data(), static_cast<int>(c.runs.size()), l, channels, heads, size);
            l += channels;
        }
        first += size;
    }
}

// Lane 0 of every section for all lanes of `groups` groups; lane l of group g hears lane l + g of the case. Whether all
// lanes have the bits expected.
bool by_shared(const SectionKernels& kernel, const Case& c, const std::vector<std::vector<float>>& expected, int groups,
               unsigned seed) {
    std::vector<kernels::SharedWay> ways(c.sections.size());
    std::vector<kernels::GroupMemory> memory(c.sections.size() * static_cast<std::size_t>(groups));
    std::vector<kernels::SharedRun> runs;
    for (std::size_t i = 0; i < ways.size(); ++i) {
        for (int p = 0; p < LaneSection::coefficients; ++p) {
            ways[i].from[p] = c.sections[i].from.of[p].lane[0], ways[i].step[p] = c.sections[i].step[p].lane[0];
        }
        ways[i].moving = c.runs[i].moving, ways[i].owing = c.sections[i].owing[0] != 0;
        runs.push_back({&ways[i], memory.data() + i * static_cast<std::size_t>(groups)});
    }
    std::mt19937 random(seed);
    const int frames = static_cast<int>(c.x[0].size());
    bool good = true;
    for (int first = 0; first < frames;) {
        const int size = std::min(frames - first, static_cast<int>(random() % 200U));
        const auto lane_of = [](int group, int l) { return static_cast<std::size_t>((l + group) % lane_count); };
        std::vector<std::vector<float>> tiles;
        std::vector<float*> x;
        for (int g = 0; g < groups; ++g) {
            const float* in[lane_count];
            for (int l = 0; l < lane_count; ++l) in[l] = c.x[lane_of(g, l)].data() + first;
            kernel.to_lanes(in, tiles.emplace_back(static_cast<std::size_t>(size * lane_count)).data(), size);
        }
        for (auto& tile : tiles) x.push_back(tile.data());
        kernel.shared(runs.data(), static_cast<int>(runs.size()), x.data(), groups, size);
        for (int g = 0; g < groups; ++g) {
            for (int at = 0; at < size * lane_count; ++at) {
                const float wanted = expected[lane_of(g, at % lane_count)][static_cast<std::size_t>(first + at / lane_count)];
                good = good && std::memcmp(&wanted, &x[static_cast<std::size_t>(g)][at], sizeof(float)) == 0;
            }
        }
        first += size;
    }
    return good;
}

// Power of the difference from the double reference, of all lanes, against the power of the louder of input and output.
double error_db(const Case& in, const std::vector<std::vector<float>>& out, const std::vector<std::vector<double>>& exact) {
    double difference = 0.0;
    double before = 0.0;
    double after = 0.0;
    for (std::size_t l = 0; l < out.size(); ++l) {
        for (std::size_t n = 0; n < out[l].size(); ++n) {
            difference += std::pow(static_cast<double>(out[l][n]) - exact[l][n], 2.0);
            before += std::pow(static_cast<double>(in.x[l][n]), 2.0);
            after += exact[l][n] * exact[l][n];
        }
    }
    return 10.0 * std::log10(difference / std::max(before, after) + 1e-30);
}

void test_sections(const SectionKernels& kernel) {
    const Arithmetic<float> as_meant{std::string(kernel.isa) != "baseline"};
    unsigned seed = 0;
    for (const int count : {0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 40}) {
        for (const int frames : {0, 1, 2, 5, 33, 1500}) {
            for (int moving = 0; moving < 4; ++moving, ++seed) {
                const Case mixed = random_case(count, frames, seed);
                const bool alike = seed % 3U == 0U;
                const Case start = alike ? made_alike(mixed) : mixed;
                const auto expected = referred(as_meant, start);
                Case lanes = start;
                by_lanes(kernel, lanes, seed);
                Case streams = start;
                by_streams(kernel, streams, seed);
                bool good = true;
                for (std::size_t l = 0; l < expected.size(); ++l) {
                    good = good && same_bits(lanes.x[l], expected[l]) && same_bits(streams.x[l], expected[l]);
                }
                CHECK(good);
                if (alike) CHECK(by_shared(kernel, start, expected, 1 + static_cast<int>(seed / 3U % 3U), seed));
                if (frames > 1000) CHECK(error_db(start, lanes.x, in_double(start)) < -120.0);
            }
        }
    }
}

// Lanes without a section between lanes that run away: what lies there goes through as it is, and no NaN comes out of it.
void test_neutral_lanes(const SectionKernels& kernel) {
    constexpr int frames = 37;
    for (int kind = 0; kind < 4; ++kind) {
        Case c = random_case(9, frames, 5U);
        connect(c);
        for (std::size_t i = 0; i < c.runs.size(); ++i) {
            const LaneSection::From none;
            for (int l = 0; l < lane_count; l += 2) {
                for (int p = 0; p < LaneSection::coefficients; ++p) {
                    c.sections[i].from.of[p].lane[l] = none.of[p].lane[l], c.sections[i].step[p].lane[l] = 0.0F;
                    c.sections[i].from.of[p].lane[l + 1] = 3e38F;  // nonsense beside it
                }
                c.sections[i].owing[l] = 0;
            }
            c.runs[i].moving = kind % 2 == 1, c.runs[i].owing = kind >= 2;
        }
        std::vector<float> x(static_cast<std::size_t>(frames * lane_count) + 1);  // and not where vectors like to begin
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = i % 5 == 0 ? -0.0F : i % 7 == 0 ? 1e38F : std::sin(static_cast<float>(i));
        const std::vector<float> before = x;
        kernel.lanes(c.runs.data(), static_cast<int>(c.runs.size()), x.data() + 1, frames);
        bool good = true;
        for (std::size_t i = 1; i < x.size(); ++i) {
            if ((i - 1) % 2 == 0) good = good && x[i] == before[i];  // false for a NaN; -0 may become 0
        }
        CHECK(good);
    }
}

}  // namespace

void test_section_kernels() {
    CHECK(kernels::section_kernels_for("baseline") != nullptr);
    CHECK(kernels::section_kernels_for("nonsense") == nullptr);
    for (const char* isa : {"baseline", "avx2"}) {
        const SectionKernels* kernel = kernels::section_kernels_for(isa);
        if (kernel == nullptr) continue;
        test_sections(*kernel);
        test_neutral_lanes(*kernel);
    }
}
