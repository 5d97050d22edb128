#include "dsp/tpdf_dither.hpp"

#include <algorithm>
#include <bit>

namespace smartmix::dsp {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t multiplier_0 = 0xD2E7470EE14C6C93U, multiplier_1 = 0xCA5A826395121157U;
constexpr std::uint64_t weyl_0 = 0x9E3779B97F4A7C15U, weyl_1 = 0xBB67AE8584CAA73BU;
constexpr std::size_t piece = 512;  // words at a time

// Two halves of a word, each uniform, one less the other: a triangle from -1 to 1. Exact: the bits of 2^52 and a half.
double triangular(std::uint64_t word) noexcept {
    constexpr std::uint64_t whole = 0x4330000000000000U;
    return (std::bit_cast<double>((word >> 32U) | whole) - std::bit_cast<double>((word & 0xffffffffU) | whole)) * 0x1p-32;
}

// In place of floor, which is a call where there is no instruction for it: next to 1.5 * 2^52 no fraction is left.
std::int32_t rounded_down(double x) noexcept {
    constexpr double whole = 6755399441055744.0;
    const double near = (x + whole) - whole;
    return static_cast<std::int32_t>(near) - static_cast<std::int32_t>(near > x);
}

}  // namespace

Philox::Philox(std::uint64_t key_low, std::uint64_t key_high) noexcept {
    for (auto& key : keys_) {
        key = {key_low, key_high};
        key_low += weyl_0;
        key_high += weyl_1;
    }
    seek(0);
}

void Philox::seek(std::uint64_t at) noexcept {
    block_ = at / per_block;
    used_ = at % per_block;
    if (used_ == 0) {
        used_ = per_block;
        return;
    }
    make<1>(waiting_.data());
}

// The first block has counter 1. Blocks side by side do not wait for each other's products.
template <int Blocks>
void Philox::make(std::uint64_t* words) noexcept {
    std::uint64_t a[Blocks], b[Blocks], c[Blocks] = {}, d[Blocks] = {};
    for (int i = 0; i < Blocks; ++i) {
        a[i] = block_ + 1 + static_cast<std::uint64_t>(i);
        b[i] = a[i] == 0 ? 1 : 0;  // past 2^64 blocks
    }
    for (const auto& key : keys_) {
#pragma GCC unroll 4
        for (int i = 0; i < Blocks; ++i) {
            const Wide left = static_cast<Wide>(multiplier_0) * a[i], right = static_cast<Wide>(multiplier_1) * c[i];
            a[i] = static_cast<std::uint64_t>(right >> 64U) ^ b[i] ^ key[0];
            c[i] = static_cast<std::uint64_t>(left >> 64U) ^ d[i] ^ key[1];
            b[i] = static_cast<std::uint64_t>(right);
            d[i] = static_cast<std::uint64_t>(left);
        }
    }
    block_ += Blocks;
    for (int i = 0; i < Blocks; ++i, words += per_block) words[0] = a[i], words[1] = b[i], words[2] = c[i], words[3] = d[i];
}

void Philox::fill(std::uint64_t* words, std::size_t count) noexcept {
    while (count > 0 && used_ < per_block) {
        *words++ = waiting_[used_++];
        --count;
    }
    for (; count >= 2 * per_block; count -= 2 * per_block, words += 2 * per_block) make<2>(words);
    if (count >= per_block) {
        make<1>(words);
        words += per_block;
        count -= per_block;
    }
    if (count == 0) return;
    make<1>(waiting_.data());
    used_ = count;
    std::copy_n(waiting_.begin(), count, words);
}

void TpdfDither::quantise(const float* const* channels, std::int32_t* codes, std::size_t frames) noexcept {
    const auto width = static_cast<std::size_t>(channels_);
    const double scale = full_scale_, lowest = -full_scale_, highest = full_scale_ - 1.0;
    std::array<std::uint64_t, piece> words;
    std::array<float, piece> samples;
    const std::size_t step = piece / width;
    for (std::size_t done = 0; done < frames; done += step) {
        const std::size_t now = std::min(step, frames - done), count = now * width;
        for (std::size_t c = 0; c < width; ++c) {
            for (std::size_t f = 0; f < now; ++f) samples[f * width + c] = channels[c][done + f];
        }
        words_.fill(words.data(), count);
        std::int32_t* to = codes + done * width;
        std::int32_t clipped = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const double wanted = static_cast<double>(samples[i]) * scale + triangular(words[i]) + 0.5;
            clipped += static_cast<std::int32_t>(!(wanted < scale)) + static_cast<std::int32_t>(wanted < lowest);
            const double held = wanted < scale ? wanted : highest;
            to[i] = rounded_down(held > lowest ? held : lowest);
        }
        clipped_ += clipped;
    }
}

void TpdfDither::noise(double* steps, std::size_t count) noexcept {
    std::array<std::uint64_t, piece> words;
    for (std::size_t done = 0; done < count; done += piece) {
        const std::size_t now = std::min(piece, count - done);
        words_.fill(words.data(), now);
        for (std::size_t i = 0; i < now; ++i) steps[done + i] = triangular(words[i]);
    }
}

}  // namespace smartmix::dsp
