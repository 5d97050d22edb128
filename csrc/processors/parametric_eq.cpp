#include "processors/parametric_eq.hpp"

#include "processors/equaliser_parameters.hpp"

namespace smartmix {
namespace {

std::vector<ParameterInfo> all_parameters() {
    std::vector<ParameterInfo> infos;
    append_equaliser_parameters(infos, "");
    return infos;
}

}  // namespace

ParametricEq::ParametricEq() : Processor(all_parameters()) {}

void ParametricEq::on_prepare(const PrepareSpec& spec) { equaliser_.prepare(spec.sample_rate, spec.channels); }

void ParametricEq::on_reset() noexcept { equaliser_.clear(); }

void ParametricEq::on_parameter(int index, double value, int ramp_frames) noexcept {
    set_equaliser_parameter(equaliser_, index, value, ramp_frames);
}

void ParametricEq::on_process(BlockView io) noexcept { equaliser_.process(io.channels, io.frames); }

}  // namespace smartmix
