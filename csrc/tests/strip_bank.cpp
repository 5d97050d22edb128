// The strip bank in ways Python cannot reach: events out of range, wrong parameter indices, buffers that end exactly where
// the block does.
#include "engine/strip_bank.hpp"

#include <string>

#include "buffer.hpp"
#include "check.hpp"
#include "core/parameter_value.hpp"

using namespace smartmix;
using tests::Buffer;

namespace {

std::vector<const float* const*> inputs_of(std::vector<Buffer>& strips) {
    std::vector<const float* const*> inputs;
    for (Buffer& strip : strips) inputs.push_back(strip.heads());
    return inputs;
}

int index_of(const StripBank& bank, const std::string& id) { return find_parameter(bank.parameters(), id, "strip bank"); }

// A few parameters of each part.
std::vector<std::int32_t> some_of_each_part(const StripBank& bank) {
    std::vector<std::int32_t> indices;
    for (const char* id : {"trim.gain_db", "eq.band1.shape", "eq.band1.freq_hz", "eq.band1.gain_db", "de_esser.range_db",
                           "de_esser.threshold_db", "de_esser.freq_hz", "compressor.ratio", "compressor.mix",
                           "compressor.auto_times", "fader.gain_db", "pan.pan", "send1.level_db", "send2.level_db"}) {
        indices.push_back(index_of(bank, id));
    }
    return indices;
}

void test_strip_bank_edges() {
    StripBank bank(48000.0, {1, 2, 1}, {true, true, false}, 2);
    CHECK(bank.output_channels() == 6);
    const int pan = index_of(bank, "pan.pan");
    const int ratio = index_of(bank, "compressor.ratio");
    std::vector<std::int32_t> params = some_of_each_part(bank);
    for (const std::int32_t none : {-1, 9999, static_cast<std::int32_t>(bank.parameters().size())}) params.push_back(none);
    for (const int frames : {0, 1, 255, 256, 257, 700}) {
        std::vector<Buffer> strips{Buffer(1, frames), Buffer(2, frames), Buffer(1, frames)};
        for (Buffer& strip : strips) strip.fill_hostile();
        Buffer out(6, frames);
        std::vector<StripEvent> events;
        for (const std::int32_t frame : {-3, 0, frames - 1, frames, frames + 900}) {
            for (const std::int32_t strip : {0, 2, 1, -1, 99}) {
                for (const std::int32_t param : params) events.push_back({{frame, param, 1.5, 40}, strip});
            }
        }
        bank.process(inputs_of(strips).data(), events, {.rounded = out.heads()}, frames);
        CHECK(out.finite());
        CHECK(bank.parameter(1, pan) == 1.0);
        CHECK(bank.parameter(1, ratio) == 1.5);
        CHECK(bank.parameter(2, ratio) == 1.0);
        bank.reset();
    }
}

void test_strip_bank_settings() {
    StripBank bank(48000.0, {1, 2, 1}, {true, true, false}, 2);
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1, 3}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {0}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1, 1}, {true}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1}, {}, most_sends + 1));
    CHECK_THROWS(std::out_of_range, bank.set_parameter(3, 0, 0.0));
    CHECK_THROWS(std::out_of_range, bank.set_parameter(0, static_cast<int>(bank.parameters().size()), 0.0));
    CHECK_THROWS(std::out_of_range, bank.set_parameter(0, index_of(bank, "pan.pan"), 2.0));
    CHECK_THROWS(std::invalid_argument, bank.set_parameter(2, index_of(bank, "compressor.ratio"), 2.0));
    CHECK_THROWS(std::out_of_range, index_of(bank, "compressor.lookahead_ms"));
    CHECK_THROWS(std::out_of_range, bank.reduction(3));
    CHECK(bank.latency_frames() == 0);
}

void test_strip_bank_keys() {
    const StripBankKeys one{{2}, {StripKeying{{0, -1, 0, -1}, 0}, StripKeying{}}};
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1, 1}, {true, true}, 0, {}, {{3}, {}}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1}, {true}, 0, {}, one));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1, 1}, {false, true}, 0, {}, one));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1, 1}, {true, true}, 0, {}, {{}, one.strips}));
    StripBank keyed(48000.0, {1, 1}, {true, true}, 0, {}, one);
    keyed.set_parameter(0, index_of(keyed, "compressor.ratio"), 8.0);
    keyed.set_parameter(0, index_of(keyed, "dynamic_eq.band3.range_db"), -9.0);
    for (const int frames : {0, 1, 700}) {  // no keys given: silent ones; hostile ones: finite all the same
        std::vector<Buffer> strips{Buffer(1, frames), Buffer(1, frames)};
        for (Buffer& strip : strips) strip.fill_noise(2);
        Buffer wanted(2, frames), out(2, frames), key(2, frames);
        StripBank(48000.0, {1, 1}).process(inputs_of(strips).data(), {}, {.rounded = wanted.heads()}, frames);
        keyed.process(inputs_of(strips).data(), {}, {.rounded = out.heads()}, frames);
        CHECK(out.same_bits(wanted));
        key.fill_hostile();
        const Buffer before = key;
        const float* const* keys[1] = {key.heads()};
        keyed.process(inputs_of(strips).data(), {}, {.rounded = out.heads()}, frames, keys);
        CHECK(out.finite());
        CHECK(key.same_bits(before));
        keyed.reset();
    }
}

void test_strip_bank_cuts() {
    constexpr int frames = 1200;
    StripBank whole(48000.0, {2, 1}, {true, true}, 2);
    StripBank cut(48000.0, {2, 1}, {true, true}, 2);
    std::vector<Buffer> strips{Buffer(2, frames), Buffer(1, frames)};
    for (Buffer& strip : strips) strip.fill_noise(5);
    const std::vector<std::int32_t> params = some_of_each_part(whole);
    std::vector<StripEvent> events;
    for (int i = 0; i < 120; ++i) {
        const int round = i / static_cast<int>(params.size());
        const std::int32_t param = params[static_cast<std::size_t>(i) % params.size()];
        const auto& info = whole.parameters()[static_cast<std::size_t>(param)];
        events.push_back({{i * 10, param, tests::value_at(info, (i * 37 % 100) / 99.0), i * 13 % 200}, round % 2});
    }
    Buffer a(6, frames);
    Buffer b(6, frames);
    whole.process(inputs_of(strips).data(), events, {.rounded = a.heads()}, frames);
    for (int first = 0, size = 1; first < frames; first += size, size = std::min(frames - first, (size * 7 + 3) % 301)) {
        std::vector<StripEvent> now;
        for (StripEvent event : events) {
            if (event.event.frame < first || event.event.frame >= first + size) continue;
            event.event.frame -= first;
            now.push_back(event);
        }
        const float* two[2] = {&strips[0].at(0, first), &strips[0].at(1, first)};
        const float* one[1] = {&strips[1].at(0, first)};
        const float* const* inputs[2] = {two, one};
        cut.process(inputs, now, {.rounded = b.view(first, size).channels}, size);
    }
    CHECK(a.same_bits(b));
    CHECK(a.finite());
    for (const int strip : {0, 1}) {
        CHECK(whole.reduction(strip).compressor.max_db > 0.0);
        CHECK(whole.reduction(strip).compressor.mean_db == cut.reduction(strip).compressor.mean_db);
        CHECK(whole.reduction(strip).de_esser.mean_db == cut.reduction(strip).de_esser.mean_db);
    }
}

}  // namespace

void test_strip_bank() {
    test_strip_bank_edges();
    test_strip_bank_settings();
    test_strip_bank_keys();
    test_strip_bank_cuts();
}
