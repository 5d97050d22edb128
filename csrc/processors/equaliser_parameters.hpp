#pragma once
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "dsp/equaliser.hpp"

namespace smartmix {

enum class BandField { shape, freq_hz, gain_db, q, slope };
inline constexpr int parameters_per_band = 5;

// shape, freq_hz, gain_db, q and slope_db_oct of each band, in this order, with ids "<prefix>band1.shape" ...
void append_equaliser_parameters(std::vector<ParameterInfo>& infos, const std::string& prefix,
                                 int bands = dsp::Equaliser::band_count);
int slope_db_oct_of(double choice) noexcept;  // a value of the parameter in dB/oct

// Passes a value to the equaliser; `index` counts from the first of its parameters.
void set_equaliser_parameter(dsp::Equaliser& equaliser, int index, double value, int ramp_frames) noexcept;

}  // namespace smartmix
