#include "processors/registry.hpp"

#include <map>

#include "processors/compressor.hpp"
#include "processors/de_esser.hpp"
#include "processors/declick.hpp"
#include "processors/declip.hpp"
#include "processors/delay.hpp"
#include "processors/dynamic_eq.hpp"
#include "processors/gain.hpp"
#include "processors/gate.hpp"
#include "processors/hum_removal.hpp"
#include "processors/linear_phase_eq.hpp"
#include "processors/match_eq.hpp"
#include "processors/multiband_compressor.hpp"
#include "processors/noise_reduction.hpp"
#include "processors/pan.hpp"
#include "processors/parametric_eq.hpp"
#include "processors/plosive_control.hpp"
#include "processors/reverb.hpp"
#include "processors/rumble_filter.hpp"
#include "processors/saturation.hpp"
#include "processors/stereo_width.hpp"
#include "processors/true_peak_limiter.hpp"

namespace smartmix {
namespace {

using Maker = std::unique_ptr<Processor> (*)();

template <class T>
std::unique_ptr<Processor> make() {
    return std::make_unique<T>();
}

// One line per processor: the property suite, the Python face and the presets find it by this name.
const std::map<std::string, Maker>& makers() {
    static const std::map<std::string, Maker> table = {
        {"compressor", &make<Compressor>},
        {"de_esser", &make<DeEsser>},
        {"declick", &make<Declick>},
        {"declip", &make<Declip>},
        {"delay", &make<Delay>},
        {"dynamic_eq", &make<DynamicEq>},
        {"gain", &make<Gain>},
        {"gate", &make<Gate>},
        {"hum_removal", &make<HumRemoval>},
        {"linear_phase_eq", &make<LinearPhaseEq>},
        {"match_eq", &make<MatchEq>},
        {"multiband_compressor", &make<MultibandCompressor>},
        {"noise_reduction", &make<NoiseReduction>},
        {"pan", &make<Pan>},
        {"parametric_eq", &make<ParametricEq>},
        {"plosive_control", &make<PlosiveControl>},
        {"reverb", &make<Reverb>},
        {"rumble_filter", &make<RumbleFilter>},
        {"saturation", &make<Saturation>},
        {"stereo_width", &make<StereoWidth>},
        {"true_peak_limiter", &make<TruePeakLimiter>},
    };
    return table;
}

}  // namespace

std::vector<std::string> processor_names() {
    std::vector<std::string> names;
    for (const auto& [name, maker] : makers()) names.push_back(name);
    return names;
}

std::unique_ptr<Processor> make_processor(const std::string& name) {
    const auto found = makers().find(name);
    if (found != makers().end()) return found->second();
    std::string known;
    for (const auto& [other, maker] : makers()) known += (known.empty() ? "" : ", ") + other;
    throw std::out_of_range("no processor '" + name + "'; there are: " + known);
}

}  // namespace smartmix
