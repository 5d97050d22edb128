#pragma once
#include <vector>

#include "core/parameter.hpp"

namespace smartmix {

// The parts of a strip, in the order the sound meets them. None knows of another, so each takes its own events over a
// whole tile, and the same part of many strips can run together. `sum` is fader, pan and sends.
enum class StripPart { trim, equaliser, dynamic_eq, de_esser, compressor, width, sum };
inline constexpr int strip_part_count = 7;

// Whether a part is a processor, which counts its parameters itself.
inline bool is_insert(StripPart part) noexcept { return part >= StripPart::dynamic_eq && part <= StripPart::width; }

// What stands for the parameters of StripPart::sum; sends follow from here on.
inline constexpr int fader_of_sum = 0;
inline constexpr int pan_of_sum = 1;
inline constexpr int first_send_of_sum = 2;

inline constexpr int most_sends = 16;

// Which part of a strip a parameter belongs to, and its index in there.
struct StripPlace {
    StripPart part = StripPart::trim;
    int index = 0;
};

// The parameters of a strip and the place of each.
struct StripLayout {
    std::vector<ParameterInfo> parameters;
    std::vector<StripPlace> places;
    int sends = 0;
};

// trim.gain_db; eq.band1.shape ... eq.band24.slope_db_oct; fader.gain_db; pan.pan; dynamic_eq.*, de_esser.*, compressor.*
// and width.* as those processors call them, without what would make a strip late; send1.level_db ... up to `sends`.
StripLayout make_strip_layout(int sends);

}  // namespace smartmix
