#pragma once
#include <vector>

#include "dsp/gain.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// A level change of all channels: `gain_db` from -120 (which is silence) to +24 dB. Ramps are straight lines in dB.
class Gain final : public Processor {
public:
    Gain();
    double response_db(double hz) const override;

private:
    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    dsp::GainRamp gain_;
};

}  // namespace smartmix
