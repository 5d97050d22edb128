#pragma once
#include <cstdint>

namespace smartmix {

// One automation instruction. From `frame` (an offset in the block being processed) the parameter moves to `value`
// and arrives `ramp_frames` frames later; 0 means it has the value at `frame` itself. The movement is a straight line in
// the parameter's own scale: dB for Scale::db, log Hz for Scale::log, plain units otherwise. Toggles and choices step.
// A new event for the same parameter starts from wherever the parameter is at that frame.
struct ParamEvent {
    std::int32_t frame = 0;
    std::int32_t param = 0;
    double value = 0.0;
    std::int32_t ramp_frames = 0;
};

}  // namespace smartmix
