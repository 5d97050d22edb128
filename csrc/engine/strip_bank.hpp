#pragma once
#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/parameter.hpp"
#include "dsp/equaliser.hpp"
#include "dsp/equaliser_lanes.hpp"
#include "dsp/gain.hpp"
#include "dsp/pan.hpp"
#include "engine/strip_layout.hpp"
#include "processors/compressor.hpp"
#include "processors/de_esser.hpp"

namespace smartmix {

// A ParamEvent for one strip of a bank.
struct StripEvent {
    ParamEvent event;
    std::int32_t strip = 0;
};

// What the dynamics of a strip have taken away since reset.
struct StripReductions {
    Reduction de_esser;
    Reduction compressor;
};

// Where a bank writes, as far as these are not null: `rounded` and `exact` have output_channels() channels, left and right
// of the sum and then of each send, as float32 and as added up; `before_fader[s]`, where not null, gets the channels of
// strip s behind its compressor. A bank that is fed those in neutral strips gives the same sums, bit for bit.
struct StripOutput {
    float* const* rounded = nullptr;
    double* const* exact = nullptr;
    float* const* const* before_fader = nullptr;
};

// Many tracks to one stereo sum. Each strip is trim gain -> 24-band equaliser -> de-esser -> compressor -> fader gain ->
// pan, and adds to the sum in double, in strip order; the sum is rounded to float32 once. What a strip adds to the sum
// it also adds, at the level of each of its sends, to the stereo sums of those. A mono strip goes to both sides at unity
// in the centre, a stereo strip through a balance. De-esser and compressor are there in strips made with dynamics. A
// strip with neutral settings adds its samples exactly as they are (non-finite ones as silence); a send at -120 dB adds
// nothing at all. Life cycle and events as for Processor: any cut into blocks gives the same samples, bit for bit
// (docs/dsp/strip.md).
class StripBank {
public:
    // One entry of `channels` per strip, 1 or 2. `dynamics` is empty (none) or has an entry per strip too; `sends`, at
    // most most_sends, counts for all strips. Throws std::invalid_argument otherwise.
    explicit StripBank(double sample_rate, const std::vector<int>& channels, const std::vector<bool>& dynamics = {},
                       int sends = 0);

    int strip_count() const noexcept { return static_cast<int>(strips_.size()); }
    int channels(int strip) const { return strips_.at(static_cast<std::size_t>(strip)).channels; }
    int latency_frames() const noexcept { return 0; }
    int output_channels() const noexcept { return 2 * static_cast<int>(sums_.size()); }

    // The same for every strip (strip_layout.hpp), those of the dynamics too.
    const std::vector<ParameterInfo>& parameters() const noexcept { return layout_.parameters; }
    double parameter(int strip, int index) const;
    // Takes effect without a ramp. Throws std::out_of_range, and std::invalid_argument for a parameter of the dynamics
    // in a strip without.
    void set_parameter(int strip, int index, double value);

    void reset() noexcept;

    // `inputs[s][c]` are `frames` samples of channel c of strip s, which no output may overlap. Events are sorted by
    // frame and lie in [0, frames); those of different strips may be in any order at one frame.
    void process(const float* const* const* inputs, std::span<const StripEvent> events, const StripOutput& output,
                 int frames) noexcept;

    // Magnitude in dB at `hz` of trim, equaliser and fader of a strip: what does not depend on the level.
    double response_db(int strip, double hz) const;

    // Not while processing. Nothing for a strip without dynamics.
    StripReductions reduction(int strip) const;

private:
    static constexpr int tile_frames = 256;
    static constexpr int tile_events = 512;  // a tile with more events is cut shorter
    static constexpr int lane_count = dsp::EqualiserLanes::lane_count;
    using Tile = std::array<double, tile_frames>;
    using StereoTile = std::array<Tile, 2>;

    struct Dynamics {
        DeEsser de_esser;
        Compressor compressor;
    };

    struct Strip {
        int channels = 1;
        int first_lane = 0;
        int first_event = -1;  // of the tile; -1 is none
        std::vector<double> targets;  // those of the dynamics are with their processors
        dsp::GainRamp trim;
        dsp::Equaliser equaliser;
        std::unique_ptr<Dynamics> dynamics;
        dsp::GainRamp fader;
        dsp::PanRamp pan;
        std::vector<dsp::GainRamp> sends;
    };

    struct ListedEvent {
        ParamEvent event;
        StripPart part;
        int following;  // the next of the same strip; -1 is none
    };

    // Strips whose equalisers share eight lanes.
    struct Group {
        int first_strip = 0;
        int strips = 0;
        dsp::EqualiserLanes lanes;
    };

    // Factors of both sides: one number each while `steady`, one per frame otherwise.
    struct Factors {
        bool steady = true;
        double at_rest[2];
        StereoTile moving;
    };

    void place_strips(const std::vector<int>& channels);
    static Processor* insert_of(const Strip& strip, StripPart part) noexcept;
    void pass_on(Strip& strip, StripPlace place, double value, int ramp_frames) noexcept;
    void take(Strip& strip, const ParamEvent& event) noexcept;
    void restore(Strip& strip) noexcept;
    StripPart part_of(const ParamEvent& event) const noexcept;

    std::size_t list_events(std::span<const StripEvent> events, std::size_t first, int end_frame, bool last) noexcept;
    int next_event(const Strip& strip, int after, StripPart part) const noexcept;
    template <class Run>
    void walk(Strip& strip, StripPart part, int tile, const Run& run) noexcept;
    std::span<Strip> members(const Group& group) noexcept;

    void run_group(Group& group, const float* const* const* inputs, float* const* const* before_fader, int done,
                   int tile) noexcept;
    void write_sums(const StripOutput& output, int done, int tile) const noexcept;
    void read_strip(const Strip& strip, const float* const* input, int done, int tile) noexcept;
    void run_trim(Strip& strip, int first, int frames) noexcept;
    bool needs_lanes(const Strip& strip) const noexcept;
    void run_equalisers(Group& group, int tile) noexcept;
    void keep_resting(Group& group, int first, int frames) noexcept;
    void run_insert(Strip& strip, StripPart part, int tile) noexcept;
    void write_strip(const Strip& strip, float* const* output, int done, int tile) const noexcept;
    void add_to_sums(Strip& strip, int first, int frames) noexcept;
    static void stand(Strip& strip, Factors& factors, int frames) noexcept;
    static void turn_down(dsp::GainRamp& send, const Factors& stand, Factors& sent, int frames) noexcept;
    void add(const Strip& strip, StereoTile& sum, const Factors& factors, int first, int frames) noexcept;

    StripLayout layout_;
    std::vector<Strip> strips_;
    std::vector<Group> groups_;
    std::array<ListedEvent, tile_events> events_{};  // of the tile, frames counted from its start
    std::array<ParamEvent, tile_events> insert_events_{};  // of the processor at work, as it counts its parameters
    std::array<std::array<float, tile_frames>, lane_count> planar_{};  // the group at work
    alignas(32) std::array<float, static_cast<std::size_t>(tile_frames) * lane_count> lanes_{};
    std::vector<StereoTile> sums_;  // the sum and then each send
};

}  // namespace smartmix
