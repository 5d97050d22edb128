// Dynamics in ways Python cannot reach: the fast logarithm itself, blocks of one frame, readings.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "check.hpp"
#include "dsp/dynamics.hpp"
#include "dsp/fast_log.hpp"
#include "processors/compressor.hpp"
#include "processors/de_esser.hpp"
#include "processors/gate.hpp"

using namespace smartmix;

namespace {

// Every 997th float from 1e-37 to 1e37: all exponents, mantissas spread evenly.
void test_fast_logarithm_and_power() {
    double worst_log_db = 0.0;
    const auto last = std::bit_cast<std::uint32_t>(1e37F);
    for (std::uint32_t bits = std::bit_cast<std::uint32_t>(1e-37F); bits < last; bits += 997U) {
        const auto x = std::bit_cast<float>(bits);
        const double error = static_cast<double>(dsp::log2_fast(x)) - std::log2(static_cast<double>(x));
        worst_log_db = std::max(worst_log_db, 6.0206 * std::fabs(error));
    }
    CHECK(worst_log_db < 1e-4);
    double worst_power_db = 0.0;
    for (double db = 0.0; db <= 750.0; db += 0.00097) {
        const auto asked = static_cast<float>(db);
        const double factor = static_cast<double>(dsp::factor_of_reduction(asked));
        worst_power_db = std::max(worst_power_db, std::fabs(20.0 * std::log10(factor) + static_cast<double>(asked)));
    }
    CHECK(worst_power_db < 1e-4);
    CHECK(dsp::exp2_fast(0.0F) == 1.0F);
    CHECK(dsp::exp2_fast(-1.0F) == 0.5F);
    CHECK(std::isfinite(dsp::log2_fast(0.0F)) && dsp::log2_fast(0.0F) < -120.0F);
    CHECK(std::isfinite(dsp::log2_fast(INFINITY)) && dsp::log2_fast(INFINITY) > 120.0F);
}

void test_delay_line() {
    for (const int delay : {0, 1, 7, 100}) {
        dsp::DelayLine line;
        line.prepare(delay);
        std::vector<float> x(300);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i + 1);
        for (int at = 0, step = 1; at < 300; at += step, step = std::min(300 - at, step * 3 % 41 + 1)) line.run(x.data() + at, step);
        for (int i = 0; i < 300; ++i) CHECK(x[static_cast<std::size_t>(i)] == static_cast<float>(std::max(0, i + 1 - delay)));
    }
}

// A release of seconds at a high rate: each step is far below the resolution of a float near 40 dB.
void test_slow_release_comes_home() {
    dsp::BranchingDetector detector;
    detector.set_times(1.0, 2500.0, 384000.0);
    detector.jump(40.0);
    std::array<float, 384> wanted{};
    for (int i = 0; i < 2500; ++i) {
        wanted.fill(0.0F);
        detector.run(wanted.data(), 384);
    }
    CHECK(std::fabs(detector.value() - 40.0 * std::exp(-1.0)) < 1e-6);
}

void test_compressor_readings() {
    Compressor compressor;
    compressor.set_parameter(compressor.parameter_index("ratio"), 4.0);
    compressor.set_parameter(compressor.parameter_index("threshold_db"), -20.0);
    compressor.prepare({48000.0, 2});
    std::vector<float> left(48000, 1.0F);
    std::vector<float> right(48000, 0.1F);
    float* heads[] = {left.data(), right.data()};
    compressor.process({heads, 2, 48000}, {});
    CHECK(std::fabs(compressor.reduction().now_db - 15.0) < 1e-3);
    CHECK(std::fabs(compressor.reduction().max_db - 15.0) < 1e-3);
    CHECK(compressor.reduction().mean_db > 14.0 && compressor.reduction().mean_db <= compressor.reduction().max_db);
    compressor.reset();
    CHECK(compressor.reduction().now_db == 0.0 && compressor.reduction().max_db == 0.0);
}

// Hold, to the frame, in blocks of one frame.
void test_gate_holds_to_the_frame() {
    Gate gate;
    gate.set_parameter(gate.parameter_index("range_db"), 40.0);
    gate.set_parameter(gate.parameter_index("threshold_db"), -20.0);
    gate.set_parameter(gate.parameter_index("hold_ms"), 10.0);
    gate.prepare({48000.0, 1});
    CHECK(gate.reduction().now_db == 0.0);
    int down_at = -1;
    for (int n = 0; n < 3000; ++n) {
        float x = n < 1000 ? 0.5F : 0.01F;
        float* head = &x;
        gate.process({&head, 1, 1}, {});
        if (n == 0) CHECK(gate.reduction().now_db > 35.0 && gate.reduction().now_db < 40.0);  // it began closed
        if (n == 999) CHECK(gate.reduction().now_db < 1e-6);
        if (n > 999 && down_at < 0 && gate.reduction().now_db > 1e-3) down_at = n;
    }
    CHECK(down_at == 999 + 480);
    gate.reset();
    CHECK(gate.reduction().max_db == 0.0);
}

// Settings that move while the filter runs, in blocks that end inside its cells: the same bits and the same readings.
void test_de_esser_moves_between_blocks() {
    DeEsser whole;
    DeEsser cut;
    std::vector<float> a(4000);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = 0.3F * std::sin(0.85F * static_cast<float>(i));
    std::vector<float> b = a;
    for (DeEsser* processor : {&whole, &cut}) {
        processor->set_parameter(processor->parameter_index("range_db"), 12.0);
        processor->prepare({48000.0, 1});
    }
    const int freq = whole.parameter_index("freq_hz");
    const std::array<ParamEvent, 2> events = {ParamEvent{1001, freq, 4000.0, 777}, ParamEvent{2500, freq, 9000.0, 0}};
    float* head = a.data();
    whole.process({&head, 1, 4000}, events);
    for (int at = 0, step = 1; at < 4000; at += step, step = std::min(4000 - at, step * 5 % 37 + 1)) {
        std::vector<ParamEvent> now;
        for (ParamEvent event : events) {
            if (event.frame < at || event.frame >= at + step) continue;
            event.frame -= at;
            now.push_back(event);
        }
        float* piece = b.data() + at;
        cut.process({&piece, 1, step}, now);
    }
    CHECK(a == b);
    CHECK(whole.reduction().max_db > 3.0);
    CHECK(whole.reduction().mean_db == cut.reduction().mean_db);
}

}  // namespace

void test_dynamics() {
    test_fast_logarithm_and_power();
    test_delay_line();
    test_slow_release_comes_home();
    test_compressor_readings();
    test_gate_holds_to_the_frame();
    test_de_esser_moves_between_blocks();
}
