#pragma once
#include "dsp/pan.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Balance of a stereo pair, `pan` from -1 (left only) to +1 (right only): constant power, 0 dB on both sides in the
// centre, so the side it leans to rises by up to 3.01 dB. Two channels only.
class Pan final : public Processor {
public:
    Pan();

private:
    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    dsp::PanRamp pan_;
};

}  // namespace smartmix
