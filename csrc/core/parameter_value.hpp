#pragma once
#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/parameter.hpp"

namespace smartmix {

inline bool is_stepped(Scale scale) noexcept { return scale == Scale::toggle || scale == Scale::choice; }

// The value as the parameter takes it, or std::out_of_range naming parameter, value and range.
inline double checked_value(const ParameterInfo& info, double value) {
    if (!(value >= info.low && value <= info.high)) {  // also refuses NaN
        std::ostringstream text;
        text << info.id << " = " << value << ": expected " << info.low << " to " << info.high;
        if (!info.unit.empty()) text << " " << info.unit;
        throw std::out_of_range(text.str());
    }
    return is_stepped(info.scale) ? std::round(value) : value;
}

// For the audio thread, which cannot refuse: the nearest value the parameter can have.
inline double nearest_value(const ParameterInfo& info, double value) noexcept {
    const double inside = std::clamp(value, info.low, info.high);
    return is_stepped(info.scale) ? std::round(inside) : inside;
}

// Index of the parameter called `id`; std::out_of_range naming `owner` and id when there is none.
inline int find_parameter(const std::vector<ParameterInfo>& infos, const std::string& id, const std::string& owner) {
    for (std::size_t i = 0; i < infos.size(); ++i) {
        if (infos[i].id == id) return static_cast<int>(i);
    }
    throw std::out_of_range(owner + " has no parameter '" + id + "'");
}

}  // namespace smartmix
