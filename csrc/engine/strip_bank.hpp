#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/parameter.hpp"
#include "dsp/equaliser.hpp"
#include "dsp/gain.hpp"
#include "dsp/pan.hpp"

namespace smartmix {

// A ParamEvent for one strip of a bank.
struct StripEvent {
    ParamEvent event;
    std::int32_t strip = 0;
};

// Many tracks to one stereo sum. Each strip is trim gain -> 24-band equaliser -> fader gain -> pan, and adds to the sum
// in double, in strip order; the sum is rounded to float32 once. A mono strip goes to both sides at unity in the centre,
// a stereo strip through a balance. A strip with neutral settings adds its samples exactly as they are (non-finite ones
// as silence). Life cycle and events as for Processor: any cut into blocks gives the same samples, bit for bit.
class StripBank {
public:
    // One entry of `channels` per strip, 1 or 2; throws std::invalid_argument otherwise.
    StripBank(double sample_rate, const std::vector<int>& channels);

    int strip_count() const noexcept { return static_cast<int>(strips_.size()); }
    int channels(int strip) const { return strips_.at(static_cast<std::size_t>(strip)).channels; }
    int latency_frames() const noexcept { return 0; }

    // The same for every strip: trim.gain_db, eq.band1.shape ... eq.band24.slope_db_oct, fader.gain_db, pan.pan.
    const std::vector<ParameterInfo>& parameters() const noexcept { return parameters_; }
    double parameter(int strip, int index) const;
    void set_parameter(int strip, int index, double value);  // throws std::out_of_range; takes effect without a ramp

    void reset() noexcept;

    // `inputs[s][c]` are `frames` samples of channel c of strip s; `output` gets two channels and may not overlap them.
    // Events are sorted by frame and lie in [0, frames); those of different strips may be in any order at one frame.
    void process(const float* const* const* inputs, std::span<const StripEvent> events, float* const* output,
                 int frames) noexcept;

    // Magnitude in dB at `hz` of trim, equaliser and fader of a strip.
    double response_db(int strip, double hz) const;

private:
    static constexpr int tile_frames = 256;
    using Tile = std::array<double, tile_frames>;

    struct Strip {
        int channels = 1;
        std::vector<double> targets;
        dsp::GainRamp trim;
        dsp::Equaliser equaliser;
        dsp::GainRamp fader;
        dsp::PanRamp pan;
    };

    void pass_on(Strip& strip, int index, double value, int ramp_frames) noexcept;
    void take(Strip& strip, const ParamEvent& event) noexcept;
    void restore(Strip& strip) noexcept;
    void run_strip(Strip& strip, int first, int end) noexcept;
    void run_trim(Strip& strip, float* const* heads, int frames) noexcept;
    void add_to_sum(Strip& strip, int first, int frames) noexcept;

    std::vector<ParameterInfo> parameters_;
    std::vector<Strip> strips_;
    std::array<std::array<float, tile_frames>, 2> scratch_{};  // the strip at work
    std::array<Tile, 2> sum_{};
};

}  // namespace smartmix
