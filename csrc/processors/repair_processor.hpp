#pragma once
#include <array>
#include <vector>

#include "dsp/dynamics.hpp"
#include "dsp/ramp.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// What mends samples here and there and leaves all others alone, bit for bit. Time goes by hops counted from reset: with
// the last frame of a hop each channel is looked at, and what is to be added to a hop `latency` earlier is worked out and
// played with the next. The first parameter is the share of the repair (0 adds nothing), the last whether only what is
// taken away is heard.
class RepairProcessor : public Processor {
public:
    int latency_frames() const noexcept override { return latency_frames_; }
    int tail_frames() const noexcept override { return latency_frames_; }

protected:
    explicit RepairProcessor(std::vector<ParameterInfo> own);

    // `latency` counts from the first frame of a hop to where it begins to be played: whole hops.
    void prepare_hops(int hop_frames, int latency_frames, int channels);

    // Takes a hop of one channel; writes what to add to the hop that is played next: whether there is any. With `looking`
    // off nothing has to be found.
    virtual bool mend(int channel, const float* hop, bool looking, float* add) noexcept = 0;
    virtual void clear_channels() noexcept = 0;
    // A parameter between the first and the last.
    virtual void on_own_parameter(int index, double value, int ramp_frames) noexcept = 0;
    virtual void advance_own(int frames) noexcept = 0;

private:
    struct Channel {
        dsp::DelayLine dry;
        std::vector<float> heard;
        std::vector<float> add;
        bool adds = false;
    };

    void on_reset() noexcept final;
    void on_parameter(int index, double value, int ramp_frames) noexcept final;
    void on_process(BlockView io) noexcept final;

    void play(Channel& channel, float* x, int frames) const noexcept;
    void finish_hop() noexcept;

    dsp::Ramp amount_{Scale::linear};
    bool delta_ = false;
    int hop_frames_ = 1;
    int latency_frames_ = 0;
    int at_ = 0;
    std::vector<Channel> channels_;
};

}  // namespace smartmix
