#pragma once
#include "dsp/equaliser.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// 24 bands in series: bell, shelves, passes up to 48 dB/oct, notch; no latency. Only bands that do something are run.
class ParametricEq final : public Processor {
public:
    ParametricEq();
    double response_db(double hz) const override { return equaliser_.response_db(hz); }
    int tail_frames() const noexcept override { return equaliser_.ring_frames(); }

private:
    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    dsp::Equaliser equaliser_;
};

}  // namespace smartmix
