#pragma once
#include <memory>
#include <vector>

#include "core/event.hpp"
#include "dsp/equaliser.hpp"
#include "dsp/gain.hpp"
#include "dsp/pan.hpp"
#include "engine/strip_keys.hpp"
#include "engine/strip_layout.hpp"
#include "processors/compressor.hpp"
#include "processors/de_esser.hpp"
#include "processors/dynamic_eq.hpp"
#include "processors/stereo_width.hpp"

namespace smartmix {

// What the dynamics of a strip have taken away since reset.
struct StripReductions {
    Reduction dynamic_eq;
    Reduction de_esser;
    Reduction compressor;
};

// One strip of a bank: its settings and the state of its parts. Its group runs it (strip_group.hpp).
struct Strip {
    // Processors that a strip has only where it is asked to.
    struct Dynamics {
        DynamicEq dynamic_eq;
        DeEsser de_esser;
        Compressor compressor;
    };

    int channels = 1;
    int first_lane = 0;    // of its group, where its samples are
    int detector_lane = 0;  // ... and where the detector of its compressor is
    std::vector<int> band_keys;            // of the bank, one after the other the side chain of the dynamic EQ
    int compressor_key = StripKeying::own;
    std::vector<double> targets;  // those of processors are with them
    dsp::GainRamp trim;
    dsp::Equaliser equaliser;
    std::unique_ptr<Dynamics> dynamics;
    StereoWidth width;
    dsp::GainRamp fader;
    dsp::PanRamp pan;
    std::vector<dsp::GainRamp> sends;

    // The processor that a part is; nullptr for the other parts, and in a strip that has it not.
    Processor* insert(StripPart part) noexcept;
    const Processor* insert(StripPart part) const noexcept { return const_cast<Strip*>(this)->insert(part); }
    StripReductions reduction() const;

    void prepare(double sample_rate, const StripLayout& layout);
    // Gives the strip its dynamics; `key_channels` are those of the keys of the bank.
    void prepare_dynamics(double sample_rate, const StripKeying& keying, const std::vector<int>& key_channels);
    void reset(const StripLayout& layout) noexcept;
    double parameter(const StripLayout& layout, std::size_t index) const;
    void set_parameter(const StripLayout& layout, std::size_t index, double value);  // as StripBank has it
    // An event of trim, equaliser or sum; its parameter counts those of the strip.
    void take(const StripLayout& layout, const ParamEvent& event) noexcept;

private:
    void pass_on(StripPlace place, double value, int ramp_frames) noexcept;
};

}  // namespace smartmix
