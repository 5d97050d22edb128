#pragma once
#include "dsp/width.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// How wide a stereo pair is: `side_db` for what differs between left and right, and a corner `mono_below_hz` under which
// the difference fades out. What both sides have in common, the mono sum, never changes. One channel has no side and passes
// as it is. 0 dB and no corner is an exact bypass (docs/dsp/stereo_width.md).
class StereoWidth final : public Processor {
public:
    StereoWidth();

    int tail_frames() const noexcept override;
    bool rests() const noexcept override { return spec_.channels < 2 || width_.rests(); }

private:
    enum Index { side, mono_below };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    dsp::Width width_;
};

}  // namespace smartmix
