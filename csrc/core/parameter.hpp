#pragma once
#include <string>
#include <vector>

namespace smartmix {

// How a parameter moves between two values and how a knob spreads it.
enum class Scale { linear, db, log, toggle, choice };

// Declared once per parameter. `id` never changes and the range is never narrowed: plans refer to both.
struct ParameterInfo {
    std::string id;    // "gain_db", "band3.freq_hz"
    std::string name;  // "Gain"
    std::string unit;  // "dB", "Hz", "" ...
    double low = 0.0;
    double high = 1.0;
    double default_value = 0.0;
    Scale scale = Scale::linear;
    std::vector<std::string> choices;  // for Scale::choice: value i means choices[i]
};

}  // namespace smartmix
