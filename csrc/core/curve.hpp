#pragma once
#include <string>

namespace smartmix {

// Declared once per curve: a row of numbers that belongs to a processor as its parameters do, but is not one value: a
// noise profile, a target spectrum. `id` never changes and neither does the length: presets refer to both.
struct CurveInfo {
    std::string id;    // "noise_db"
    std::string name;  // "Noise profile"
    std::string unit;  // "dB", "Hz", "" ...
    int length = 0;
    double low = 0.0;  // of every number in it
    double high = 1.0;
    double default_value = 0.0;
    bool writable = false;  // the others tell what the processor finds, and are forgotten with a reset
};

}  // namespace smartmix
