#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "core/block.hpp"
#include "core/event.hpp"
#include "core/parameter.hpp"

namespace smartmix::tests {

// Audio of exactly the size asked for, one allocation per channel, so that a sanitizer sees every step outside.
class Buffer {
public:
    Buffer(int channels, int frames) : frames_(frames), data_(static_cast<std::size_t>(channels)) {
        for (auto& channel : data_) channel.assign(static_cast<std::size_t>(frames), 0.0F);
    }
    BlockView view() { return view(0, frames_); }
    BlockView view(int first, int frames) {
        heads_.clear();
        for (auto& channel : data_) heads_.push_back(channel.data() + first);
        return {heads_.data(), static_cast<int>(heads_.size()), frames};
    }
    float* const* heads() { return view().channels; }
    float& at(int channel, int frame) { return data_[static_cast<std::size_t>(channel)][static_cast<std::size_t>(frame)]; }
    bool finite() const {
        for (const auto& channel : data_) {
            if (!std::all_of(channel.begin(), channel.end(), [](float x) { return std::isfinite(x); })) return false;
        }
        return true;
    }
    bool same_bits(const Buffer& other) const {
        for (std::size_t c = 0; c < data_.size(); ++c) {
            if (frames_ > 0 && std::memcmp(data_[c].data(), other.data_[c].data(), data_[c].size() * sizeof(float)) != 0) {
                return false;
            }
        }
        return true;
    }
    void fill_noise(unsigned seed) {
        std::mt19937 random(seed);
        for (auto& channel : data_) {
            for (float& x : channel) x = static_cast<float>(random()) / 4294967296.0F - 0.5F;
        }
    }
    void fill_hostile() {
        const float values[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(), 1e-40F, -1e-45F, 1.0F, -1.0F, 1000.0F, 0.0F};
        std::size_t i = 0;
        for (auto& channel : data_) {
            for (float& x : channel) x = values[i++ % std::size(values)];
        }
    }

private:
    int frames_;
    std::vector<std::vector<float>> data_;
    std::vector<float*> heads_;
};

inline double value_at(const ParameterInfo& info, double position) {
    const double value = info.low + position * (info.high - info.low);
    return info.scale == Scale::choice || info.scale == Scale::toggle ? std::round(value) : value;
}

inline std::vector<ParamEvent> random_events(const std::vector<ParameterInfo>& infos, int frames, int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<ParamEvent> events;
    for (int i = 0; i < count; ++i) {
        const auto param = random() % std::min<std::size_t>(infos.size(), 15);
        const int ramps[] = {0, 0, 1, 31, 32, 33, 500};
        events.push_back({static_cast<std::int32_t>(random() % static_cast<unsigned>(frames)),
                          static_cast<std::int32_t>(param), value_at(infos[param], (random() % 1000) / 999.0),
                          ramps[random() % 7]});
    }
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.frame < b.frame; });
    return events;
}

}  // namespace smartmix::tests
