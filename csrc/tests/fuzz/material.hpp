#pragma once
#include <algorithm>
#include <vector>

#include "buffer.hpp"
#include "fuzz/reader.hpp"

namespace smartmix::fuzz {

using tests::Buffer;

inline double sample_rate(Reader& in) {
    constexpr double rates[] = {48000.0, 44100.0, 96000.0, 8000.0, 192000.0, 384000.0, 22050.0};
    const unsigned pick = in.byte() % 8U;
    return pick < 7 ? rates[pick] : 8000.0 + in.word() * (376000.0 / 65535.0);
}

inline double value_of(Reader& in, const ParameterInfo& info) { return tests::value_at(info, in.share()); }

// One channel of a kind the bytes choose; any float at all may be among its samples.
inline void fill_channel(Reader& in, Buffer& audio, int channel, int frames) {
    const unsigned kind = in.byte() % 10U;
    const float level = in.flag() ? 1.0F : static_cast<float>(in.share()) * (in.byte() % 8U == 0 ? 1000.0F : 1.0F);
    const int period = 1 + in.below(200);
    std::mt19937 random(in.word());
    const float special[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                             -std::numeric_limits<float>::infinity(), 1e-40F, -1e-45F, 0.0F, -0.0F, 1.0F,
                             std::numeric_limits<float>::max(), 1e9F};
    for (int i = 0; i < frames; ++i) {
        const float noise = static_cast<float>(random()) / 2147483648.0F - 1.0F;
        float x = 0.0F;
        switch (kind) {
            case 0: x = level * noise; break;
            case 1: x = level; break;
            case 2: x = i / period % 2 == 0 ? level : -level; break;
            case 3: x = i % period == 0 ? level : 0.0F; break;
            case 4: x = level * static_cast<float>(std::sin(6.283185307 * i / period)); break;
            case 5: x = 1e-38F * noise; break;
            case 6: x = special[random() % 10U]; break;
            case 7: x = in.empty() ? 0.0F : in.any_float(); break;
            case 8: x = i < frames / 2 ? level * noise : 0.0F; break;
            default: break;
        }
        audio.at(channel, i) = x;
    }
}

inline Buffer audio_of(Reader& in, int channels, int frames) {
    Buffer audio(channels, frames);
    for (int c = 0; c < channels; ++c) {
        if (c > 0 && in.byte() % 4U == 0) {
            for (int i = 0; i < frames; ++i) audio.at(c, i) = audio.at(0, i);
        } else {
            fill_channel(in, audio, c, frames);
        }
    }
    return audio;
}

// Events as the contract has them (sorted, inside the block), or, where `wild`, anything.
inline ParamEvent event_of(Reader& in, const std::vector<ParameterInfo>& infos, int frames, bool wild) {
    ParamEvent event;
    event.param = in.below(static_cast<int>(infos.size()));
    event.frame = in.below(frames);
    event.value = value_of(in, infos[static_cast<std::size_t>(event.param)]);
    const unsigned ramp = in.byte() % 8U;
    event.ramp_frames = ramp < 4 ? 0 : ramp < 6 ? in.byte() : in.word();
    if (!wild) return event;
    switch (in.byte() % 6U) {
        case 0: event.frame = static_cast<std::int32_t>(in.word() << 16U | in.word()); break;
        case 1: event.param = static_cast<std::int32_t>(in.word() << 16U | in.word()); break;
        case 2: event.value = static_cast<double>(in.any_float()); break;
        case 3: event.ramp_frames = static_cast<std::int32_t>(in.word() << 16U | in.word()); break;
        default: break;
    }
    return event;
}

// Sizes of consecutive blocks that make up `frames`, empty blocks among them.
inline std::vector<int> cuts_of(Reader& in, int frames) {
    std::vector<int> sizes;
    const int usual = 1 + in.below(600);
    for (int done = 0; done < frames;) {
        const unsigned pick = in.byte();
        const int wanted = in.empty() || pick < 128 ? usual : static_cast<int>(pick - 128U);
        sizes.push_back(std::min(frames - done, wanted));
        done += sizes.back();
    }
    return sizes;
}

}  // namespace smartmix::fuzz
