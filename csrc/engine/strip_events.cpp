#include "engine/strip_events.hpp"

#include <algorithm>

namespace smartmix {

StripEvents::StripEvents(const StripLayout& layout, int strips)
    : layout_(layout), front_(static_cast<std::size_t>(strips) * strip_part_count, -1), listed_(room) {}

std::size_t StripEvents::list(std::span<const StripEvent> events, std::size_t first, int begin,
                              int end) noexcept {
    std::fill(front_.begin(), front_.end(), -1);
    const std::size_t beyond = std::min(events.size(), first + room);
    const auto strips = static_cast<std::int32_t>(front_.size() / strip_part_count);
    for (std::size_t e = beyond; e-- > first;) {
        ParamEvent event = events[e].event;
        const auto index = static_cast<std::size_t>(event.param);
        if (events[e].strip < 0 || events[e].strip >= strips) continue;
        if (event.param < 0 || index >= layout_.places.size()) continue;
        const StripPlace place = layout_.places[index];
        if (is_insert(place.part)) event.param = place.index;
        event.frame = std::clamp(event.frame, begin, end);
        std::int32_t& front = front_[row(events[e].strip, place.part)];
        listed_[e - first] = {event, front};
        front = static_cast<std::int32_t>(e - first);
    }
    return beyond;
}

}  // namespace smartmix
