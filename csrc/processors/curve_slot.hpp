#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "core/curve.hpp"
#include "core/handover.hpp"

namespace smartmix {

// One curve of a processor with its two sides. The control side is one thread (or several that take turns), the audio side is
// the thread that processes, prepares or resets. No call of either side waits for the other.
class CurveSlot {
public:
    explicit CurveSlot(CurveInfo info)
        : info_(std::move(info)), in_(info_.length), out_(info_.length),
          values_(static_cast<std::size_t>(info_.length), static_cast<float>(info_.default_value)), written_(values_),
          told_(values_) {}

    const CurveInfo& info() const noexcept { return info_; }

    // Control side. What was written is read back at once, taken over or not.
    void write(std::span<const float> values) noexcept {
        std::copy(values.begin(), values.end(), written_.begin());
        in_.give(values, ++gifts_);
    }
    std::span<const float> read() noexcept {
        // In this order: the audio side tells first and then says that it has taken.
        const bool taken = taken_.load(std::memory_order_acquire) == gifts_;
        if (out_.take()) std::copy(out_.values().begin(), out_.values().end(), told_.begin());
        return taken ? told_ : written_;
    }

    // Audio side. Whether something was written since the last call; it is in force then.
    bool take() noexcept {
        if (!in_.take()) return false;
        tell(in_.values());
        taken_.store(in_.number(), std::memory_order_release);
        return true;
    }
    void tell(std::span<const float> values) noexcept {
        std::copy(values.begin(), values.end(), values_.begin());
        out_.give(values, 0);
    }
    std::span<const float> values() const noexcept { return values_; }

private:
    CurveInfo info_;
    Handover in_, out_;
    std::vector<float> values_;   // in force, with the audio side
    std::vector<float> written_;  // last, with the control side
    std::vector<float> told_;     // last, with the control side
    std::uint64_t gifts_ = 0;
    std::atomic<std::uint64_t> taken_{0};
};

}  // namespace smartmix
