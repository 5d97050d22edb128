#pragma once
#include <memory>
#include <vector>

#include "dsp/click_repair.hpp"
#include "processors/repair_processor.hpp"

namespace smartmix {

// Takes out clicks, crackle and bad splices: spikes up to `longest_ms` that stand `threshold_db` over what the prediction
// error around them already does, filled in from the sound on both sides, each channel for itself. Amount 0 (the default) and
// everything that is no click come through bit for bit; latency four hops of 16 ms (docs/dsp/declick.md).
class Declick final : public RepairProcessor {
public:
    Declick();

private:
    enum Index { amount, threshold, longest, delta };

    void on_prepare(const PrepareSpec& spec) override;
    bool mend(int channel, const float* hop, bool looking, float* add) noexcept override;
    void clear_channels() noexcept override;
    void on_own_parameter(int index, double value, int ramp_frames) noexcept override;
    void advance_own(int frames) noexcept override;

    double sample_rate_ = 48000.0;
    dsp::Ramp threshold_db_{Scale::db};
    dsp::Ramp longest_ms_{Scale::log};
    int most_frames_ = 0;
    std::unique_ptr<dsp::ClickBench> bench_;
    std::vector<dsp::ClickRepair> channels_;
};

}  // namespace smartmix
