#pragma once
#include <vector>

#include "dsp/hum_canceller.hpp"
#include "dsp/hum_finder.hpp"
#include "dsp/ramp.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Takes mains hum and its harmonics out of one or two channels: the lines that were learned (curves, kept with the settings),
// or those that it finds by itself. Follows the mains as they drift, takes no more of a harmonic than there is hum in it,
// and changes no bit where there is none. No latency. docs/dsp/hum_removal.md
class HumRemoval final : public Processor {
public:
    HumRemoval();
    // While there is hum; the notches ring for a time that goes with their width.
    int tail_frames() const noexcept override;

private:
    enum Index { amount, width, harmonics, profile, delta };
    enum Profile { learned, automatic };
    enum Curve { mains, lines1, lines2, found_mains, found1, found2 };
    static constexpr int most_channels = 2;

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_curve(int index, std::span<const float> values) noexcept override;
    void on_process(BlockView io) noexcept override;

    void use_lines() noexcept;
    void finish_hop() noexcept;
    void run(BlockView io, int first, int frames) noexcept;
    void put_out(BlockView io, int first, int frames, bool humming) noexcept;
    void tell_found() noexcept;

    double sample_rate_ = 48000.0;
    int glide_frames_ = 0;
    dsp::HumFinder finder_;
    dsp::HumCanceller canceller_;
    dsp::HumLines learned_{50.0, {}}, found_{};
    dsp::Ramp amount_{Scale::linear}, width_hz_{Scale::log}, delta_{Scale::linear};
    std::vector<std::vector<float>> hum_;
    Profile profile_ = automatic;
    int harmonics_ = dsp::hum_harmonics;
    int hop_done_ = 0;
    bool started_ = false;
};

}  // namespace smartmix
