// The C++ suite: every registered processor, in ways Python cannot reach (events out of range, wrong
// parameter indices, buffers that end exactly where the block does), under the sanitizers or with the allocation guard.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "buffer.hpp"
#include "check.hpp"
#include "core/denormals.hpp"
#include "core/realtime.hpp"
#include "processors/registry.hpp"

using namespace smartmix;
using tests::Buffer;
using tests::random_events;

void test_meters();           // meters.cpp
void test_section_kernels();  // sections.cpp
void test_band_fit();  // band_fit.cpp
void test_matched_kernels();  // matched.cpp
void test_dynamics();         // dynamics.cpp
void test_strip_bank();       // strip_bank.cpp
void test_space();            // space.cpp
void test_masking();          // masking.cpp
void test_convolver();        // convolver.cpp
void test_strip_threads();    // strip_threads.cpp
void test_sum_kernels();      // sums.cpp
void test_dynamics_kernels(); // dynamics_kernels.cpp
void test_limiter_kernels();  // limiter_kernels.cpp
void test_hearing_kernels();  // hearing_kernels.cpp
void test_repair();           // repair.cpp
void test_match_eq();         // match_eq.cpp
void test_crossover_kernels();  // crossover.cpp

namespace {

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

// Side chains that are too short or too narrow: the block is left as it is, and nothing outside is read.
void test_side_chain_edges(const std::string& name) {
    const auto processor = make_processor(name);
    if (!processor->takes_side_chain()) {
        CHECK_THROWS(std::invalid_argument, processor->prepare({48000.0, 2, 1}));
        return;
    }
    CHECK_THROWS(std::invalid_argument, processor->prepare({48000.0, 2, -1}));
    processor->prepare({48000.0, 2, 3});
    for (const int frames : {1, 257, 1000}) {
        const auto events = random_events(processor->parameters(), frames, 30, 3U);
        Buffer audio(2, frames);
        audio.fill_noise(4);
        const Buffer before = audio;
        Buffer narrow(2, frames);
        Buffer brief(3, frames - 1);
        processor->process(audio.view(), events);
        processor->process(audio.view(), narrow.view(), events);
        processor->process(audio.view(), brief.view(), events);
        CHECK(audio.same_bits(before));
        Buffer heard(4, frames);
        heard.fill_hostile();
        processor->process(audio.view(), heard.view(), events);
        CHECK(audio.finite());
    }
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
        test_side_chain_edges(name);
        for (const int channels : channel_counts(name)) {
            test_hostile_blocks(name, channels);
            test_events_at_and_over_the_edges(name, channels);
            test_any_cut_gives_the_same_bits(name, channels);
            test_another_number_of_channels(name, channels);
        }
    }
    test_strip_bank();
    test_strip_threads();
    test_meters();
    test_section_kernels();
    test_sum_kernels();
    test_dynamics_kernels();
    test_limiter_kernels();
    test_hearing_kernels();
    test_repair();
    test_band_fit();
    test_matched_kernels();
    test_dynamics();
    test_space();
    test_masking();
    test_match_eq();
    test_crossover_kernels();
    test_convolver();
    CHECK(realtime::violations() == violations);
    CHECK_THROWS(std::out_of_range, make_processor("nonsense"));
    test_allocation_guard();
    std::printf("%d checks, %d failed%s\n", tests::checks, tests::failures,
                realtime::check_enabled ? " (allocation guard on)" : "");
    return tests::failures == 0 && tests::checks > 0 ? 0 : 1;
}
