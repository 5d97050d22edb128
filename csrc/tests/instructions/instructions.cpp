// One kind of work on so many frames, for an instruction counter (benchmarks/instructions.py): the difference of two
// lengths is the work alone.
//   instructions            lists the works, each with its channels
//   instructions WORK FRAMES
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "buffer.hpp"
#include "meters/hop_meter.hpp"
#include "meters/loudness_meter.hpp"
#include "soak/chain.hpp"

using namespace smartmix;
using soak::block_frames;
using tests::Buffer;

namespace {

using Step = std::function<void(BlockView)>;

struct Work {
    int channels = 2;
    std::function<Step()> make;
};

// Settings that make an effect work all the time; those that are not here work with the ones of the soak.
const std::map<std::string, std::vector<std::pair<const char*, double>>> at_work = {
    {"compressor", {{"threshold_db", -40.0}, {"ratio", 4.0}}},
    {"de_esser", {{"threshold_db", -60.0}, {"relative_db", -40.0}, {"range_db", 6.0}}},
    {"gate", {{"threshold_db", -6.0}, {"range_db", 40.0}, {"ratio", 4.0}}},
    {"true_peak_limiter", {{"ceiling_dbtp", -12.0}}},
    {"delay", {{"mix", 0.5}}},
    {"reverb", {{"mix", 0.5}}},
    {"gain", {{"gain_db", -6.0}}},
    {"pan", {{"pan", 0.3}}},
    {"stereo_width", {{"side_db", -3.0}}},
};

Step working(const std::string& name) {
    const std::shared_ptr<Processor> effect = make_processor(name);
    for (const auto& [id, value] : at_work.at(name)) effect->set_parameter(effect->parameter_index(id), value);
    effect->prepare({soak::sample_rate, 2});
    return [effect](BlockView io) { effect->process(io, {}); };
}

std::unique_ptr<Processor> bells(int count) {
    auto eq = make_processor("parametric_eq");
    for (int band = 1; band <= count; ++band) {
        const std::string prefix = "band" + std::to_string(band) + ".";
        eq->set_parameter(eq->parameter_index(prefix + "shape"), 1.0);
        eq->set_parameter(eq->parameter_index(prefix + "freq_hz"), 60.0 * (1 << (band - 1)));
        eq->set_parameter(eq->parameter_index(prefix + "gain_db"), band % 2 == 0 ? -3.0 : 2.0);
    }
    eq->prepare({soak::sample_rate, 2});
    return eq;
}

Step equaliser(int count, bool ramping) {
    const std::shared_ptr<Processor> eq = bells(count);
    return [eq, ramping, count, up = false](BlockView io) mutable {
        ParamEvent events[24];
        up = !up;
        for (int band = 0; band < count; ++band) {
            const int gain = eq->parameter_index("band1.gain_db") + band * (eq->parameter_index("band2.gain_db") -
                                                                            eq->parameter_index("band1.gain_db"));
            events[band] = {0, gain, up ? 3.0 : -3.0, block_frames};
        }
        eq->process(io, std::span<const ParamEvent>(events, ramping ? static_cast<std::size_t>(count) : 0));
    };
}

Step through(std::shared_ptr<soak::Chain> chain) {
    return [chain](BlockView io) { chain->process(io); };
}

template <class Meter>
Step metered(std::shared_ptr<Meter> meter) {
    return [meter](BlockView io) { meter->process(io.channels, io.frames); };
}

std::map<std::string, Work> works() {
    std::map<std::string, Work> all;
    for (const std::string& name : processor_names()) {
        const int channels = soak::make_processor_chain(name)->channels();
        const bool listed = at_work.count(name) > 0;
        all[name] = {channels,
                     [name, listed] { return listed ? working(name) : through(soak::make_processor_chain(name)); }};
    }
    all["equaliser, 8 bells"] = {2, [] { return equaliser(8, false); }};
    all["equaliser, 8 bells ramping"] = {2, [] { return equaliser(8, true); }};
    for (const int strips : {4, 16}) {
        all["strip bank, " + std::to_string(strips) + " stereo strips"] = {
            2 * strips, [strips] { return through(soak::make_bank_chain(strips)); }};
    }
    all["loudness meter"] = {2, [] { return metered(std::make_shared<LoudnessMeter>(soak::sample_rate, 2, false)); }};
    all["loudness and true peak meter"] = {2, [] { return metered(std::make_shared<LoudnessMeter>(soak::sample_rate, 2)); }};
    all["hop meter"] = {2, [] { return metered(std::make_shared<HopMeter>(soak::sample_rate, 2)); }};
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const auto all = works();
    if (argc != 3 || all.count(argv[1]) == 0) {
        for (const auto& [name, work] : all) std::printf("%d %s\n", work.channels, name.c_str());
        return argc == 1 ? 0 : 2;
    }
    const Step step = all.at(argv[1]).make();
    Buffer source(2, 16 * block_frames);
    source.fill_noise(1);
    Buffer audio(2, block_frames);
    for (long block = 0; block < std::atol(argv[2]) / block_frames; ++block) {
        const int first = static_cast<int>(block % 16) * block_frames;
        for (int c = 0; c < 2; ++c) std::copy_n(&source.at(c, first), block_frames, &audio.at(c, 0));
        BlockView io = audio.view();
        io.channel_count = std::min(io.channel_count, all.at(argv[1]).channels);
        step(io);
    }
    return 0;
}
