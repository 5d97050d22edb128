// The masking meter in ways Python cannot reach: each instruction set of this machine, and the kernels against plain sums in
// double.
#include <cmath>
#include <complex>
#include <cstring>
#include <numbers>
#include <random>
#include <vector>

#include "check.hpp"
#include "core/realtime.hpp"
#include "dsp/ear.hpp"
#include "dsp/loudness_model.hpp"
#include "kernels/lane_fft.hpp"
#include "kernels/masking.hpp"
#include "meters/masking_meter.hpp"

using namespace smartmix;

namespace {

constexpr int lanes = kernels::lane_fft_lanes;

std::vector<float> noise(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> x(count);
    for (float& value : x) value = static_cast<float>(random()) / 2147483648.0F - 1.0F;
    return x;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::complex<double> direct_bin(const std::vector<float>& re, const std::vector<float>& im, int size, int lane, int bin) {
    std::complex<double> sum = 0.0;
    for (int i = 0; i < size; ++i) {
        const double turn = -2.0 * std::numbers::pi * ((static_cast<long>(bin) * i) % size) / size;
        sum += std::complex<double>(re[static_cast<std::size_t>(i * lanes + lane)],
                                    im[static_cast<std::size_t>(i * lanes + lane)]) *
               std::polar(1.0, turn);
    }
    return sum;
}

void test_transform_is_the_direct_sum() {
    for (const int size : {16, 32, 256, 512, 1024}) {
        const kernels::LaneFftTables tables(size);
        const kernels::LaneFftPlan plan = tables.plan();
        const auto re = noise(static_cast<std::size_t>(size * lanes), 1),
                   im = noise(static_cast<std::size_t>(size * lanes), 2);
        auto out_re = re, out_im = im;
        kernels::lane_fft_kernels().transform(plan, out_re.data(), out_im.data());
        double worst = 0.0;
        for (int lane = 0; lane < lanes; lane += 3) {
            for (int bin = 0; bin < size; bin += 7) {
                const auto at = static_cast<std::size_t>(plan.where[bin] * lanes + lane);
                worst = std::max(
                    worst, std::abs(std::complex<double>(out_re[at], out_im[at]) - direct_bin(re, im, size, lane, bin)));
            }
        }
        CHECK(worst < 2e-6 * size);
    }
}

// All a set of kernels says about some noise.
std::vector<float> said_by(const char* isa) {
    const kernels::LaneFftKernels& fft = *kernels::lane_fft_kernels_for(isa);
    const kernels::MaskingKernels& masking = *kernels::masking_kernels_for(isa);
    const kernels::LaneFftTables tables(512);
    auto re = noise(512 * lanes, 3), im = noise(512 * lanes, 4);
    fft.transform(tables.plan(), re.data(), im.data());
    std::vector<float> said = re;
    std::vector<float> decimated(40 * lanes);
    fft.decimate(re.data(), im.data(), 32, 8, decimated.data(), 40);
    said.insert(said.end(), decimated.begin(), decimated.end());
    kernels::EarPlaces ear{};
    for (int p = 0; p < kernels::ear_places; ++p) {
        ear.gain[p] = 0.5F, ear.a[p] = 5.0F, ear.alpha[p] = 0.21F, ear.base[p] = 1.4F, ear.k[p] = 0.6F,
        ear.threshold[p] = 3.0F;
        ear.at_threshold[p] = 0.05F;
    }
    ear.scale = 0.09F;
    kernels::HeardSignal signal;
    kernels::HeardMasker masker;
    std::vector<float> a = noise(kernels::ear_places, 5), b = noise(kernels::ear_places, 6), sum(a.size(), 0.0F);
    for (std::size_t p = 0; p < a.size(); ++p) a[p] = std::exp(10.0F * a[p]), b[p] = std::exp(10.0F * b[p]);
    masking.hear_signal(ear, a.data(), signal);
    masking.hear_masker(ear, b.data(), masker);
    const bool plain[kernels::ear_places / kernels::ear_block] = {true, true, true};
    std::vector<float> both(a.size());
    masking.compress(ear, b.data(), both.data());
    masking.add_partial(ear, signal, masker, plain, both.data(), sum.data());
    kernels::HeardSignal other;
    kernels::HeardMasker self;
    masking.hear_signal(ear, b.data(), other);
    masking.hear_masker(ear, a.data(), self);
    masking.add_pair(ear, {signal, self, plain}, {other, masker, plain}, sum.data(), both.data());
    said.insert(said.end(), both.begin(), both.end());
    kernels::CoverTable table{};
    for (int p = 0; p < kernels::ear_places; ++p) {
        table.per_threshold[p] = 1.0F / 3.0F, table.after_scale[p] = 6.0F, table.slope[p] = 0.1F;
        table.reach[p] = 4.0F, table.follow[p] = 0.02F, table.unsteady[p] = 30.0F, table.drop[p] = 7.0F;
    }
    kernels::CoverState state{};
    std::vector<float> covering(a.size());
    for (int hop = 0; hop < 40; ++hop) {
        masking.cover(table, hop % 7 < 5 ? a.data() : b.data(), state, covering.data());
        said.insert(said.end(), covering.begin(), covering.end());
    }
    said.insert(said.end(), sum.begin(), sum.end());
    said.insert(said.end(), signal.quiet, signal.quiet + kernels::ear_places);
    return said;
}

void test_all_instruction_sets_say_the_same() {
    CHECK(kernels::masking_kernels_for("nonsense") == nullptr);
    if (kernels::masking_kernels_for("avx2") == nullptr) return;
    CHECK(same_bits(said_by("baseline"), said_by("avx2")));
}

// In float and with short series, against the model in double: differences of nearly equal terms cost the most.
void test_partial_loudness_is_the_models() {
    const auto channels = dsp::design_ear_channels(1.8, 0.46, kernels::ear_places);
    kernels::EarPlaces ear{};
    for (int p = 0; p < kernels::ear_places; ++p) {
        const dsp::EarChannel& c = channels[static_cast<std::size_t>(p)];
        const double base = std::pow(c.a, c.alpha);
        ear.gain[p] = static_cast<float>(c.gain), ear.a[p] = static_cast<float>(c.a),
        ear.alpha[p] = static_cast<float>(c.alpha);
        ear.base[p] = static_cast<float>(base), ear.k[p] = static_cast<float>(c.k),
        ear.threshold[p] = static_cast<float>(c.threshold);
        ear.at_threshold[p] = static_cast<float>(std::pow(c.gain * c.threshold + c.a, c.alpha) - base);
    }
    ear.scale = static_cast<float>(dsp::specific_loudness_scale);
    const kernels::MaskingKernels& masking = kernels::masking_kernels();
    double worst = 0.0;
    for (int signal_db = -20; signal_db <= 95; signal_db += 5) {
        for (int noise_db = -30; noise_db <= 80; noise_db += 5) {  // with its thresholds under 100 dB
            std::vector<float> e(kernels::ear_places, std::pow(10.0F, 0.1F * static_cast<float>(signal_db)));
            std::vector<float> n(kernels::ear_places, std::pow(10.0F, 0.1F * static_cast<float>(noise_db)));
            std::vector<float> sum(kernels::ear_places, 0.0F);
            kernels::HeardSignal signal;
            kernels::HeardMasker masker;
            masking.hear_signal(ear, e.data(), signal);
            masking.hear_masker(ear, n.data(), masker);
            const bool plain[kernels::ear_places / kernels::ear_block] = {};
            masking.add_partial(ear, signal, masker, plain, nullptr, sum.data());
            for (std::size_t p = 0; p < channels.size(); ++p) {
                const double exact =
                    dsp::partial_specific_loudness(channels[p], static_cast<double>(e[p]), static_cast<double>(n[p]));
                worst = std::max(worst, std::abs(static_cast<double>(sum[p]) - exact) / (0.001 + exact));
            }
        }
    }
    CHECK(worst < 0.005);
}

void test_nothing_is_allocated_while_it_hears() {
    const std::vector<int> channels = {1, 2, 1};
    MaskingMeter meter(48000.0, channels, 90.0);
    const std::vector<float> x = noise(30000, 9);
    const float* heads[] = {x.data(), x.data() + 10, x.data() + 20, x.data() + 30};
    const long before = realtime::violations();
    for (int i = 0; i < 40; ++i) meter.process(heads, 20000);
    meter.finish();
    CHECK(realtime::violations() == before);
    CHECK(meter.lost_cells() > 0);
    std::vector<float> cell(static_cast<std::size_t>(meter.layout().floats));
    CHECK(meter.take(cell.data()) == MaskingMeter::cell_hops);
    for (const float value : cell) CHECK(std::isfinite(value));
}

}  // namespace

void test_masking() {
    test_transform_is_the_direct_sum();
    test_all_instruction_sets_say_the_same();
    test_partial_loudness_is_the_models();
    test_nothing_is_allocated_while_it_hears();
}
