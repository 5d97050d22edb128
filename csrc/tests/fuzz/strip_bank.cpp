// The strip bank with any strips, settings, samples, events and cuts.
#include "engine/strip_bank.hpp"

#include "core/realtime.hpp"
#include "fuzz/material.hpp"
#include "fuzz/targets.hpp"

namespace smartmix::fuzz {
namespace {

struct Setup {
    double sample_rate = 48000.0;
    std::vector<int> channels;
    std::vector<bool> dynamics;
    int sends = 0;
    StripBankKeys keys;
    StripBankOptions options;          // of the one that gets everything at once
    std::vector<StripEvent> settings;  // their frames count for nothing
};

struct Score {
    std::vector<Buffer> strips;
    std::vector<Buffer> keys;
    std::vector<StripEvent> events;
    int frames = 0;
    bool wild = false;
};

StripEvent strip_event_of(Reader& in, const StripBank& bank, int frames, bool wild) {
    StripEvent event{event_of(in, bank.parameters(), frames, wild), in.below(bank.strip_count())};
    if (wild && in.byte() % 8U == 0) event.strip = static_cast<std::int32_t>(in.word() << 16U | in.word());
    return event;
}

// Now and then keys, and anybody who can listens to any of them.
StripBankKeys keys_of(Reader& in, const std::vector<bool>& dynamics) {
    StripBankKeys keys;
    for (int count = in.byte() % 3U == 0 ? in.below(6) : 0; count > 0; --count) keys.channels.push_back(in.flag() ? 2 : 1);
    const int count = static_cast<int>(keys.channels.size());
    for (std::size_t s = 0; count > 0 && s < dynamics.size(); ++s) {
        StripKeying keying;
        if (dynamics[s]) {
            for (int& key : keying.bands) key = in.below(count + 1) - 1;
            keying.compressor = in.below(count + 1) - 1;
        }
        keys.strips.push_back(keying);
    }
    return keys;
}

Setup setup_of(Reader& in) {
    Setup setup;
    setup.sample_rate = sample_rate(in);
    const int strips = 1 + in.below(in.byte() % 8U == 0 ? 20 : 6);
    for (int s = 0; s < strips; ++s) {
        setup.channels.push_back(in.flag() ? 2 : 1);
        setup.dynamics.push_back(in.byte() % 3U != 0);
    }
    setup.sends = in.byte() % 4U == 0 ? in.below(most_sends + 1) : in.byte() % 3;
    setup.options.threads = in.byte() % 8U == 0 ? 1 + in.below(4) : 1;
    if (in.flag()) setup.options.tile_frames = 1 + in.below(512);
    setup.keys = keys_of(in, setup.dynamics);
    const StripBank bank(setup.sample_rate, setup.channels, setup.dynamics, setup.sends);
    for (unsigned count = in.byte(); count > 0; --count) setup.settings.push_back(strip_event_of(in, bank, 1, false));
    return setup;
}

std::unique_ptr<StripBank> make(const Setup& setup, const StripBankOptions& options) {
    auto bank = std::make_unique<StripBank>(setup.sample_rate, setup.channels, setup.dynamics, setup.sends, options, setup.keys);
    for (const StripEvent& setting : setup.settings) {
        try {
            bank->set_parameter(setting.strip, setting.event.param, setting.event.value);
        } catch (const std::invalid_argument&) {  // a parameter of dynamics this strip has not
        }
    }
    return bank;
}

Score score_of(Reader& in, const Setup& setup, const StripBank& bank) {
    Score score;
    score.frames = in.below(1500);
    score.wild = in.byte() % 8U == 0;
    for (const int channels : setup.channels) score.strips.push_back(audio_of(in, channels, score.frames));
    for (const int channels : setup.keys.channels) score.keys.push_back(audio_of(in, channels, score.frames));
    // Now and then more events than fit into one tile of the bank.
    const int most = in.byte() % 8U == 0 ? 1500 : 80;
    for (int count = score.frames > 0 ? in.below(most) : 0; count > 0; --count) {
        score.events.push_back(strip_event_of(in, bank, score.frames, score.wild));
    }
    if (!score.wild) {
        std::stable_sort(score.events.begin(), score.events.end(),
                         [](const auto& a, const auto& b) { return a.event.frame < b.event.frame; });
    }
    return score;
}

struct Result {
    Buffer sums;
    std::vector<Buffer> before_fader;
};

Result play(StripBank& bank, Score& score, const std::vector<int>& sizes) {
    Result result{Buffer(bank.output_channels(), score.frames), {}};
    for (int s = 0; s < bank.strip_count(); ++s) result.before_fader.emplace_back(bank.channels(s), score.frames);
    int done = 0;
    for (const int size : sizes) {
        std::vector<StripEvent> now;
        for (StripEvent event : score.events) {
            if (!score.wild && (event.event.frame < done || event.event.frame >= done + size)) continue;
            if (!score.wild) event.event.frame -= done;
            now.push_back(event);
        }
        std::vector<const float* const*> inputs;
        std::vector<const float* const*> keys;
        for (Buffer& key : score.keys) keys.push_back(key.view(done, size).channels);
        std::vector<float* const*> taps;
        for (std::size_t s = 0; s < score.strips.size(); ++s) {
            inputs.push_back(score.strips[s].view(done, size).channels);
            taps.push_back(s % 3 == 2 ? nullptr : result.before_fader[s].view(done, size).channels);
        }
        const StripOutput output{.rounded = result.sums.view(done, size).channels, .before_fader = taps.data()};
        bank.process(inputs.data(), now, output, size, keys.data());
        done += size;
    }
    return result;
}

bool finite(const Result& result) {
    return result.sums.finite() && std::all_of(result.before_fader.begin(), result.before_fader.end(),
                                               [](const Buffer& tap) { return tap.finite(); });
}

bool same(const Result& a, const Result& b) {
    for (std::size_t s = 0; s < a.before_fader.size(); ++s) {
        if (!a.before_fader[s].same_bits(b.before_fader[s])) return false;
    }
    return a.sums.same_bits(b.sums);
}

}  // namespace

void fuzz_strip_bank(Reader in) {
    const Setup setup = setup_of(in);
    const auto made = make(setup, setup.options);
    StripBank& whole = *made;
    const long violations = realtime::violations();
    Score score = score_of(in, setup, whole);
    const Result first = play(whole, score, {score.frames});
    require(finite(first), "bank: what comes out is finite");
    if (!score.wild) {
        const auto cut = make(setup, {});
        require(same(first, play(*cut, score, cuts_of(in, score.frames))), "bank: any cut and thread count, the same bits");
    }
    for (int s = 0; s < whole.strip_count(); ++s) {
        const StripReductions reductions = whole.reduction(s);
        require(std::isfinite(reductions.compressor.mean_db) && std::isfinite(reductions.de_esser.mean_db),
                "bank: the reduction is a number");
    }
    whole.reset();
    score.events.clear();
    for (Buffer& strip : score.strips) strip.fill_noise(3);
    for (Buffer& key : score.keys) key.fill_noise(4);
    require(finite(play(whole, score, {score.frames})), "bank: after a reset the past is forgotten");
    require(realtime::violations() == violations, "bank: process allocates nothing");
}

}  // namespace smartmix::fuzz
