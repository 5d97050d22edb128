#pragma once
#include <memory>
#include <vector>

#include "dsp/clip_repair.hpp"
#include "processors/repair_processor.hpp"

namespace smartmix {

// Puts clipped tops back: samples in short runs on flat tops, or from `level_db` on, become what the sound around them makes
// likely beyond that level, each channel for itself. What comes out is louder than what went in. Amount 0 (the default) and
// everything that is not clipped come through bit for bit; latency two hops of 16 ms (docs/dsp/declip.md).
class Declip final : public RepairProcessor {
public:
    Declip();

private:
    enum Index { amount, detection, level, longest, delta };

    void on_prepare(const PrepareSpec& spec) override;
    bool mend(int channel, const float* hop, bool looking, float* add) noexcept override;
    void clear_channels() noexcept override;
    void on_own_parameter(int index, double value, int ramp_frames) noexcept override;
    void advance_own(int frames) noexcept override;

    double sample_rate_ = 48000.0;
    bool by_level_ = false;
    dsp::Ramp level_db_{Scale::db};
    dsp::Ramp longest_ms_{Scale::log};
    int most_frames_ = 0;
    std::unique_ptr<dsp::ClipBench> bench_;
    std::vector<dsp::ClipRepair> channels_;
};

}  // namespace smartmix
