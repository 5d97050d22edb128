// Fourier transform, convolver and FIR design in ways Python cannot reach: the kernels of every instruction set against a
// sum in double, filters and delays against a convolution written out, arrays that end exactly where they may be read.
#include "dsp/convolver.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "check.hpp"
#include "dsp/fir_design.hpp"

using namespace smartmix;

void test_convolver();

namespace {

std::vector<float> random_samples(int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> samples(static_cast<std::size_t>(count));
    for (float& x : samples) x = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    return samples;
}

// Largest difference of the spectrum to a sum in double, over some bins, against the root of the size.
double spectrum_error(const std::vector<float>& samples, const std::vector<float>& re, const std::vector<float>& im) {
    const auto size = samples.size();
    double worst = 0.0;
    for (std::size_t k = 0; k < re.size(); k += 1 + re.size() / 37) {
        double sum_re = 0.0;
        double sum_im = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
            const double angle = -2.0 * std::numbers::pi * static_cast<double>(k * i % size) / static_cast<double>(size);
            sum_re += samples[i] * std::cos(angle);
            sum_im += samples[i] * std::sin(angle);
        }
        worst = std::max({worst, std::abs(sum_re - re[k]), std::abs(sum_im - im[k])});
    }
    return worst / std::sqrt(static_cast<double>(size));
}

void test_transform(int size) {
    const dsp::RealFft fft(size);
    dsp::RealFft::Work work(fft);
    const auto bins = static_cast<std::size_t>(fft.bins());
    const std::vector<float> samples = random_samples(size, static_cast<unsigned>(size));
    std::vector<float> re(bins), im(bins), back(samples.size());
    fft.forward(samples.data(), re.data(), im.data(), work);
    CHECK(spectrum_error(samples, re, im) < 1e-6);
    fft.inverse(re.data(), im.data(), back.data(), work);
    for (std::size_t i = 0; i < back.size(); ++i) CHECK(std::abs(back[i] - samples[i]) < 1e-6F);
}

void test_multiply_add(const char* isa) {
    const kernels::FftKernels* kernel = kernels::fft_kernels_for(isa);
    if (kernel == nullptr) return;
    for (const int count : {1, 7, 8, 9, 17, 33}) {
        const auto n = static_cast<std::size_t>(count);
        const std::vector<float> a = random_samples(2 * count, 1), b = random_samples(2 * count, 2);
        std::vector<float> re = random_samples(count, 3), im = random_samples(count, 4);
        const std::vector<float> was_re = re, was_im = im;
        kernel->multiply_add(re.data(), im.data(), a.data(), a.data() + count, b.data(), b.data() + count, count);
        for (std::size_t i = 0; i < n; ++i) {
            CHECK(std::abs(re[i] - (was_re[i] + a[i] * b[i] - a[n + i] * b[n + i])) < 1e-6F);
            CHECK(std::abs(im[i] - (was_im[i] + a[i] * b[n + i] + a[n + i] * b[i])) < 1e-6F);
        }
    }
}

std::vector<float> convolved(const std::vector<float>& samples, const std::vector<float>& taps, int late) {
    std::vector<float> out(samples.size());
    for (std::size_t i = static_cast<std::size_t>(late); i < out.size(); ++i) {
        double sum = 0.0;
        const std::size_t at = i - static_cast<std::size_t>(late);
        for (std::size_t t = 0; t < taps.size() && t <= at; ++t) sum += static_cast<double>(taps[t]) * samples[at - t];
        out[i] = static_cast<float>(sum);
    }
    return out;
}

// In blocks of every size; the filter is a delay at first, is replaced once at once and once in a fade.
void test_filters_one_after_the_other() {
    constexpr int partition = 32;
    constexpr int partitions = 3;
    constexpr int frames = 4000;
    dsp::Convolver convolver;
    convolver.prepare(partition, partitions, 1);
    const std::vector<float> source = random_samples(frames, 5);
    const std::vector<float> taps = random_samples(convolver.max_taps(), 6);
    std::vector<float> delay(static_cast<std::size_t>(convolver.max_taps()) + 1);
    delay[static_cast<std::size_t>(convolver.max_taps())] = 1.0F;
    convolver.make_next_delay(convolver.max_taps());
    convolver.use_next();
    std::vector<float> out = source;
    int done = 0;
    const auto run_to = [&](int end) {
        for (int block = 1; done < end; block = block % 70 + 1) {
            const int piece = std::min(block, end - done);
            float* head = out.data() + done;
            convolver.process(&head, piece);
            done += piece;
        }
    };
    run_to(50 * partition + 3);
    for (int p = 0; p < partitions; ++p) convolver.load_next(taps.data(), p, 1);
    convolver.fade_to_next();  // over the partition that begins at 50 and comes out from 51 on
    run_to(frames);
    const std::vector<float> first = convolved(source, delay, partition), second = convolved(source, taps, partition);
    for (int i = 0; i < frames; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (i < 51 * partition) CHECK(out[at] == first[at]);
        if (i >= 52 * partition) CHECK(std::abs(out[at] - second[at]) < 3e-6F);
        const float low = std::min(first[at], second[at]) - 3e-6F, high = std::max(first[at], second[at]) + 3e-6F;
        CHECK(out[at] > low && out[at] < high);
    }
}

void test_smallest_designs() {
    dsp::FirDesign design(8, 32);
    const std::vector<float> flat(17, 2.0F);
    std::vector<float> taps(8);
    design.linear_phase(flat.data(), taps.data());
    for (int i = 0; i < 8; ++i) CHECK(std::abs(taps[static_cast<std::size_t>(i)] - (i == 4 ? 2.0F : 0.0F)) < 1e-6F);
    design.minimum_phase(flat.data(), taps.data());
    for (int i = 0; i < 8; ++i) CHECK(std::abs(taps[static_cast<std::size_t>(i)] - (i == 0 ? 2.0F : 0.0F)) < 1e-6F);
}

}  // namespace

void test_convolver() {
    for (const int size : {32, 64, 128, 256, 2048, 65536, 131072}) test_transform(size);
    CHECK_THROWS(std::invalid_argument, dsp::RealFft(48));
    CHECK_THROWS(std::invalid_argument, dsp::FirDesign(64, 32));
    for (const char* isa : {"baseline", "avx2"}) test_multiply_add(isa);
    test_filters_one_after_the_other();
    test_smallest_designs();
}
