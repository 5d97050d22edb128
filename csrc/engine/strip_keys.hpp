#pragma once
#include <array>
#include <vector>

#include "processors/dynamic_eq.hpp"

namespace smartmix {

// What the dynamics of a strip listen to: the number of a key of the bank, or what arrives at them in the strip itself.
struct StripKeying {
    static constexpr int own = -1;

    std::array<int, DynamicEq::band_count> bands{own, own, own, own};
    int compressor = own;

    friend bool operator==(const StripKeying&, const StripKeying&) = default;
};

// Sounds that dynamics listen to in place of their own strip. A bank is given them block by block like the strips, so
// that no strip waits for another.
struct StripBankKeys {
    std::vector<int> channels;        // of each, 1 or 2
    std::vector<StripKeying> strips;  // an entry per strip, or none where nobody listens to a key
};

}  // namespace smartmix
