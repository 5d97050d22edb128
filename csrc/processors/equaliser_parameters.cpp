#include "processors/equaliser_parameters.hpp"

#include <algorithm>
#include <array>

namespace smartmix {
namespace {

constexpr std::array<int, 6> slopes_db_oct{6, 12, 18, 24, 36, 48};

}  // namespace

void append_equaliser_parameters(std::vector<ParameterInfo>& infos, const std::string& prefix, int bands) {
    std::vector<std::string> slopes;
    for (const int value : slopes_db_oct) slopes.push_back(std::to_string(value));
    const std::vector<std::string> shapes{"off", "bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch", "tilt"};
    for (int band = 1; band <= bands; ++band) {
        const std::string id = prefix + "band" + std::to_string(band) + ".";
        const std::string name = "Band " + std::to_string(band) + " ";
        infos.push_back({id + "shape", name + "shape", "", 0.0, 7.0, 0.0, Scale::choice, shapes});
        infos.push_back({id + "freq_hz", name + "frequency", "Hz", 10.0, 24000.0, 1000.0, Scale::log, {}});
        infos.push_back({id + "gain_db", name + "gain", "dB", -24.0, 24.0, 0.0, Scale::db, {}});
        infos.push_back({id + "q", name + "Q", "", 0.1, 30.0, dsp::BandSettings{}.q, Scale::log, {}});
        infos.push_back({id + "slope_db_oct", name + "slope", "dB/oct", 0.0, 5.0, 1.0, Scale::choice, slopes});
    }
}

int slope_db_oct_of(double choice) noexcept { return slopes_db_oct[static_cast<std::size_t>(choice)]; }

void set_equaliser_parameter(dsp::Equaliser& equaliser, int index, double value, int ramp_frames) noexcept {
    const int band = index / parameters_per_band;
    switch (static_cast<BandField>(index % parameters_per_band)) {
        case BandField::shape: equaliser.set_shape(band, static_cast<dsp::BandShape>(static_cast<int>(value))); break;
        case BandField::freq_hz: equaliser.move_hz(band, value, ramp_frames); break;
        case BandField::gain_db: equaliser.move_gain_db(band, value, ramp_frames); break;
        case BandField::q: equaliser.move_q(band, value, ramp_frames); break;
        case BandField::slope: equaliser.set_slope(band, slope_db_oct_of(value)); break;
    }
}

}  // namespace smartmix
