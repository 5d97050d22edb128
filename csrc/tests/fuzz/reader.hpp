#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace smartmix::fuzz {

// Takes decisions from a string of bytes; past its end every answer is 0.
class Reader {
public:
    Reader(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

    bool empty() const noexcept { return at_ >= size_; }
    std::uint8_t byte() noexcept { return empty() ? std::uint8_t{0} : data_[at_++]; }
    unsigned word() noexcept {
        const unsigned low = byte();
        return low | static_cast<unsigned>(byte()) << 8U;
    }
    bool flag() noexcept { return (byte() & 1U) != 0; }
    // 0 .. count - 1; 0 of nothing.
    int below(int count) noexcept { return count > 0 ? static_cast<int>(word()) % count : 0; }
    // 0 .. 1, both ends often.
    double share() noexcept {
        const unsigned value = byte();
        if (value < 32) return 0.0;
        if (value >= 224) return 1.0;
        return (value - 32) / 191.0;
    }
    // Any float at all.
    float any_float() noexcept {
        const std::uint32_t bits = word() | static_cast<std::uint32_t>(word()) << 16U;
        float value = 0.0F;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }

private:
    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

// What the fuzz programs ask of the code: stop where it is broken, so that the input can be kept.
inline void require(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "fuzz: broken promise: %s\n", what);
    std::abort();
}

}  // namespace smartmix::fuzz
