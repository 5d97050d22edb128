#include "processors/stereo_width.hpp"

#include <string>

namespace smartmix {

StereoWidth::StereoWidth()
    : Processor({{"side_db", "Side", "dB", -60.0, 12.0, 0.0, Scale::db, {}},
                 {"mono_below_hz", "Mono below", "Hz", dsp::mono_off_hz, 500.0, dsp::mono_off_hz, Scale::log, {}}}) {}

int StereoWidth::tail_frames() const noexcept { return spec_.channels == 2 ? width_.tail_frames(parameter(mono_below)) : 0; }

void StereoWidth::on_prepare(const PrepareSpec& spec) {
    if (spec.channels > 2) {
        throw std::invalid_argument(std::to_string(spec.channels) + " channels: width is that of 1 or 2");
    }
    width_.prepare(spec.sample_rate);
}

void StereoWidth::on_reset() noexcept { width_.clear(); }

void StereoWidth::on_parameter(int index, double value, int ramp_frames) noexcept {
    if (index == side) {
        width_.move_side(value, ramp_frames);
    } else {
        width_.move_corner(value, ramp_frames);
    }
}

void StereoWidth::on_process(BlockView io) noexcept {
    if (io.channel_count == 2) width_.run(io.channels[0], io.channels[1], io.frames);
}

}  // namespace smartmix
