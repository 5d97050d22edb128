#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "vst3/instance.hpp"

namespace smartmix::vst3 {

// One audio effect or instrument of a plugin file. `problem` says what did not work, empty when everything did.
struct FoundPlugin {
    ClassFacts facts;
    std::vector<FoundBus> inputs, outputs;
    int latency_frames = 0;
    std::int64_t tail_frames = 0;
    std::vector<FoundParameter> parameters;
    std::string problem;
};

// Loads the library of a VST3 plugin and asks it what is inside, at `sample_rate`; no audio runs. Whatever the plugin does
// happens in this process: only to be called in one that may die. Throws std::runtime_error for what is no VST3 plugin.
std::vector<FoundPlugin> probe(const std::string& library, double sample_rate);

}  // namespace smartmix::vst3
