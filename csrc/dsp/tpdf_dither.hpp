#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace smartmix::dsp {

// 64-bit words that depend on a key and their place alone: Philox4x64-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011), the stream of numpy.random.Philox(key).random_raw().
class Philox {
public:
    Philox(std::uint64_t key_low, std::uint64_t key_high) noexcept;

    // Goes to the word `at`, counted from the start.
    void seek(std::uint64_t at) noexcept;
    void fill(std::uint64_t* words, std::size_t count) noexcept;

private:
    static constexpr int rounds = 10;
    static constexpr std::size_t per_block = 4;
    template <int Blocks>
    void make(std::uint64_t* words) noexcept;

    std::array<std::array<std::uint64_t, 2>, rounds> keys_;  // of each round
    std::uint64_t block_ = 0;                                // the next one to be made
    std::array<std::uint64_t, per_block> waiting_{};
    std::size_t used_ = per_block;  // of those
};

// Samples to whole numbers of `bits` with triangular dither, 2 steps wide from end to end: the noise of frame f, channel c
// comes from (key, f, c) alone. Codes past full scale are held there and counted; so is what is not a number.
class TpdfDither {
public:
    TpdfDither(int bits, int channels, Philox words) noexcept
        : words_(words), full_scale_(static_cast<double>(std::uint64_t{1} << static_cast<unsigned>(bits - 1))), channels_(channels) {}

    // `channels` rows of `frames` samples; `codes` lie as files want them, one channel beside the other.
    void quantise(const float* const* channels, std::int32_t* codes, std::size_t frames) noexcept;
    // The next `count` values of the noise, in steps, -1 to 1.
    void noise(double* steps, std::size_t count) noexcept;
    std::int64_t clipped() const noexcept { return clipped_; }

private:
    Philox words_;
    double full_scale_;
    int channels_;
    std::int64_t clipped_ = 0;
};

}  // namespace smartmix::dsp
