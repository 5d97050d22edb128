#pragma once
#include <array>
#include <memory>
#include <vector>

#include "dsp/noise_gain.hpp"
#include "dsp/noise_listener.hpp"
#include "dsp/ramp.hpp"
#include "dsp/removal_stft.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Takes steady noise out of one or two channels, bin by bin, down by `reduction_db` at most. The noise is what was learned (a
// curve for each channel, kept with the settings), what comes in while it learns, or the floor that it finds by itself.
// Where nothing is taken out no bit changes. Latency: one frame of the transform. docs/dsp/noise_reduction.md
//
// Time goes by hops, a quarter of a frame, counted from reset; settings are read once a hop.
class NoiseReduction final : public Processor {
public:
    // Curves are levels in dBFS per Hz at these distances, whatever the sample rate.
    static constexpr int points = 1025;
    static constexpr double point_hz = 24000.0 / (points - 1);

    NoiseReduction();
    int latency_frames() const noexcept override { return channels_.empty() ? 0 : channels_[0]->stft.size(); }
    int tail_frames() const noexcept override { return (parameter(reduction) > 0.0 ? 2 : 1) * latency_frames(); }

private:
    enum Index { reduction, threshold, smoothing, profile, delta };
    enum Profile { learned, learning, automatic };
    static constexpr int most_channels = 2;

    struct Channel {
        Channel(double sample_rate, int size);
        dsp::RemovalStft stft;
        dsp::NoiseGain gain;
        dsp::NoiseListener listener;
        std::vector<float> entering;              // the hop that is filling
        std::vector<float> known, heard, gliding;  // noise power per bin: learned; sum while learning; on its way to the found
        std::vector<float> noise, row;
    };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_curve(int index, std::span<const float> values) noexcept override;
    void on_process(BlockView io) noexcept override;

    void put_out(BlockView io, int first, int frames) noexcept;
    void finish_hop() noexcept;
    void listen(std::size_t index) noexcept;
    const float* noise_under(Channel& channel) noexcept;
    void tell_learned() noexcept;
    void tell_noise(int curve, Channel& channel, const float* power, float share) noexcept;

    double sample_rate_ = 48000.0;
    double bin_hz_ = 1.0;
    float power_per_density_ = 1.0F;
    int glide_frames_ = 0;
    std::vector<std::unique_ptr<Channel>> channels_;
    dsp::Ramp reduction_db_{Scale::db}, threshold_db_{Scale::db}, smoothing_{Scale::linear}, delta_{Scale::linear};
    Profile profile_ = automatic;
    int hops_heard_ = 0;  // while learning
    int filled_ = 0;      // frames of the hop
    bool started_ = false;
};

}  // namespace smartmix
