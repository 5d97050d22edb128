#pragma once
#include <cstdint>

namespace smartmix {

// 2^30, 180 dB over full scale: what is over it is damage, not sound.
inline constexpr float loudest_sample = 0x1p30F;

// A view of planar float32 audio: `channels[c][0 .. frames)`. It owns nothing.
struct BlockView {
    float* const* channels = nullptr;
    int channel_count = 0;
    int frames = 0;
};

}  // namespace smartmix
