#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace smartmix::dsp {

// Smallest of the last `window` values, amortised constant time in fixed memory.
template <class Value>
class SlidingMinimum {
public:
    void prepare(int window, Value value) {
        ring_.assign(static_cast<std::size_t>(window), Entry{0, value});
        fill(value);
    }

    // As if only `value` had ever come.
    void fill(Value value) noexcept {
        now_ = 0;
        first_ = 0;
        count_ = 1;
        if (!ring_.empty()) ring_[0] = {0, value};
    }

    Value push(Value value) noexcept {
        ++now_;
        if (count_ > 0 && ring_[first_].at <= now_ - static_cast<std::int64_t>(ring_.size())) {
            first_ = slot(1);
            --count_;
        }
        while (count_ > 0 && ring_[slot(count_ - 1)].value >= value) --count_;
        ring_[slot(count_)] = {now_, value};
        ++count_;
        return ring_[first_].value;
    }

private:
    struct Entry {
        std::int64_t at;
        Value value;
    };

    std::size_t slot(std::size_t k) const noexcept {
        return first_ + k < ring_.size() ? first_ + k : first_ + k - ring_.size();
    }

    std::vector<Entry> ring_;
    std::size_t first_ = 0, count_ = 0;
    std::int64_t now_ = 0;
};

// What came `frames` frames ago.
template <class Value>
class LateValues {
public:
    void prepare(int frames, Value value) {
        ring_.assign(static_cast<std::size_t>(frames), value);
        at_ = 0;
    }

    void fill(Value value) noexcept {
        std::fill(ring_.begin(), ring_.end(), value);
        at_ = 0;
    }

    Value push(Value value) noexcept {
        const Value late = ring_[at_];
        ring_[at_] = value;
        at_ = at_ + 1 < ring_.size() ? at_ + 1 : 0;
        return late;
    }

    std::int64_t length() const noexcept { return static_cast<std::int64_t>(ring_.size()); }

private:
    std::vector<Value> ring_;
    std::size_t at_ = 0;
};

// Sum of the last `length` values; whole numbers, so it never drifts.
class RunningSum {
public:
    void prepare(int length) { line_.prepare(length, 0); }

    void fill(std::int64_t value) noexcept {
        line_.fill(value);
        sum_ = value * length();
    }

    std::int64_t push(std::int64_t value) noexcept {
        sum_ += value - line_.push(value);
        return sum_;
    }

    std::int64_t length() const noexcept { return line_.length(); }

private:
    LateValues<std::int64_t> line_;
    std::int64_t sum_ = 0;
};

}  // namespace smartmix::dsp
