#pragma once
#include <array>
#include <memory>
#include <vector>

#include "dsp/convolver.hpp"
#include "dsp/ramp.hpp"
#include "dsp/tone_curve.hpp"
#include "dsp/tone_fir.hpp"
#include "dsp/tone_listener.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// Turns the tone of what comes in (the source) into that of a reference, both learned while audio runs or written as curves:
// the recipe of docs/dsp/match_curve.md and a FIR, morphed in dB (docs/dsp/match_eq.md). The reference is heard on the side
// chain, or without one in what comes in. One or two channels: together, apart, or as middle and side.
//
// Time goes by partitions of the convolver, counted from reset. A round of them reads what was learned, finds the curve, goes a
// step towards it and designs the filter that the first partition of the next round fades to: one bounded part with each
// partition, done with its last frame. A reset designs at once what is known then.
class MatchEq final : public Processor {
public:
    MatchEq();
    bool takes_side_chain() const noexcept override { return true; }
    int latency_frames() const noexcept override { return delay_ + convolver_.latency_frames(); }
    int tail_frames() const noexcept override;
    // Of the FIR that source, reference and settings lead to, morphed all the way; the left or the middle where two go apart.
    // Not while processing.
    double response_db(double hz) const override;

private:
    enum Index { amount, limit, morph, learn_source, learn_reference, hold, target, channels, phase };
    enum Recording { source, reference_a, reference_b, recordings };
    static constexpr int most_parts = 2;  // left and right, middle and side
    static constexpr int curves_per_tone = 3;

    // A tone in force: written, recalled, or as far as it is learned.
    struct Held {
        dsp::Tone tone;
        dsp::ToneShape shape;
        bool learned = false;
        bool new_shape = true;
    };
    struct Part {
        std::array<Held, recordings> held;
        dsp::ToneRow goal{};   // the curve of the recipe
        dsp::ToneRow curve{};  // on its way there
        dsp::ToneRow wanted_db{};    // with the amount
        dsp::ToneRow designed_db{};  // of the filter that sounds, or is made
        bool arrived = true;
    };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_curve(int index, std::span<const float> values) noexcept override;
    void on_restored() noexcept override;
    void on_process(BlockView io) noexcept override;

    void set_learning(Index which, bool on) noexcept;
    void choose_channels(dsp::FilterLayout layout) noexcept;
    void listen(BlockView io, int first, int frames) noexcept;
    void work() noexcept;
    void round_step(int step) noexcept;
    void curve_step(int part, int step) noexcept;
    void filter_step(int part, int step) noexcept;
    void take_learned(Part& part, int of, Recording which) noexcept;
    void refresh(Held& held) noexcept;
    void move_curve(Part& part, int of) noexcept;
    void tell(int curve, const dsp::ToneRow& row) noexcept;
    bool has_to_be_made() const noexcept;
    void finish_round() noexcept;
    double lowest_rate_hz(const dsp::Tone& a, const dsp::Tone& b) const noexcept;
    dsp::ToneRow goal_of(const Part& part) const noexcept;

    int parts() const noexcept { return layout_ == dsp::FilterLayout::together ? 1 : most_parts; }
    int load_steps() const noexcept;
    int round_steps() const noexcept;
    Recording chosen() const noexcept { return target_b_ ? reference_b : reference_a; }
    static int curve_of(Recording which, int part) noexcept { return 1 + curves_per_tone * (most_parts * which + part); }
    static int correction_of(int part) noexcept { return 1 + curves_per_tone * most_parts * recordings + part; }

    double sample_rate_ = 48000.0;
    dsp::TonePhase phase_ = dsp::TonePhase::minimum;
    int delay_ = 0;
    dsp::Convolver convolver_;
    std::unique_ptr<dsp::ToneFir> fir_;
    dsp::ToneListener source_listener_, reference_listener_;
    bool learns_source_ = false, learns_reference_ = false, holds_ = false, target_b_ = false;
    bool stereo_ = true;
    dsp::FilterLayout asked_layout_ = dsp::FilterLayout::together;
    dsp::FilterLayout layout_ = dsp::FilterLayout::together;  // of the round at work
    dsp::FilterLayout sounding_layout_ = dsp::FilterLayout::together;
    dsp::Ramp amount_{Scale::linear}, limit_db_{Scale::linear}, morph_s_{Scale::log};
    std::array<Part, most_parts> voices_;
    std::array<float, dsp::tone_points> told_{};

    int step_ = 0;         // of the round
    bool jumps_ = true;    // curves go all the way at once
    bool stale_ = true;    // something changed since the design at reset
    bool started_ = false;
    bool makes_ = false;   // the round makes a filter
    bool neutral_ = true;  // ... which is no more than a delay
    bool sounds_neutral_ = true;
    bool ready_ = false;

    mutable std::unique_ptr<dsp::ToneFir> told_fir_;  // of the response asked for last
    mutable dsp::ToneRow told_db_{};
};

}  // namespace smartmix
