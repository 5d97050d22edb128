#pragma once
#include <array>
#include <cstdint>

namespace smartmix {

// The highest sample of what lies above 0.47 of the sample rate: how wrong a true peak can be that interpolators of finite
// length read, which lose that content between the samples. Six poles (elliptic, 0.1 dB ripple, 60 dB down; flat above
// 0.47, -49 dB at 0.45 of the rate). Non-finite samples count as silence. Any cut gives the same figure.
class NearNyquistMeter {
public:
    // std::invalid_argument outside 1 to 8 channels.
    explicit NearNyquistMeter(int channels);

    int channels() const noexcept { return channel_count_; }
    void process(const float* const* channels, std::int64_t frames) noexcept;
    double peak() const noexcept { return peak_; }

    static constexpr int max_channels = 8;
    static constexpr int sections = 3;

private:
    struct Memory {
        double s1[sections], s2[sections];
    };

    int channel_count_;
    std::array<Memory, max_channels> memories_{};
    double peak_ = 0.0;
};

}  // namespace smartmix
