#pragma once
#include <cstdint>

namespace smartmix {

// A view of planar float32 audio: `channels[c][0 .. frames)`. It owns nothing.
struct BlockView {
    float* const* channels = nullptr;
    int channel_count = 0;
    int frames = 0;
};

}  // namespace smartmix
