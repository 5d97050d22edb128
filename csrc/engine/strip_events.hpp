#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/event.hpp"
#include "engine/strip_layout.hpp"

namespace smartmix {

// A ParamEvent for one strip of a bank.
struct StripEvent {
    ParamEvent event;
    std::int32_t strip = 0;
};

// The events of a batch of frames, those of each part of each strip in a row of their own. Different strips may be worked
// on by different threads.
class StripEvents {
public:
    static constexpr std::size_t room = 4096;

    StripEvents(const StripLayout& layout, int strips);

    // Takes the events from `first` on, as many as there is room for, at their nearest frame in [begin, end]; returns the
    // first it did not take.
    std::size_t list(std::span<const StripEvent> events, std::size_t first, int begin, int end) noexcept;

    // The next event of the part; nullptr when it does not lie before frame `end`.
    const ParamEvent* front(int strip, StripPart part, int end) const noexcept {
        const std::int32_t at = front_[row(strip, part)];
        if (at < 0) return nullptr;
        const Listed& listed = listed_[static_cast<std::size_t>(at)];
        return listed.event.frame < end ? &listed.event : nullptr;
    }
    void pop(int strip, StripPart part) noexcept {
        std::int32_t& at = front_[row(strip, part)];
        at = listed_[static_cast<std::size_t>(at)].following;
    }

private:
    struct Listed {
        ParamEvent event;  // of a processor as it counts its parameters
        std::int32_t following = -1;
    };
    static std::size_t row(int strip, StripPart part) noexcept {
        return static_cast<std::size_t>(strip) * strip_part_count + static_cast<std::size_t>(part);
    }

    const StripLayout& layout_;
    std::vector<std::int32_t> front_;  // -1 is none
    std::vector<Listed> listed_;
};

}  // namespace smartmix
