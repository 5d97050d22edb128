// What runs on several threads, under ThreadSanitizer: separate processors, meters and strip banks, each on a thread of
// its own and all begun at once (so that every table that is made at first use is made by several), and the helpers of
// one strip bank. All of it has to give the samples that one thread gives.
#include <atomic>
#include <cmath>
#include <functional>
#include <thread>

#include "buffer.hpp"
#include "check.hpp"
#include "core/handover.hpp"
#include "engine/strip_bank.hpp"
#include "meters/hop_meter.hpp"
#include "meters/loudness_meter.hpp"
#include "processors/registry.hpp"

using namespace smartmix;
using tests::Buffer;

namespace {

constexpr int threads_at_once = 4;

// The same work on several threads, none of which begins before all are there.
void at_once(const std::function<void(int)>& work) {
    std::atomic<int> missing{threads_at_once};
    std::vector<std::thread> threads;
    for (int t = 0; t < threads_at_once; ++t) {
        threads.emplace_back([&, t] {
            missing.fetch_sub(1);
            while (missing.load() > 0) std::this_thread::yield();
            work(t);
        });
    }
    for (std::thread& thread : threads) thread.join();
}

Buffer processed(const std::string& name) {
    const auto processor = make_processor(name);
    Buffer audio(2, 3000);
    try {
        processor->prepare({48000.0, 2});
    } catch (const std::invalid_argument&) {
        return audio;
    }
    audio.fill_noise(5);
    const auto events = tests::random_events(processor->parameters(), 3000, 40, 3U);
    processor->process(audio.view(), events);
    return audio;
}

void test_processors_apart() {
    for (const std::string& name : processor_names()) {
        std::vector<Buffer> results(threads_at_once, Buffer(2, 0));
        at_once([&](int t) { results[static_cast<std::size_t>(t)] = processed(name); });
        const Buffer alone = processed(name);
        for (const Buffer& result : results) CHECK(result.same_bits(alone));
    }
}

void test_meters_apart() {
    std::vector<double> loudness(threads_at_once);
    std::vector<std::size_t> hops(threads_at_once);
    at_once([&](int t) {
        Buffer audio(2, 48000);
        audio.fill_noise(6);
        LoudnessMeter meter(48000.0, 2);
        meter.process(audio.heads(), 48000);
        HopMeter hop_meter(48000.0, 2);
        hop_meter.process(audio.heads(), 48000);
        loudness[static_cast<std::size_t>(t)] = meter.integrated_lufs() + meter.true_peak_dbtp();
        hops[static_cast<std::size_t>(t)] = hop_meter.take_hops().size();
    });
    for (int t = 1; t < threads_at_once; ++t) {
        CHECK(loudness[static_cast<std::size_t>(t)] == loudness[0]);
        CHECK(hops[static_cast<std::size_t>(t)] == hops[0]);
    }
}

// Strips with everything on, and events all over; blocks of several lengths, short ones among them.
Buffer mixed(const StripBankOptions& options) {
    constexpr int strips = 11;
    constexpr int frames = 6000;
    StripBank bank(48000.0, std::vector<int>(strips, 2), std::vector<bool>(strips, true), 1, options);
    std::mt19937 random(4);
    std::vector<StripEvent> events;
    for (int i = 0; i < 300; ++i) {
        const auto param = static_cast<std::int32_t>(random() % bank.parameters().size());
        const auto& info = bank.parameters()[static_cast<std::size_t>(param)];
        events.push_back({{i * 20, param, tests::value_at(info, 0.3 + 0.4 * (random() % 100) / 99.0), i % 3 * 100}, i % strips});
    }
    std::vector<Buffer> tracks(strips, Buffer(2, frames));
    for (int s = 0; s < strips; ++s) tracks[static_cast<std::size_t>(s)].fill_noise(static_cast<unsigned>(s));
    Buffer out(bank.output_channels(), frames);
    int done = 0;
    for (const int size : {2500, 64, 1, 0, 935, 2500}) {
        std::vector<const float* const*> inputs;
        for (Buffer& track : tracks) inputs.push_back(track.view(done, size).channels);
        std::vector<StripEvent> now;
        for (StripEvent event : events) {
            if (event.event.frame < done || event.event.frame >= done + size) continue;
            event.event.frame -= done;
            now.push_back(event);
        }
        bank.process(inputs.data(), now, {.rounded = out.view(done, size).channels}, size);
        done += size;
    }
    return out;
}

void test_helpers_of_a_bank() {
    CHECK(StripBank(48000.0, std::vector<int>(11, 2), {}, 0, {.threads = 3}).threads() == 3);
    const Buffer alone = mixed({});
    CHECK(alone.finite());
    for (const int threads : {2, 3, 5}) {
        for (const int tile : {64, 500}) CHECK(mixed({.threads = threads, .tile_frames = tile}).same_bits(alone));
    }
}

void test_banks_apart() {
    std::vector<Buffer> results(threads_at_once, Buffer(0, 0));
    at_once([&](int t) { results[static_cast<std::size_t>(t)] = mixed({.threads = 1 + t % 2}); });
    for (const Buffer& result : results) CHECK(result.same_bits(results[0]));
}

// Rows of one number go from one thread to another while both run: never half of one and half of the next, never back.
void test_handover() {
    constexpr int gifts = 20000;
    Handover post(64);
    std::thread giver([&] {
        std::vector<float> row(64);
        for (int i = 1; i <= gifts; ++i) {
            std::fill(row.begin(), row.end(), static_cast<float>(i));
            post.give(row, static_cast<std::uint64_t>(i));
        }
    });
    std::uint64_t last = 0;
    bool whole = true;
    while (last < gifts) {
        if (!post.take()) continue;
        whole = whole && post.number() > last;
        last = post.number();
        for (const float value : post.values()) whole = whole && value == static_cast<float>(last);
    }
    giver.join();
    CHECK(whole);
}

// Curves are written and read while another thread processes.
void test_curves_while_processing() {
    const auto eq = make_processor("match_eq");
    eq->set_parameter(eq->parameter_index("learn_source"), 1.0);
    eq->prepare({48000.0, 2});
    std::atomic<bool> over{false};
    std::thread audio([&] {
        Buffer block(2, 480);
        for (int i = 0; i < 200; ++i) {
            block.fill_noise(static_cast<unsigned>(i));
            eq->process(block.view(), {});
        }
        over.store(true);
    });
    const int reference = eq->curve_index("reference_a_1_db");
    const int correction = eq->curve_index("correction_1_db");
    bool good = true;
    for (int i = 0; !over.load() || i < 100; ++i) {
        const std::vector<float> row(241, -60.0F - static_cast<float>(i % 50));
        eq->write_curve(reference, row);
        good = good && eq->read_curve(reference)[240] == row[240] && std::isfinite(eq->read_curve(correction)[100]);
    }
    audio.join();
    CHECK(good);
}

}  // namespace

int main() {
    test_handover();
    test_curves_while_processing();
    test_processors_apart();
    test_meters_apart();
    test_banks_apart();
    test_helpers_of_a_bank();
    std::printf("%d checks, %d failed (threads)\n", tests::checks, tests::failures);
    return tests::failures == 0 && tests::checks > 0 ? 0 : 1;
}
