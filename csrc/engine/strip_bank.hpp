#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/parameter.hpp"
#include "dsp/equaliser.hpp"
#include "dsp/equaliser_lanes.hpp"
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
    static constexpr int tile_events = 512;  // a tile with more events is cut shorter
    static constexpr int lane_count = dsp::EqualiserLanes::lane_count;
    using Tile = std::array<double, tile_frames>;

    // What an event acts on. These parts of a strip do not know of one another, so each takes its own events over a
    // whole tile: the equalisers of many strips can then run together.
    enum class Part { trim, equaliser, sum };

    struct Strip {
        int channels = 1;
        int first_lane = 0;
        int first_event = -1;  // of the tile, the next is following_[first_event]; -1 is none
        std::vector<double> targets;
        dsp::GainRamp trim;
        dsp::Equaliser equaliser;
        dsp::GainRamp fader;
        dsp::PanRamp pan;
    };

    // Strips whose equalisers share eight lanes.
    struct Group {
        int first_strip = 0;
        int strips = 0;
        dsp::EqualiserLanes lanes;
    };

    static Part part_of(int parameter) noexcept;
    void pass_on(Strip& strip, int index, double value, int ramp_frames) noexcept;
    void take(Strip& strip, const ParamEvent& event) noexcept;
    void restore(Strip& strip) noexcept;

    std::size_t list_events(std::span<const StripEvent> events, std::size_t first, int end_frame, bool last) noexcept;
    int next_event(const Strip& strip, int after, Part part) const noexcept;
    template <class Run>
    void walk(Strip& strip, Part part, int tile, const Run& run) noexcept;
    std::span<Strip> members(const Group& group) noexcept;

    void run_group(Group& group, const float* const* const* inputs, int done, int tile) noexcept;
    void run_trim(Strip& strip, int first, int frames) noexcept;
    bool needs_lanes(const Strip& strip) const noexcept;
    void run_equalisers(Group& group, int tile) noexcept;
    void keep_resting(Group& group, int first, int frames) noexcept;
    void add_to_sum(Strip& strip, int first, int frames) noexcept;

    std::vector<ParameterInfo> parameters_;
    std::vector<Strip> strips_;
    std::vector<Group> groups_;
    std::array<ParamEvent, tile_events> events_;  // of the tile, frames counted from its start
    std::array<int, tile_events> following_;      // of the same strip
    std::array<std::array<float, tile_frames>, lane_count> planar_{};  // the group at work
    alignas(32) std::array<float, static_cast<std::size_t>(tile_frames) * lane_count> lanes_{};
    std::array<Tile, 2> sum_{};
};

}  // namespace smartmix
