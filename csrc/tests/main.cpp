// The C++ suite: every registered processor and the strip bank, in ways Python cannot reach (events out of range, wrong
// parameter indices, buffers that end exactly where the block does), under the sanitizers or with the allocation guard.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "check.hpp"
#include "core/denormals.hpp"
#include "core/realtime.hpp"
#include "engine/strip_bank.hpp"
#include "processors/registry.hpp"

using namespace smartmix;

void test_meters();           // meters.cpp
void test_section_kernels();  // sections.cpp
void test_dynamics();         // dynamics.cpp

namespace {

// Audio of exactly the size asked for, one allocation per channel, so that a sanitizer sees every step outside.
class Buffer {
public:
    Buffer(int channels, int frames) : frames_(frames), data_(static_cast<std::size_t>(channels)) {
        for (auto& channel : data_) channel.assign(static_cast<std::size_t>(frames), 0.0F);
    }
    BlockView view() { return view(0, frames_); }
    BlockView view(int first, int frames) {
        heads_.clear();
        for (auto& channel : data_) heads_.push_back(channel.data() + first);
        return {heads_.data(), static_cast<int>(heads_.size()), frames};
    }
    float* const* heads() { return view().channels; }
    float& at(int channel, int frame) { return data_[static_cast<std::size_t>(channel)][static_cast<std::size_t>(frame)]; }
    bool finite() const {
        for (const auto& channel : data_) {
            if (!std::all_of(channel.begin(), channel.end(), [](float x) { return std::isfinite(x); })) return false;
        }
        return true;
    }
    bool same_bits(const Buffer& other) const {
        for (std::size_t c = 0; c < data_.size(); ++c) {
            if (frames_ > 0 && std::memcmp(data_[c].data(), other.data_[c].data(), data_[c].size() * sizeof(float)) != 0) {
                return false;
            }
        }
        return true;
    }
    void fill_noise(unsigned seed) {
        std::mt19937 random(seed);
        for (auto& channel : data_) {
            for (float& x : channel) x = static_cast<float>(random()) / 4294967296.0F - 0.5F;
        }
    }
    void fill_hostile() {
        const float values[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(), 1e-40F, -1e-45F, 1.0F, -1.0F, 1000.0F, 0.0F};
        std::size_t i = 0;
        for (auto& channel : data_) {
            for (float& x : channel) x = values[i++ % std::size(values)];
        }
    }

private:
    int frames_;
    std::vector<std::vector<float>> data_;
    std::vector<float*> heads_;
};

double value_at(const ParameterInfo& info, double position) {
    const double value = info.low + position * (info.high - info.low);
    return info.scale == Scale::choice || info.scale == Scale::toggle ? std::round(value) : value;
}

std::vector<ParamEvent> random_events(const std::vector<ParameterInfo>& infos, int frames, int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<ParamEvent> events;
    for (int i = 0; i < count; ++i) {
        const auto param = random() % std::min<std::size_t>(infos.size(), 15);
        const int ramps[] = {0, 0, 1, 31, 32, 33, 500};
        events.push_back({static_cast<std::int32_t>(random() % static_cast<unsigned>(frames)),
                          static_cast<std::int32_t>(param), value_at(infos[param], (random() % 1000) / 999.0),
                          ramps[random() % 7]});
    }
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.frame < b.frame; });
    return events;
}

// Channel counts the processor accepts.
std::vector<int> channel_counts(const std::string& name) {
    std::vector<int> counts;
    for (const int channels : {1, 2, 3, 5}) {
        try {
            make_processor(name)->prepare({48000.0, channels});
            counts.push_back(channels);
        } catch (const std::invalid_argument&) {
        }
    }
    return counts;
}

