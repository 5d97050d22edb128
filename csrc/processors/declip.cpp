#include "processors/declip.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix {

Declip::Declip()
    : RepairProcessor({{"detection", "Clipped is", "", 0.0, 1.0, 0.0, Scale::choice, {"flat_tops", "level"}},
                       {"level_db", "Level", "dBFS", -30.0, 0.0, -0.1, Scale::db, {}},
                       {"longest_ms", "Longest run", "ms", 0.1, 4.0, 2.0, Scale::log, {}}}) {}

void Declip::on_prepare(const PrepareSpec& spec) {
    const dsp::ClipGrid grid(spec.sample_rate);
    sample_rate_ = spec.sample_rate;
    most_frames_ = grid.longest;
    bench_ = std::make_unique<dsp::ClipBench>(grid);
    channels_.assign(static_cast<std::size_t>(spec.channels), dsp::ClipRepair(grid));
    prepare_hops(grid.hop, grid.latency(), spec.channels);
}

void Declip::clear_channels() noexcept {
    for (dsp::ClipRepair& channel : channels_) channel.clear();
}

void Declip::on_own_parameter(int index, double value, int ramp_frames) noexcept {
    if (index == detection) {
        by_level_ = value != 0.0;
    } else {
        (index == level ? level_db_ : longest_ms_).move(value, ramp_frames);
    }
}

void Declip::advance_own(int frames) noexcept {
    level_db_.advance(frames);
    longest_ms_.advance(frames);
}

bool Declip::mend(int channel, const float* hop, bool looking, float* add) noexcept {
    dsp::ClipRepair& repair = channels_[static_cast<std::size_t>(channel)];
    if (!looking) return repair.pass(hop, add);
    const int frames = static_cast<int>(std::lround(0.001 * longest_ms_.value() * sample_rate_));
    const double limit = by_level_ ? std::pow(10.0, level_db_.value() / 20.0) : 0.0;
    return repair.run(hop, {limit, std::clamp(frames, 1, most_frames_)}, *bench_, add);
}

}  // namespace smartmix
