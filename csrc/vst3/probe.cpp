#include "vst3/probe.hpp"

#include <algorithm>
#include <stdexcept>

#include "vst3/module.hpp"

namespace smartmix::vst3 {
namespace {

constexpr int probe_block_frames = 1024;
constexpr std::uint32_t endless = 0xFFFFFFFFU;

void look_inside(Factory* factory, double sample_rate, FoundPlugin& plugin) {
    const Instance instance(factory, plugin.facts.cid);
    plugin.inputs = instance.buses(input_direction);
    plugin.outputs = instance.buses(output_direction);
    if (instance.controller() == nullptr) plugin.problem = "has no parameters that can be read";
    plugin.parameters = instance.parameters();
    ProcessSetup setup{1, 0, probe_block_frames, sample_rate};
    if (instance.processor()->setupProcessing(&setup) != ok) plugin.problem = "does not run at this sample rate";
    instance.component()->setActive(1);
    plugin.latency_frames = static_cast<int>(std::min<std::uint32_t>(instance.processor()->getLatencySamples(), 1U << 30));
    const std::uint32_t tail = instance.processor()->getTailSamples();
    plugin.tail_frames = tail == endless ? -1 : static_cast<std::int64_t>(tail);
    instance.component()->setActive(0);
}

}  // namespace

std::vector<FoundPlugin> probe(const std::string& library, double sample_rate) {
    Factory* factory = load_factory(library);
    std::vector<FoundPlugin> found;
    for (const ClassFacts& facts : audio_classes(factory)) {
        FoundPlugin& plugin = found.emplace_back();
        plugin.facts = facts;
        try {
            look_inside(factory, sample_rate, plugin);
        } catch (const std::runtime_error& error) {
            plugin.problem = error.what();
        }
    }
    return found;
}

}  // namespace smartmix::vst3
