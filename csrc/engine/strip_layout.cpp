#include "engine/strip_layout.hpp"

#include <string>

#include "dsp/gain.hpp"
#include "processors/compressor.hpp"
#include "processors/de_esser.hpp"
#include "processors/dynamic_eq.hpp"
#include "processors/equaliser_parameters.hpp"
#include "processors/stereo_width.hpp"

namespace smartmix {
namespace {

constexpr double loudest_gain_db = 24.0;
constexpr double loudest_send_db = 12.0;

void append(StripLayout& layout, const ParameterInfo& info, StripPart part, int index) {
    layout.parameters.push_back(info);
    layout.places.push_back({part, index});
}

void append_equaliser(StripLayout& layout) {
    std::vector<ParameterInfo> infos;
    append_equaliser_parameters(infos, "eq.");
    for (std::size_t i = 0; i < infos.size(); ++i) {
        append(layout, infos[i], StripPart::equaliser, static_cast<int>(i));
    }
}

// A look-ahead is left out: strips would then be late by different amounts.
void append_insert(StripLayout& layout, const Processor& processor, const std::string& prefix, StripPart part) {
    for (std::size_t i = 0; i < processor.parameters().size(); ++i) {
        ParameterInfo info = processor.parameters()[i];
        if (info.id == "lookahead_ms") continue;
        info.id = prefix + info.id;
        append(layout, info, part, static_cast<int>(i));
    }
}

}  // namespace

StripLayout make_strip_layout(int sends) {
    StripLayout layout;
    layout.sends = sends;
    append(layout, {"trim.gain_db", "Trim", "dB", dsp::silence_db, loudest_gain_db, 0.0, Scale::db, {}},
           StripPart::trim, 0);
    append_equaliser(layout);
    append(layout, {"fader.gain_db", "Fader", "dB", dsp::silence_db, loudest_gain_db, 0.0, Scale::db, {}},
           StripPart::sum, fader_of_sum);
    append(layout, {"pan.pan", "Pan", "", -1.0, 1.0, 0.0, Scale::linear, {}}, StripPart::sum, pan_of_sum);
    append_insert(layout, DynamicEq(), "dynamic_eq.", StripPart::dynamic_eq);
    append_insert(layout, DeEsser(), "de_esser.", StripPart::de_esser);
    append_insert(layout, Compressor(), "compressor.", StripPart::compressor);
    append_insert(layout, StereoWidth(), "width.", StripPart::width);
    for (int send = 0; send < sends; ++send) {
        const std::string number = std::to_string(send + 1);
        append(layout, {"send" + number + ".level_db", "Send " + number, "dB", dsp::silence_db, loudest_send_db,
                        dsp::silence_db, Scale::db, {}},
               StripPart::sum, first_send_of_sum + send);
    }
    return layout;
}

}  // namespace smartmix
