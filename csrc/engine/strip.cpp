#include "engine/strip.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/parameter_value.hpp"
#include "processors/equaliser_parameters.hpp"

namespace smartmix {

Processor* Strip::insert(StripPart part) noexcept {
    if (part == StripPart::width) return &width;
    if (!dynamics) return nullptr;
    if (part == StripPart::dynamic_eq) return &dynamics->dynamic_eq;
    if (part == StripPart::de_esser) return &dynamics->de_esser;
    if (part == StripPart::compressor) return &dynamics->compressor;
    return nullptr;
}

void Strip::prepare(double sample_rate, const StripLayout& layout) {
    for (const ParameterInfo& info : layout.parameters) targets.push_back(info.default_value);
    sends.resize(static_cast<std::size_t>(layout.sends));
    width.prepare({sample_rate, channels});
}

void Strip::prepare_dynamics(double sample_rate, const StripKeying& keying, const std::vector<int>& key_channels) {
    dynamics = std::make_unique<Dynamics>();
    DynamicEq::Parts parts{};
    int heard = 0;  // channels of the side chain
    for (std::size_t b = 0; b < parts.size(); ++b) {
        const int key = keying.bands[b];
        if (key == StripKeying::own) continue;
        const auto known = std::find(keying.bands.begin(), keying.bands.begin() + static_cast<std::ptrdiff_t>(b), key);
        if (const auto at = static_cast<std::size_t>(known - keying.bands.begin()); at < b) {
            parts[b] = parts[at];
            continue;
        }
        parts[b] = {heard, key_channels.at(static_cast<std::size_t>(key))};
        heard += parts[b].channels;
        band_keys.push_back(key);
    }
    compressor_key = keying.compressor;
    const int compressor_hears =
        compressor_key == StripKeying::own ? 0 : key_channels.at(static_cast<std::size_t>(compressor_key));
    dynamics->dynamic_eq.listen_to(parts);
    dynamics->dynamic_eq.prepare({sample_rate, channels, heard});
    dynamics->de_esser.prepare({sample_rate, channels});
    dynamics->compressor.prepare({sample_rate, channels, compressor_hears});
}

// A reset strip is where a fresh one with the same settings is: every ramp has arrived.
void Strip::reset(const StripLayout& layout) noexcept {
    equaliser.clear();
    width.reset();
    if (dynamics) {
        dynamics->dynamic_eq.reset();
        dynamics->de_esser.reset();
        dynamics->compressor.reset();
    }
    for (std::size_t i = 0; i < targets.size(); ++i) pass_on(layout.places[i], targets[i], 0);
}

StripReductions Strip::reduction() const {
    if (!dynamics) return {};
    return {dynamics->dynamic_eq.reduction(), dynamics->de_esser.reduction(), dynamics->compressor.reduction()};
}

double Strip::parameter(const StripLayout& layout, std::size_t index) const {
    const StripPlace place = layout.places.at(index);
    const Processor* processor = insert(place.part);
    return processor != nullptr ? processor->parameter(place.index) : targets[index];
}

void Strip::set_parameter(const StripLayout& layout, std::size_t index, double value) {
    const ParameterInfo& info = layout.parameters.at(index);
    const StripPlace place = layout.places[index];
    const double taken = checked_value(info, value);
    if (is_insert(place.part)) {
        Processor* processor = insert(place.part);
        if (processor == nullptr) throw std::invalid_argument(info.id + ": the strip was made without dynamics");
        processor->set_parameter(place.index, taken);
        return;
    }
    targets[index] = taken;
    pass_on(place, taken, 0);
}

void Strip::pass_on(StripPlace place, double value, int ramp_frames) noexcept {
    switch (place.part) {
        case StripPart::trim: trim.move(value, ramp_frames); break;
        case StripPart::equaliser: set_equaliser_parameter(equaliser, place.index, value, ramp_frames); break;
        case StripPart::dynamic_eq:
        case StripPart::de_esser:
        case StripPart::compressor:
        case StripPart::width: break;  // processors keep their own
        case StripPart::sum:
            if (place.index == fader_of_sum) {
                fader.move(value, ramp_frames);
            } else if (place.index == pan_of_sum) {
                pan.move(value, ramp_frames);
            } else {
                sends[static_cast<std::size_t>(place.index - first_send_of_sum)].move(value, ramp_frames);
            }
            break;
    }
}

void Strip::take(const StripLayout& layout, const ParamEvent& event) noexcept {
    const auto index = static_cast<std::size_t>(event.param);
    if (!std::isfinite(event.value)) return;
    const ParameterInfo& info = layout.parameters[index];
    targets[index] = nearest_value(info, event.value);
    pass_on(layout.places[index], targets[index], is_stepped(info.scale) ? 0 : std::max(event.ramp_frames, 0));
}

}  // namespace smartmix
