// The strip bank with helping threads: the same bits for any number of them and any tiles, banks side by side, and threads
// that come and go. What ThreadSanitizer is run on.
#include <string>
#include <thread>

#include "buffer.hpp"
#include "check.hpp"
#include "core/parameter_value.hpp"
#include "engine/strip_bank.hpp"

using namespace smartmix;
using tests::Buffer;

namespace {

constexpr int frames = 4000;
const std::vector<int> channels{2, 1, 2, 2, 2, 1, 1, 2, 2, 2, 2, 1};  // three groups and a bit
const std::vector<const char*> moved{"trim.gain_db",     "eq.band1.gain_db", "dynamic_eq.band2.range_db", "de_esser.range_db",
                                     "compressor.ratio", "width.side_db",    "fader.gain_db",             "pan.pan",
                                     "send1.level_db"};

struct Mix {
    StripBank bank;
    std::vector<Buffer> strips;
    std::vector<const float* const*> inputs;
    std::vector<Buffer> heard;
    std::vector<const float* const*> keys;
    std::vector<StripEvent> events;

    explicit Mix(const StripBankOptions& options)
        : bank(48000.0, channels, std::vector<bool>(channels.size(), true), 1, options, keys_of_strips()) {
        for (const int of_key : bank.key_channels()) {
            heard.emplace_back(of_key, frames).fill_noise(900U + static_cast<unsigned>(heard.size()));
        }
        for (Buffer& key : heard) keys.push_back(key.heads());
        for (std::size_t s = 0; s < channels.size(); ++s) {
            strips.emplace_back(channels[s], frames).fill_noise(static_cast<unsigned>(s));
            set(s, "eq.band1.shape", 1.0);
            set(s, "eq.band1.gain_db", 4.0);
            set(s, "compressor.threshold_db", -30.0);
            set(s, "compressor.ratio", 1.0 + static_cast<double>(s % 3));
            set(s, "dynamic_eq.band2.threshold_db", -50.0);
        }
        for (Buffer& strip : strips) inputs.push_back(strip.heads());
        for (int i = 0; i < 2000; ++i) {
            const int index = index_of(moved[static_cast<std::size_t>(i * 7) % moved.size()]);
            const auto& info = bank.parameters()[static_cast<std::size_t>(index)];
            events.push_back({{2 * i, index, tests::value_at(info, (i * 37 % 100) / 99.0), i * 13 % 200},
                              i * 5 % static_cast<int>(channels.size())});
        }
    }
    // Strips of different groups listen to the same key.
    static StripBankKeys keys_of_strips() {
        StripBankKeys keys{{2, 1}, std::vector<StripKeying>(channels.size())};
        for (std::size_t s = 0; s < channels.size(); ++s) {
            keys.strips[s].bands[1] = static_cast<int>(s % 3) - 1;
            keys.strips[s].compressor = static_cast<int>(s / 2 % 3) - 1;
        }
        return keys;
    }
    int index_of(const std::string& id) const { return find_parameter(bank.parameters(), id, "strip bank"); }
    void set(std::size_t strip, const std::string& id, double value) {
        bank.set_parameter(static_cast<int>(strip), index_of(id), value);
    }
    void run(Buffer& out) { bank.process(inputs.data(), events, {.rounded = out.heads()}, frames, keys.data()); }
};

void test_any_threads_and_tiles_give_the_same_bits() {
    Buffer wanted(4, frames);
    Mix(StripBankOptions{1, 256}).run(wanted);
    CHECK(wanted.finite());
    for (const int threads : {1, 2, 3, 8}) {
        for (const int tile : {17, 64, 256, 512, 2048}) {
            Mix mix(StripBankOptions{threads, tile});
            Buffer out(4, frames);
            mix.run(out);
            CHECK(out.same_bits(wanted));
            CHECK(mix.bank.threads() == std::min(threads, 3));  // no more than there are groups
            mix.bank.reset();
        }
    }
}

void test_many_calls_of_one_bank() {
    Mix alone(StripBankOptions{1, 64});
    Mix helped(StripBankOptions{3, 64});
    for (int call = 0; call < 20; ++call) {
        Buffer wanted(4, frames);
        Buffer out(4, frames);
        alone.run(wanted);
        helped.run(out);
        CHECK(out.same_bits(wanted));
    }
    CHECK(alone.bank.reduction(2).compressor.mean_db == helped.bank.reduction(2).compressor.mean_db);
}

void test_banks_side_by_side() {
    Buffer wanted(4, frames);
    Mix(StripBankOptions{1, 128}).run(wanted);
    std::vector<Buffer> outs(3, Buffer(4, frames));
    std::vector<std::thread> users;
    for (Buffer& out : outs) users.emplace_back([&out] { Mix(StripBankOptions{2, 128}).run(out); });
    for (std::thread& user : users) user.join();
    for (const Buffer& out : outs) CHECK(out.same_bits(wanted));
}

void test_threads_that_are_never_used() {
    for (int i = 0; i < 20; ++i) {
        const WorkerPool pool(4);
        CHECK(pool.helpers() == 4);
    }
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1}, {}, 0, {0, 256}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1}, {}, 0, {65, 256}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1}, {}, 0, {1, -1}));
    CHECK_THROWS(std::invalid_argument, StripBank(48000.0, {1}, {}, 0, {1, 2049}));
}

}  // namespace

void test_strip_threads() {
    test_any_threads_and_tiles_give_the_same_bits();
    test_many_calls_of_one_bank();
    test_banks_side_by_side();
    test_threads_that_are_never_used();
}
