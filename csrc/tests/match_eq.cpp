// MatchEQ over many rounds with everything going on at once, which is what the allocation guard and the sanitizers should see:
// learning both tones, layouts and targets changing, curves written from outside, a damaged signal; and curves by themselves.
#include "processors/match_eq.hpp"

#include <cmath>
#include <vector>

#include "buffer.hpp"
#include "check.hpp"
#include "core/handover.hpp"
#include "core/realtime.hpp"

using namespace smartmix;
using tests::Buffer;

void test_match_eq();

namespace {

void test_busy_rounds(double rate, int channels, int heard_channels, bool linear) {
    MatchEq eq;
    const auto index = [&](const char* id) { return eq.parameter_index(id); };
    eq.set_parameter(index("phase"), linear ? 1.0 : 0.0);
    for (const char* id : {"learn_source", "learn_reference"}) eq.set_parameter(index(id), 1.0);
    eq.prepare({rate, channels, heard_channels});
    const long violations = realtime::violations();
    std::vector<float> row(dsp::tone_points, -60.0F);
    constexpr int frames = 511;
    const int blocks = static_cast<int>(1.2 * rate) / frames;
    for (int block = 0; block < blocks; ++block) {
        Buffer audio(channels, frames);
        Buffer heard(heard_channels, frames);
        audio.fill_noise(static_cast<unsigned>(block));
        heard.fill_noise(static_cast<unsigned>(1000 + block));
        if (block % 29 == 7) audio.fill_hostile();
        std::vector<ParamEvent> events;
        const auto set = [&](const char* id, double value) {
            events.push_back({block % frames, index(id), value, 0});
        };
        if (block % 13 == 0) set("channels", block / 13 % 3);
        if (block % 17 == 0) set("target", block / 17 % 2);
        if (block % 19 == 0) set("hold", block / 19 % 2);
        if (block % 23 == 0) set("amount_percent", block % 150);
        if (block % 31 == 0) set("learn_source", block / 31 % 2);
        if (block % 37 == 0) eq.write_curve(eq.curve_index("reference_b_1_db"), row);
        const BlockView side_chain = heard_channels > 0 ? heard.view() : BlockView{};
        eq.process(audio.view(), side_chain, events);
        CHECK(audio.finite());
    }
    eq.reset();
    CHECK(realtime::violations() == violations);
    for (const CurveInfo& info : eq.curves()) {
        for (const float value : eq.read_curve(eq.curve_index(info.id))) CHECK(std::isfinite(value));
    }
}

void test_curves_refuse() {
    MatchEq eq;
    const int tone = eq.curve_index("source_1_db");
    const std::vector<float> row(dsp::tone_points, -60.0F);
    eq.write_curve(tone, row);  // before prepare, too
    CHECK(eq.read_curve(tone)[0] == -60.0F);
    eq.prepare({48000.0, 2});
    CHECK(eq.read_curve(tone)[0] == -60.0F);
    CHECK_THROWS(std::invalid_argument, eq.write_curve(tone, std::span(row).first(3)));
    CHECK_THROWS(std::invalid_argument, eq.write_curve(eq.curve_index("correction_1_db"), row));
    CHECK_THROWS(std::out_of_range, eq.write_curve(tone, std::vector<float>(dsp::tone_points, NAN)));
    CHECK_THROWS(std::out_of_range, eq.write_curve(100, row));
    CHECK_THROWS(std::out_of_range, eq.curve_index("tone"));
    CHECK(eq.read_curve(tone)[0] == -60.0F);
}

void test_handover() {
    Handover post(3);
    CHECK(!post.take());
    const float first[] = {1.0F, 2.0F, 3.0F};
    const float second[] = {4.0F, 5.0F, 6.0F};
    post.give(first, 1);
    post.give(second, 2);
    CHECK(post.take() && post.number() == 2 && post.values()[0] == 4.0F);
    CHECK(!post.take() && post.values()[2] == 6.0F);  // stays until the next
    post.give(first, 3);
    CHECK(post.take() && post.number() == 3 && post.values()[1] == 2.0F);
}

}  // namespace

void test_match_eq() {
    test_handover();
    test_curves_refuse();
    test_busy_rounds(48000.0, 2, 0, false);
    test_busy_rounds(44100.0, 2, 2, true);
    test_busy_rounds(8000.0, 1, 20, false);
    test_busy_rounds(96000.0, 2, 1, false);
}