void test_hostile_blocks(const std::string& name, int channels) {
    const auto processor = make_processor(name);
    processor->prepare({44100.0, channels});
    for (const int frames : {0, 1, 2, 3, 5, 31, 32, 33, 257, 513, 1000}) {
        Buffer audio(channels, frames);
        audio.fill_hostile();
        const auto events = frames > 0 ? random_events(processor->parameters(), frames, 20, 7U) : std::vector<ParamEvent>{};
        processor->process(audio.view(), events);
        CHECK(audio.finite());
    }
}

void test_events_at_and_over_the_edges(const std::string& name, int channels) {
    const auto processor = make_processor(name);
    processor->prepare({48000.0, channels});
    const ParameterInfo& info = processor->parameters()[0];
    Buffer audio(channels, 100);
    audio.fill_noise(1);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const ParamEvent events[] = {
        {-50, 0, info.low, 10},     {0, 0, info.high, 0},        {0, 0, info.low - 1e9, 3},
        {99, 0, info.high, 1 << 30}, {100, 0, info.low, 0},       {5, 0, info.high, -7},  // out of order, too
        {5000, 0, info.high + 1e9, 0}, {5000, -1, 0.0, 0},        {5000, 1 << 20, 0.0, 0}, {5000, 0, nan, 0},
    };
    processor->process(audio.view(), events);
    CHECK(audio.finite());
    CHECK(processor->parameter(0) == info.high);
    Buffer none(channels, 0);
    const ParamEvent late[] = {{0, 0, info.low, 0}};
    processor->process(none.view(), late);
    CHECK(processor->parameter(0) == info.low);
}

void test_any_cut_gives_the_same_bits(const std::string& name, int channels) {
    constexpr int frames = 1500;
    const auto whole = make_processor(name);
    const auto cut = make_processor(name);
    for (const auto& processor : {whole.get(), cut.get()}) processor->prepare({48000.0, channels});
    for (unsigned seed = 0; seed < 4; ++seed) {
        const auto events = random_events(whole->parameters(), frames, 40, seed);
        Buffer a(channels, frames);
        a.fill_noise(seed);
        Buffer b = a;
        whole->process(a.view(), events);
        std::mt19937 random(seed);
        for (int first = 0; first < frames;) {
            const int size = std::min(frames - first, static_cast<int>(random() % 90U));  // 0 frames among them
            std::vector<ParamEvent> now;
            for (ParamEvent event : events) {
                if (event.frame < first || event.frame >= first + size) continue;
                event.frame -= first;
                now.push_back(event);
            }
            cut->process(b.view(first, size), now);
            first += size;
        }
        CHECK(a.same_bits(b));
    }
}

void test_settings(const std::string& name) {
    const auto processor = make_processor(name);
    const ParameterInfo& info = processor->parameters()[0];
    CHECK_THROWS(std::out_of_range, processor->set_parameter(0, info.high + 1.0));
    CHECK_THROWS(std::out_of_range, processor->set_parameter(0, std::nan("")));
    CHECK_THROWS(std::out_of_range, processor->set_parameter(-1, info.low));
    CHECK_THROWS(std::out_of_range, processor->parameter_index("nonsense"));
    CHECK_THROWS(std::invalid_argument, processor->prepare({48000.0, 0}));
    CHECK_THROWS(std::invalid_argument, processor->prepare({0.0, 2}));
    CHECK(processor->parameter(0) == info.default_value);
    Buffer audio(2, 10);
    processor->process(audio.view(), {});  // before prepare: nothing to do, nothing to break
    CHECK(audio.finite());
}

void test_another_number_of_channels(const std::string& name, int channels) {
    const auto processor = make_processor(name);
    processor->prepare({48000.0, channels});
    for (const int other : {channels - 1, channels + 1}) {
        Buffer audio(other, 40);
        audio.fill_noise(2);
        const Buffer before = audio;
        processor->process(audio.view(), {});
        CHECK(audio.finite());
        CHECK(other > channels || audio.same_bits(before));
    }
}

std::vector<const float* const*> inputs_of(std::vector<Buffer>& strips) {
    std::vector<const float* const*> inputs;
    for (Buffer& strip : strips) inputs.push_back(strip.heads());
    return inputs;
}

