#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace smartmix {

// A row of numbers from one thread to one other, newest only, without a lock on either side: three places, one with the giver,
// one with the taker, and the one in the middle changes hands by a single exchange. Neither side ever waits or retries.
class Handover {
public:
    explicit Handover(int length) {
        for (Place& place : places_) place.values.resize(static_cast<std::size_t>(length));
    }

    // The giver's side. `number` goes with the values and says which gift this was.
    void give(std::span<const float> values, std::uint64_t number) noexcept {
        Place& place = places_[giver_];
        std::copy(values.begin(), values.end(), place.values.begin());
        place.number = number;
        giver_ = middle_.exchange(giver_ | fresh, std::memory_order_acq_rel) & place_mask;
    }

    // The taker's side: whether something came since the last call; then values() and number() are of the newest.
    bool take() noexcept {
        if ((middle_.load(std::memory_order_relaxed) & fresh) == 0) return false;
        taker_ = middle_.exchange(taker_, std::memory_order_acq_rel) & place_mask;
        return true;
    }
    std::span<const float> values() const noexcept { return places_[taker_].values; }
    std::uint64_t number() const noexcept { return places_[taker_].number; }

private:
    struct Place {
        std::vector<float> values;
        std::uint64_t number = 0;
    };
    static constexpr std::uint32_t fresh = 4;
    static constexpr std::uint32_t place_mask = 3;

    std::array<Place, 3> places_;
    std::uint32_t giver_ = 0;
    std::atomic<std::uint32_t> middle_{1};
    std::uint32_t taker_ = 2;
};

}  // namespace smartmix
