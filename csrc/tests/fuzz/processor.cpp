// Any processor, prepared anyhow, with any settings, samples, events and cuts: nothing outside its memory is touched,
// nothing is allocated in process, what comes out is finite and the same for every cut, and reset makes it as new.
#include "core/realtime.hpp"
#include "fuzz/material.hpp"
#include "fuzz/targets.hpp"
#include "processors/registry.hpp"

namespace smartmix::fuzz {
namespace {

struct Setup {
    std::string name;
    PrepareSpec spec;
    std::vector<std::pair<int, double>> settings;
};

Setup setup_of(Reader& in) {
    Setup setup;
    const std::vector<std::string> names = processor_names();
    setup.name = names[in.byte() % names.size()];
    setup.spec.sample_rate = sample_rate(in);
    const unsigned channels = in.byte() % 16U;
    setup.spec.channels = channels < 14 ? 1 + static_cast<int>(channels % 2U) : 1 + in.below(64);
    setup.spec.side_chain_channels = in.byte() % 4U == 0 ? 1 + in.below(3) : 0;
    const auto processor = make_processor(setup.name);
    const auto& infos = processor->parameters();
    for (unsigned count = in.byte() % 40U; count > 0; --count) {
        const int index = in.below(static_cast<int>(infos.size()));
        setup.settings.emplace_back(index, value_of(in, infos[static_cast<std::size_t>(index)]));
    }
    return setup;
}

// Null where the processor refuses the spec, as it may.
std::unique_ptr<Processor> make(const Setup& setup) {
    auto processor = make_processor(setup.name);
    for (const auto& [index, value] : setup.settings) processor->set_parameter(index, value);
    try {
        processor->prepare(setup.spec);
    } catch (const std::invalid_argument&) {
        return nullptr;
    }
    return processor;
}

// The case but for its cuts: what goes in, and the frame at which everything is reset (or -1).
struct Score {
    Buffer audio;
    Buffer heard;
    std::vector<ParamEvent> events;
    int reset_at = -1;
    bool wild = false;
};

Score score_of(Reader& in, const Setup& setup, const std::vector<ParameterInfo>& infos) {
    const int frames = setup.spec.channels > 4 ? in.below(400) : in.below(2500);
    Score score{audio_of(in, setup.spec.channels, frames), audio_of(in, setup.spec.side_chain_channels, frames), {}, -1,
                false};
    score.wild = in.byte() % 8U == 0;
    for (unsigned count = frames > 0 ? in.byte() % 64U : 0; count > 0; --count) {
        score.events.push_back(event_of(in, infos, frames, score.wild));
    }
    if (!score.wild) {
        std::stable_sort(score.events.begin(), score.events.end(),
                         [](const auto& a, const auto& b) { return a.frame < b.frame; });
    }
    if (in.byte() % 4U == 0) score.reset_at = in.below(frames);
    return score;
}

void run_piece(Processor& processor, Score& score, int first, int end) {
    std::vector<ParamEvent> now;
    for (ParamEvent event : score.events) {
        if (!score.wild && (event.frame < first || event.frame >= end)) continue;
        if (!score.wild) event.frame -= first;
        now.push_back(event);
    }
    processor.process(score.audio.view(first, end - first), score.heard.view(first, end - first), now);
}

// Blocks of the given sizes, cut again where everything is reset.
void play(Processor& processor, Score& score, const std::vector<int>& sizes) {
    int done = 0;
    for (const int size : sizes) {
        const int end = done + size;
        if (score.reset_at >= done && score.reset_at < end) {
            run_piece(processor, score, done, score.reset_at);
            processor.reset();
            done = score.reset_at;
        }
        run_piece(processor, score, done, end);
        done = end;
    }
}

void ask_everything(Processor& processor) {
    require(processor.latency_frames() >= 0 && processor.tail_frames() >= 0, "latency and tail are counts");
    try {
        const Reduction reduction = processor.reduction();
        require(std::isfinite(reduction.now_db) && std::isfinite(reduction.max_db) && std::isfinite(reduction.mean_db),
                "the reduction is a number");
    } catch (const std::logic_error&) {
    }
    try {
        for (const double hz : {0.0, 20.0, 1000.0, 20000.0}) require(!std::isnan(processor.response_db(hz)), "response");
    } catch (const std::logic_error&) {
    }
}

// After reset it is where a new one with the same settings is, whatever went through it before.
void expect_as_new(Reader& in, Processor& used, const Setup& setup) {
    Setup same = setup;
    const auto& infos = used.parameters();
    same.settings.clear();
    for (int i = 0; i < static_cast<int>(infos.size()); ++i) same.settings.emplace_back(i, used.parameter(i));
    used.prepare(setup.spec);  // and not only reset: a look-ahead that was set since counts from here
    const auto fresh = make(same);
    const int frames = 1 + in.below(700);
    Buffer a = audio_of(in, setup.spec.channels, frames);
    Buffer heard_a = audio_of(in, setup.spec.side_chain_channels, frames);
    Buffer b = a;
    Buffer heard_b = heard_a;
    used.process(a.view(), heard_a.view(), {});
    fresh->process(b.view(), heard_b.view(), {});
    require(a.same_bits(b), "prepared again it is as good as new");
    require(a.finite(), "prepared again it gives finite samples");
}

}  // namespace

void fuzz_processor(Reader in) {
    const Setup setup = setup_of(in);
    const auto whole = make(setup);
    if (!whole) return;
    const long violations = realtime::violations();
    Score score = score_of(in, setup, whole->parameters());
    Score again = score;
    const int frames = static_cast<int>(score.audio.view().frames);
    play(*whole, score, {frames});
    require(score.audio.finite(), "what comes out is finite");
    ask_everything(*whole);
    if (!score.wild) {
        const auto cut = make(setup);
        play(*cut, again, cuts_of(in, frames));
        require(again.audio.same_bits(score.audio), "any cut gives the same bits");
    }
    if (in.flag()) {
        whole->reset();
        Buffer after = audio_of(in, setup.spec.channels, 300);
        Buffer heard = audio_of(in, setup.spec.side_chain_channels, 300);
        whole->process(after.view(), heard.view(), {});
        require(after.finite(), "after a reset the past is forgotten");
    }
    expect_as_new(in, *whole, setup);
    require(realtime::violations() == violations, "process allocates nothing");
}

}  // namespace smartmix::fuzz
