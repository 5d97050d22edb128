#pragma once
#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "kernels/limiter.hpp"

namespace smartmix::dsp {

// What runs along time with a memory of fixed size. A row of values at a time, which may be the row of what comes out.

// Smallest of the last `window` values. Values come in stretches as long as the window: what is older than the stretch at
// work is the end of the one before it, whose smallest values are known from every place to its end (van Herk 1992; Gil &
// Werman 1993). No value decides a jump.
class SlidingMinimum {
public:
    void prepare(int window, double value) {
        ends_.assign(static_cast<std::size_t>(window) + 1, value);
        fill(value);
    }

    // As if only `value` had ever come.
    void fill(double value) noexcept {
        std::fill(ends_.begin(), ends_.end(), value);
        if (!ends_.empty()) ends_.back() = none;
        smallest_ = none;
        at_ = 0;
    }

    void run(const double* values, double* smallest, int frames) noexcept {
        const kernels::LimiterKernels& kernel = kernels::limiter_kernels();
        const int window = static_cast<int>(ends_.size()) - 1;
        for (int done = 0; done < frames;) {
            const int now = std::min(frames - done, window - at_);
            smallest_ = kernel.running_minima(values + done, ends_.data() + at_, smallest_, smallest + done, now);
            at_ += now;
            done += now;
            if (at_ < window) continue;
            kernel.minima_to_end(ends_.data(), window);
            smallest_ = none;
            at_ = 0;
        }
    }

private:
    static constexpr double none = std::numeric_limits<double>::infinity();

    // Up to `at_` the values of this stretch, from there on the smallest ones to the end of the last; behind it, none.
    std::vector<double> ends_;
    double smallest_ = none;  // of this stretch
    int at_ = 0;
};

// What came `frames` frames ago.
class LateValues {
public:
    void prepare(int frames, double value) {
        ring_.assign(static_cast<std::size_t>(frames), value);
        at_ = 0;
    }

    void fill(double value) noexcept {
        std::fill(ring_.begin(), ring_.end(), value);
        at_ = 0;
    }

    void run(const double* values, double* late, int frames) noexcept {
        for (int done = 0; done < frames;) {
            const int now = std::min(frames - done, static_cast<int>(ring_.size() - at_));
            double* ring = ring_.data() + at_;
            for (int i = 0; i < now; ++i) {
                const double value = values[done + i];
                late[done + i] = ring[i];
                ring[i] = value;
            }
            at_ = at_ + static_cast<std::size_t>(now) < ring_.size() ? at_ + static_cast<std::size_t>(now) : 0;
            done += now;
        }
    }

    int length() const noexcept { return static_cast<int>(ring_.size()); }

private:
    std::vector<double> ring_;
    std::size_t at_ = 0;
};

// Sum of the last `length` values. They are whole numbers, and their sum one below 2^53: it never drifts.
class RunningSum {
public:
    void prepare(int length) { line_.prepare(length, 0.0); }

    void fill(double value) noexcept {
        line_.fill(value);
        sum_ = value * length();
    }

    // `late` is room for as many values.
    void run(const double* values, double* sums, double* late, int frames) noexcept {
        line_.run(values, late, frames);
        sum_ = kernels::limiter_kernels().running_sums(values, late, sum_, sums, frames);
    }

    int length() const noexcept { return line_.length(); }

private:
    LateValues line_;
    double sum_ = 0.0;
};

}  // namespace smartmix::dsp
