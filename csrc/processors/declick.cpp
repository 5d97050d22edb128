#include "processors/declick.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix {

Declick::Declick()
    : RepairProcessor({{"threshold_db", "Threshold", "dB", 6.0, 40.0, 12.0, Scale::db, {}},
                       {"longest_ms", "Longest click", "ms", 0.1, 4.0, 2.0, Scale::log, {}}}) {}

void Declick::on_prepare(const PrepareSpec& spec) {
    const dsp::ClickGrid grid(spec.sample_rate);
    sample_rate_ = spec.sample_rate;
    most_frames_ = grid.longest;
    bench_ = std::make_unique<dsp::ClickBench>(grid);
    channels_.assign(static_cast<std::size_t>(spec.channels), dsp::ClickRepair(grid));
    prepare_hops(grid.hop, grid.latency(), spec.channels);
}

void Declick::clear_channels() noexcept {
    for (dsp::ClickRepair& channel : channels_) channel.clear();
}

void Declick::on_own_parameter(int index, double value, int ramp_frames) noexcept {
    (index == threshold ? threshold_db_ : longest_ms_).move(value, ramp_frames);
}

void Declick::advance_own(int frames) noexcept {
    threshold_db_.advance(frames);
    longest_ms_.advance(frames);
}

bool Declick::mend(int channel, const float* hop, bool looking, float* add) noexcept {
    dsp::ClickRepair& repair = channels_[static_cast<std::size_t>(channel)];
    if (!looking) return repair.pass(hop, add);
    const int frames = static_cast<int>(std::lround(0.001 * longest_ms_.value() * sample_rate_));
    const dsp::ClickSettings settings{std::pow(10.0, threshold_db_.value() / 20.0), std::clamp(frames, 2, most_frames_)};
    return repair.run(hop, settings, *bench_, add);
}

}  // namespace smartmix
