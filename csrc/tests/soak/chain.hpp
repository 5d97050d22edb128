#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/block.hpp"
#include "engine/strip_bank.hpp"
#include "processors/registry.hpp"

namespace smartmix::soak {

inline constexpr int block_frames = 64;
inline constexpr double sample_rate = 48000.0;

// What is soaked: blocks of 64 frames go in, a stereo (or mono) block comes out. Every now and then a parameter moves.
class Chain {
public:
    virtual ~Chain() = default;
    virtual std::string name() const = 0;
    virtual int channels() const = 0;
    // Between blocks: what happens to the parameters in the next one. Not timed.
    virtual void move_something(std::mt19937& random) = 0;
    // The audio thread's part: timed, and no allocation is let pass.
    virtual void process(BlockView io) noexcept = 0;
};

// A value around the default; a choice is the default three times out of four: sound keeps coming out.
double moderate_value(const ParameterInfo& info, std::mt19937& random);

std::unique_ptr<Chain> make_processor_chain(const std::string& name);  // one registered processor
std::unique_ptr<Chain> make_strip_chain();                             // equaliser, compressor, limiter one after another
std::unique_ptr<Chain> make_bank_chain(int strips);                    // the strip bank with dynamics and two sends

}  // namespace smartmix::soak
