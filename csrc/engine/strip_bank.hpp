#pragma once
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "engine/strip.hpp"
#include "engine/strip_events.hpp"
#include "engine/strip_group.hpp"
#include "engine/strip_layout.hpp"
#include "engine/strip_sums.hpp"
#include "engine/worker_pool.hpp"

namespace smartmix {

// How a bank works; no choice changes a bit of what it gives.
struct StripBankOptions {
    static constexpr int most_threads = 64;

    int threads = 1;        // that work on a long block, the calling one included
    int tile_frames = 0;    // 1 to most_tile_frames; 0 is what is fastest
};

// Many tracks to one stereo sum. Each strip is trim gain -> 24-band equaliser -> dynamic EQ -> de-esser -> compressor ->
// fader gain -> width -> pan, and adds to the sum in double, in strip order; the sum is rounded to float32 once. What a strip adds to the sum
// it also adds, at the level of each of its sends, to the stereo sums of those. A mono strip goes to both sides at unity
// in the centre, a stereo strip through a balance. Dynamic EQ, de-esser and compressor are there in strips made with
// dynamics; bands of the dynamic EQ, and the compressor, may listen to a key instead of their strip. A strip with neutral settings adds its samples exactly as they are (non-finite ones as silence); a send at -120 dB adds
// nothing at all. Life cycle and events as for Processor: any cut into blocks gives the same samples, bit for bit
// (docs/dsp/strip.md).
class StripBank {
public:
    // One entry of `channels` per strip, 1 or 2. `dynamics` is empty (none) or has an entry per strip too; `sends`, at
    // most most_sends, counts for all strips. Throws std::invalid_argument otherwise, and for a key that there is not or
    // that a strip without dynamics listens to.
    explicit StripBank(double sample_rate, const std::vector<int>& channels, const std::vector<bool>& dynamics = {},
                       int sends = 0, const StripBankOptions& options = {}, const StripBankKeys& keys = {});

    int strip_count() const noexcept { return static_cast<int>(strips_.size()); }
    int channels(int strip) const { return strips_.at(static_cast<std::size_t>(strip)).channels; }
    const std::vector<int>& key_channels() const noexcept { return key_channels_; }
    int latency_frames() const noexcept { return 0; }
    int output_channels() const noexcept { return sums_.channels(); }
    int threads() const noexcept { return 1 + (pool_ ? pool_->helpers() : 0); }

    // The same for every strip (strip_layout.hpp), those of the dynamics too.
    const std::vector<ParameterInfo>& parameters() const noexcept { return layout_.parameters; }
    double parameter(int strip, int index) const;
    // Takes effect without a ramp. Throws std::out_of_range, and std::invalid_argument for a parameter of the dynamics
    // in a strip without.
    void set_parameter(int strip, int index, double value);

    void reset() noexcept;

    // `inputs[s][c]` are `frames` samples of channel c of strip s, which no output may overlap. Events are sorted by
    // frame and lie in [0, frames); those of different strips may be in any order at one frame. With threads, a block of
    // some length wakes them; otherwise nothing in here waits for anything. `keys[k][c]` are channel c of key k; without
    // any, keys are silent.
    void process(const float* const* const* inputs, std::span<const StripEvent> events, const StripOutput& output,
                 int frames, const float* const* const* keys = nullptr) noexcept;

    // Magnitude in dB at `hz` of trim, equaliser and fader of a strip: what does not depend on the level.
    double response_db(int strip, double hz) const;

    // Not while processing. Nothing for a strip without dynamics.
    StripReductions reduction(int strip) const;

private:
    // Frames whose events are listed at once.
    struct Batch {
        StripInputs inputs;
        const StripOutput* output = nullptr;
        int begin = 0;
        int end = 0;
        int steps = 0;  // groups times tiles
    };

    StripKeying keying_of(std::size_t strip, bool dynamics, const StripBankKeys& keys) const;
    void place_strips(double sample_rate, const std::vector<int>& channels);
    void run_batch(const Batch& batch) noexcept;
    StripTile tile_of(const Batch& batch, int step) const noexcept;
    void run_step(const Batch& batch, int step, StripWorkspace& work) noexcept;
    void finish_step(const Batch& batch, int step, StripWorkspace& work) noexcept;
    void share_steps(int worker) noexcept;
    void wait_until_finished(int step) const noexcept;

    StripLayout layout_;
    StripBankOptions options_;
    std::vector<int> key_channels_;
    std::vector<Strip> strips_;
    std::vector<StripGroup> groups_;
    StripEvents events_;
    StripSums sums_;
    std::vector<std::unique_ptr<StripWorkspace>> workspaces_;  // one for each thread

    // Steps are begun in their order by whoever is free, and finished (added to the sums) in their order.
    Batch shared_;
    std::atomic<int> begun_{0};
    std::atomic<int> finished_{0};
    std::unique_ptr<WorkerPool> pool_;  // the last, so that its threads end first
};

}  // namespace smartmix
