#pragma once
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/block.hpp"
#include "core/event.hpp"
#include "core/parameter.hpp"
#include "dsp/reduction_trace.hpp"
#include "processors/curve_slot.hpp"

namespace smartmix {

struct PrepareSpec {
    double sample_rate = 48000.0;
    int channels = 2;
    int side_chain_channels = 0;  // 0: a processor that listens to something listens to what it processes

    int heard_channels() const noexcept { return side_chain_channels > 0 ? side_chain_channels : channels; }
};

// What a dynamics processor takes away, in dB: at the last frame; the deepest since reset; and the mean since reset over
// the frames with more than 0.1 dB of it (0 when there are none). Of the processed part: a parallel mix is not in it.
struct Reduction {
    double now_db = 0.0;
    double max_db = 0.0;
    double mean_db = 0.0;
};

// The life of a processor:
//   construct -> prepare(spec)        [control thread: may allocate, may throw std::invalid_argument]
//             -> process(io, events)  [audio thread: no allocation, lock, log, throw or Python]
//             -> reset()              [any thread while not processing: clears audio memory, keeps parameters]
// Parameters have plain units. Any cut of the same audio and events into blocks gives the same samples, bit for bit:
// whatever a processor does on a grid of its own, the grid counts frames since reset or since an event, never since
// the start of a block. Input samples that are not finite, or over 2^30, are taken as silence.
// latency_frames() is constant between prepares: a parameter that decides it (a look-ahead) can be set at any time and counts from the next prepare.
class Processor {
public:
    virtual ~Processor() = default;

    void prepare(const PrepareSpec& spec);
    void reset() noexcept;
    // A block with fewer channels than prepared, or before prepare, is left as it is; channels beyond are not touched.
    // Events must be sorted by frame and lie in [0, io.frames); an event out of that range is taken at the nearest end.
    void process(BlockView io, std::span<const ParamEvent> events) noexcept { process(io, {}, events); }
    // Prepared with a side chain: the level of `side_chain`, frame by frame, decides what happens to `io`. It has as many
    // frames, does not overlap, and its non-finite samples are silenced in place like those of `io`. With fewer
    // channels or frames than that the block is left as it is.
    void process(BlockView io, BlockView side_chain, std::span<const ParamEvent> events) noexcept;

    // An event at the frame that comes next; process does the same with those it is given.
    void take(const ParamEvent& event) noexcept;

    // While it rests, and until a parameter or an event comes, process changes no bit of finite samples and may be left
    // out; only the traces would go on.
    virtual bool rests() const noexcept { return false; }

    virtual bool takes_side_chain() const noexcept { return false; }
    virtual int latency_frames() const noexcept { return 0; }
    virtual int tail_frames() const noexcept { return 0; }
    // Magnitude in dB at `hz` of the settings in force; throws std::logic_error where the effect has no such response.
    virtual double response_db(double hz) const;
    // Not while processing; throws std::logic_error where the effect reduces nothing.
    virtual Reduction reduction() const;
    // How many parts reduce, each with a trace of its own: one, or one for each band; 0 where the effect reduces nothing.
    virtual int reducing_parts() const noexcept { return 0; }
    virtual Reduction reduction_of(int part) const;  // throws std::out_of_range; that of the whole where there is one part
    // The deepest reduction of each tenth of a second of the programme; cells are taken between two calls of process. There
    // are reducing_parts() of them from prepare on.
    std::span<dsp::ReductionTrace> reduction_traces() noexcept { return traces_; }

    const std::vector<ParameterInfo>& parameters() const noexcept { return parameters_; }
    int parameter_index(const std::string& id) const;  // throws std::out_of_range naming the id
    double parameter(int index) const { return targets_.at(static_cast<std::size_t>(index)); }
    // Outside of process: takes effect at once, without a ramp. Throws std::out_of_range on a value out of range.
    void set_parameter(int index, double value);

    // Curves: rows of numbers that are kept with the parameters: written, learned or told. From one control thread, at any time,
    // also while another processes: neither waits. What is written is in force from the first frame of the next process
    // call on (or reset, or prepare), and is read back at once; what the processor finds, it tells where it says.
    std::vector<CurveInfo> curves() const;
    int curve_index(const std::string& id) const;  // throws std::out_of_range naming the id
    std::span<const float> read_curve(int index) { return curves_.at(static_cast<std::size_t>(index))->read(); }
    // Throws std::invalid_argument where it is not writable, of another length, or a number is out of range.
    void write_curve(int index, std::span<const float> values);

protected:
    explicit Processor(std::vector<ParameterInfo> parameters, std::vector<CurveInfo> curves = {});

    virtual void on_prepare(const PrepareSpec& spec) = 0;
    virtual void on_reset() noexcept = 0;
    // From the next frame on, `index` moves to `value` (already inside its range) within `ramp_frames`.
    virtual void on_parameter(int index, double value, int ramp_frames) noexcept = 0;
    // The curve `index` is `values` from the next frame on; also at each reset, for every writable curve. Audio thread.
    virtual void on_curve(int index, std::span<const float> values) noexcept;
    // At the end of a reset, with parameters and curves back in place.
    virtual void on_restored() noexcept {}
    // Audio without any event inside; input is finite.
    virtual void on_process(BlockView io) noexcept = 0;

    // In on_process: what there is to listen to, the side chain or without one `io` itself.
    BlockView heard(BlockView io) const noexcept { return side_chain_.channel_count > 0 ? side_chain_ : io; }

    // In on_process, for every frame, in order: what it reduces by, in dB; nullptr for frames without any.
    void trace_reduction(const float* reductions_db, int frames, int part = 0) noexcept {
        traces_[static_cast<std::size_t>(part)].add_db(reductions_db, frames);
    }

    // In on_process, on_curve or on_reset: `values` are what the curve is now. It stays so over a reset when writable.
    void tell_curve(int index, std::span<const float> values) noexcept {
        curves_[static_cast<std::size_t>(index)]->tell(values);
    }
    std::span<const float> curve(int index) const noexcept { return curves_[static_cast<std::size_t>(index)]->values(); }

    PrepareSpec spec_;

private:
    void restore_parameters() noexcept;
    void restore_curves() noexcept;
    void take_curves() noexcept;
    void run(BlockView io, BlockView side_chain, int first, int end) noexcept;

    std::vector<ParameterInfo> parameters_;
    std::vector<double> targets_;
    // Where each channel of the piece between two events begins.
    std::vector<float*> heads_;
    std::vector<float*> side_chain_heads_;
    BlockView side_chain_;  // of the piece at work
    std::vector<dsp::ReductionTrace> traces_;
    std::vector<std::unique_ptr<CurveSlot>> curves_;
};

}  // namespace smartmix
