// Meters and their kernels in ways Python cannot reach: every instruction set of this machine, and buffers that end
// exactly where the audio does.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "check.hpp"
#include "kernels/peak_scan.hpp"
#include "meters/loudness_meter.hpp"
#include "processors/true_peak_limiter.hpp"

using namespace smartmix;

namespace {

std::vector<float> noise(std::size_t frames, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> x(frames);
    for (float& sample : x) sample = static_cast<float>(random()) / 2147483648.0F - 1.0F;
    return x;
}

template <class T>
bool same_bits(const T& a, const T& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0;
}

// Everything one set of kernels says about some noise.
std::vector<float> said_by(const kernels::PeakScan& scan) {
    constexpr int frames = 64;
    const auto& tables = dsp::interpolator_tables();
    const std::vector<float> samples = noise(frames + 2 * dsp::fine_taps, 1);
    const float* x = samples.data() + dsp::fine_taps;
    const std::vector<float> threshold(frames, 1.0F), tail(kernels::scan_group, 0.1F), limit(kernels::scan_group + 1, 1.2F);
    std::vector<float> said(frames);
    std::array<int, frames / kernels::scan_group> groups{};
    const int count = scan.half_scan(tables, x, frames, threshold.data(), said.data(), groups.data());
    for (int g = 0; g < count; ++g) said.push_back(static_cast<float>(groups[static_cast<std::size_t>(g)]));
    std::array<float, kernels::scan_group> a{};
    std::array<float, kernels::scan_group> b{};
    std::array<float, kernels::scan_group> c{};
    for (int i = 0; i < frames; i += kernels::scan_group) {
        scan.quarters(tables, x + i, a.data(), b.data(), c.data());
        said.insert(said.end(), a.begin(), a.end());
        said.insert(said.end(), b.begin(), b.end());
        said.insert(said.end(), c.begin(), c.end());
        a.fill(0.0F);
        const unsigned over = scan.readings(tables, x + i, {said.data() + i, threshold.data() + i, tail.data(), limit.data()}, a.data());
        said.insert(said.end(), a.begin(), a.end());
        said.push_back(static_cast<float>(over));
    }
    for (const auto& taps : tables.fine) said.push_back(scan.fine_point(x - 31, taps.data()));
    for (int length = 0; length <= frames; ++length) said.push_back(scan.largest(x, length));
    return said;
}

void test_all_instruction_sets_say_the_same() {
    const kernels::PeakScan* baseline = kernels::peak_scan_for("baseline");
    CHECK(baseline != nullptr);
    CHECK(kernels::peak_scan_for("nonsense") == nullptr);
    const std::vector<float> expected = said_by(*baseline);
    if (const kernels::PeakScan* avx2 = kernels::peak_scan_for("avx2")) CHECK(same_bits(said_by(*avx2), expected));
}

// The family by its definition: the largest reading between x[0] and x[1], every kernel at every place it is read.
double family_at(const float* x) {
    double most = std::max(std::fabs(static_cast<double>(x[0])), std::fabs(static_cast<double>(x[1])));
    const auto read = [&](int points, int half_width, auto kernel) {
        for (int p = 1; p < points; ++p) {
            double sum = 0.0;
            for (int k = 1 - half_width; k <= half_width; ++k) sum += static_cast<double>(x[k]) * kernel(k - static_cast<double>(p) / points);
            most = std::max(most, std::fabs(sum));
        }
    };
    read(16, 32, [](double u) { return dsp::kaiser_sinc(u, 32, 8.0); });
    read(8, 12, [](double u) { return dsp::kaiser_sinc(u, 12, 6.5); });
    read(4, 6, [](double u) { return dsp::hann_sinc(u, 6); });
    const auto& folded = dsp::interpolator_tables().bs1770;  // 1/8 and 3/8 of the Recommendation, and the same from the other end
    for (std::size_t pair = 0; pair < 2; ++pair) {
        double even = 0.0, odd = 0.0;
        for (std::size_t k = 0; k < 6; ++k) {
            const auto before = static_cast<double>(*(x - k)), after = static_cast<double>(x[1 + k]);
            even += static_cast<double>(folded[4 * k + 2 * pair]) * (before + after);
            odd += static_cast<double>(folded[4 * k + 2 * pair + 1]) * (before - after);
        }
        most = std::max({most, std::fabs(even + odd), std::fabs(even - odd)});
    }
    return most;
}

// What is left out costs nothing: tones, two at a time, up to 0.4 fs, and no reading that passes the limit is missed or lower.
// (The taps of BS.1770 are not in the oracle: they read up to 0.08 dB more.)
void test_readings_are_the_family() {
    const kernels::PeakScan& scan = kernels::peak_scan();
    const auto& tables = dsp::interpolator_tables();
    constexpr int group = kernels::scan_group;
    std::mt19937 random(4);
    const auto share = [&] { return static_cast<double>(random()) / 4294967296.0; };
    int compared = 0;
    for (int trial = 0; trial < 400; ++trial) {
        const double low = 0.4 * std::pow(share(), 3.0) * 6.2832, high = 0.4 * share() * 6.2832, mix = share(), phase = 6.3 * share();
        std::vector<float> samples(group + 2 * dsp::fine_taps);
        for (std::size_t n = 0; n < samples.size(); ++n) {
            const auto t = static_cast<double>(n);
            samples[n] = static_cast<float>(mix * std::cos(low * t + phase) + (1.0 - mix) * std::cos(high * t));
        }
        const float* x = samples.data() + dsp::fine_taps;
        const std::array<float, group> none{};
        std::array<float, group> threshold{}, level{}, found{};
        std::array<float, group + 1> limit{};
        limit.fill(0.7F);
        threshold.fill(0.64F * 0.7F);
        int first = 0;
        const int hot = scan.half_scan(tables, x, group, threshold.data(), level.data(), &first);
        const unsigned over =
            hot == 0 ? 0 : scan.readings(tables, x, {level.data(), threshold.data(), none.data(), limit.data()}, found.data());
        for (unsigned i = 0; i < group; ++i) {
            const double wanted = family_at(x + i);
            CHECK(((over >> i) & 1U) == (found[i] > limit[i] ? 1U : 0U));
            if (wanted <= 0.7001) continue;
            CHECK(static_cast<double>(found[i]) > wanted * 0.9998 && static_cast<double>(found[i]) < wanted * 1.0001);
            ++compared;
        }
    }
    CHECK(compared > 400);
}

void test_kernels_interpolate() {
    const kernels::PeakScan& scan = kernels::peak_scan();
    const auto& tables = dsp::interpolator_tables();
    std::vector<float> samples(2 * dsp::fine_taps + kernels::scan_group);
    for (std::size_t n = 0; n < samples.size(); ++n) samples[n] = static_cast<float>(std::cos(0.9 * static_cast<double>(n)));
    const auto at = [](double n) { return std::cos(0.9 * n); };
    const float* x = samples.data() + dsp::fine_taps;
    std::array<float, kernels::scan_group> q1{};
    std::array<float, kernels::scan_group> q2{};
    std::array<float, kernels::scan_group> q3{};
    scan.quarters(tables, x, q1.data(), q2.data(), q3.data());
    for (std::size_t i = 0; i < q1.size(); ++i) {
        const double n = static_cast<double>(i) + dsp::fine_taps;
        CHECK(std::fabs(q1[i] - at(n + 0.25)) < 2e-3);
        CHECK(std::fabs(q2[i] - at(n + 0.50)) < 2e-3);
        CHECK(std::fabs(q3[i] - at(n + 0.75)) < 2e-3);
    }
    for (std::size_t step = 0; step < tables.fine.size(); ++step) {
        const double n = dsp::fine_taps + static_cast<double>(step) / dsp::fine_steps;
        CHECK(std::fabs(scan.fine_point(x - 31, tables.fine[step].data()) - at(n)) < 2e-4);
    }
}

void test_meter_edges() {
    for (const int channels : {1, 2, 3, 8}) {
        LoudnessMeter whole(44100.0, channels);
        LoudnessMeter cut(44100.0, channels);
        std::vector<std::vector<float>> audio;
        std::vector<const float*> heads;
        for (int c = 0; c < channels; ++c) audio.push_back(noise(30011, static_cast<unsigned>(c)));
        for (const auto& channel : audio) heads.push_back(channel.data());
        whole.process(heads.data(), 30011);
        for (std::int64_t at = 0, step = 1; at < 30011; step = step % 1500 + 7) {
            const std::int64_t frames = std::min<std::int64_t>(step, 30011 - at);
            std::vector<const float*> moved;
            for (const float* head : heads) moved.push_back(head + at);
            cut.process(moved.data(), frames);
            at += frames;
        }
        CHECK(cut.integrated_lufs() == whole.integrated_lufs());
        CHECK(cut.true_peak_dbtp() == whole.true_peak_dbtp());
        CHECK(same_bits(cut.energies_10ms(), whole.energies_10ms()));
        whole.process(heads.data(), 0);
        CHECK(cut.sample_peak_dbfs() == whole.sample_peak_dbfs());
    }
    CHECK_THROWS(std::invalid_argument, LoudnessMeter(7999.0, 2));
    CHECK_THROWS(std::invalid_argument, LoudnessMeter(48000.0, 9));
    CHECK_THROWS(std::invalid_argument, LoudnessMeter(48000.0, 0));
    CHECK_THROWS(std::logic_error, LoudnessMeter(48000.0, 2, false).true_peak_dbtp());
    CHECK_THROWS(std::invalid_argument, LoudnessMeter(48000.0, 2).short_term_lufs(30));
}

// A moving ceiling is followed frame by frame, with what went in at that frame.
void test_limiter_follows_its_ceiling() {
    TruePeakLimiter limiter;
    limiter.prepare({48000.0, 1});
    std::vector<float> x(48000, 0.8F);
    float* head = x.data();
    const std::array<ParamEvent, 1> down = {ParamEvent{12000, limiter.parameter_index("ceiling_dbtp"), -12.0, 24000}};
    limiter.process({&head, 1, 48000}, down);
    const int late = limiter.latency_frames();
    for (int k = 0; k < 48000 - late; k += 480) {
        const double ceiling_db = k < 12000 ? -1.0 : std::max(-12.0, -1.0 - 11.0 * (k - 12000) / 24000.0);
        CHECK(x[static_cast<std::size_t>(k + late)] <= std::pow(10.0, ceiling_db / 20.0) * 1.0001);
    }
    CHECK(limiter.max_reduction_db() > 9.0);
    limiter.reset();
    CHECK(limiter.max_reduction_db() == 0.0);
}

}  // namespace

void test_meters() {
    test_all_instruction_sets_say_the_same();
    test_kernels_interpolate();
    test_readings_are_the_family();
    test_meter_edges();
    test_limiter_follows_its_ceiling();
}