void test_strip_bank_edges() {
    StripBank bank(48000.0, {1, 2, 1});
    for (const int frames : {0, 1, 255, 256, 257, 700}) {
        std::vector<Buffer> strips{Buffer(1, frames), Buffer(2, frames), Buffer(1, frames)};
        for (Buffer& strip : strips) strip.fill_hostile();
        Buffer out(2, frames);
        std::vector<StripEvent> events;
        for (const std::int32_t frame : {-3, 0, frames - 1, frames, frames + 900}) {
            for (const std::int32_t strip : {0, 2, 1, -1, 99}) {
                for (const std::int32_t param : {0, 1, 3, 121, 122, -1, 9999}) events.push_back({{frame, param, 1.0, 40}, strip});
            }
        }
        bank.process(inputs_of(strips).data(), events, {.rounded = out.heads()}, frames);
        CHECK(out.finite());
        CHECK(bank.parameter(1, 122) == 1.0);
        bank.reset();
    }
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1, 3}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {0}));
    CHECK_THROWS(std::out_of_range, bank.set_parameter(3, 0, 0.0));
    CHECK_THROWS(std::out_of_range, bank.set_parameter(0, 122, 2.0));
}

void test_strip_bank_cuts() {
    constexpr int frames = 1200;
    StripBank whole(48000.0, {2, 1});
    StripBank cut(48000.0, {2, 1});
    std::vector<Buffer> strips{Buffer(2, frames), Buffer(1, frames)};
    for (Buffer& strip : strips) strip.fill_noise(5);
    std::vector<StripEvent> events;
    for (int i = 0; i < 60; ++i) {
        const int params[] = {0, 1, 2, 3, 4, 5, 121, 122};
        const int param = params[i % 8];
        const auto& info = whole.parameters()[static_cast<std::size_t>(param)];
        events.push_back({{i * 19, param, value_at(info, (i * 37 % 100) / 99.0), i * 13 % 200}, i % 2});
    }
    Buffer a(2, frames);
    Buffer b(2, frames);
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
}

void test_denormal_guard() {
#if defined(__SSE__)
    const unsigned before = _mm_getcsr();
    {
        const DenormalGuard guard;
        volatile float tiny = 1e-40F;
        CHECK(tiny * 1.0F == 0.0F);
    }
    CHECK(_mm_getcsr() == before);
#endif
    volatile float tiny = 1e-40F;
    CHECK(tiny * 1.0F > 0.0F);
}

void test_allocation_guard() {
    if (!realtime::check_enabled) return;
    const long before = realtime::violations();
    {
        const realtime::Scope scope;
        const std::vector<int> planted(100);
        CHECK(planted.size() == 100);
    }
    CHECK(realtime::violations() == before + 1);
    const std::vector<int> allowed(100);
    CHECK(realtime::violations() == before + static_cast<long>(allowed.size() - 99));
}

}  // namespace

int main() {
    test_denormal_guard();
    const long violations = realtime::violations();
    for (const std::string& name : processor_names()) {
        test_settings(name);
        for (const int channels : channel_counts(name)) {
            test_hostile_blocks(name, channels);
            test_events_at_and_over_the_edges(name, channels);
            test_any_cut_gives_the_same_bits(name, channels);
            test_another_number_of_channels(name, channels);
        }
    }
    test_strip_bank_edges();
    test_strip_bank_cuts();
    test_meters();
    test_section_kernels();
    test_dynamics();
    CHECK(realtime::violations() == violations);
    CHECK_THROWS(std::out_of_range, make_processor("nonsense"));
    test_allocation_guard();
    std::printf("%d checks, %d failed%s\n", tests::checks, tests::failures,
                realtime::check_enabled ? " (allocation guard on)" : "");
    return tests::failures == 0 && tests::checks > 0 ? 0 : 1;
}
