#include "processors/processor.hpp"

#include <algorithm>
#include <cmath>

#include "core/denormals.hpp"
#include "core/parameter_value.hpp"
#include "core/realtime.hpp"
#include "core/sanitise.hpp"
#include "kernels/sums.hpp"

namespace smartmix {
namespace {

void silence_what_is_not_finite(BlockView io) noexcept {
    for (int c = 0; c < io.channel_count; ++c) {
        if (!kernels::sum_kernels().finite(io.channels[c], io.frames)) silence_non_finite(io.channels[c], io.frames);
    }
}

}  // namespace

Processor::Processor(std::vector<ParameterInfo> parameters, std::vector<CurveInfo> curves)
    : parameters_(std::move(parameters)) {
    targets_.reserve(parameters_.size());
    for (const ParameterInfo& info : parameters_) targets_.push_back(info.default_value);
    for (CurveInfo& info : curves) curves_.push_back(std::make_unique<CurveSlot>(std::move(info)));
}

void Processor::prepare(const PrepareSpec& spec) {
    if (!(spec.sample_rate >= 8000.0 && spec.sample_rate <= 384000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(spec.sample_rate) + " Hz: expected 8000 to 384000");
    }
    if (spec.channels < 1 || spec.channels > 64) {
        throw std::invalid_argument(std::to_string(spec.channels) + " channels: expected 1 to 64");
    }
    if (spec.side_chain_channels < 0 || spec.side_chain_channels > 64) {
        throw std::invalid_argument(std::to_string(spec.side_chain_channels) + " side chain channels: expected 0 to 64");
    }
    if (spec.side_chain_channels > 0 && !takes_side_chain()) throw std::invalid_argument("takes no side chain");
    on_prepare(spec);
    spec_ = spec;
    heads_.assign(static_cast<std::size_t>(spec.channels), nullptr);
    side_chain_heads_.assign(static_cast<std::size_t>(spec.side_chain_channels), nullptr);
    traces_.assign(static_cast<std::size_t>(reducing_parts()), {});
    for (dsp::ReductionTrace& trace : traces_) trace.prepare(spec.sample_rate);
    reset();
}

void Processor::reset() noexcept {
    on_reset();
    restore_parameters();
    restore_curves();
    on_restored();
    for (dsp::ReductionTrace& trace : traces_) trace.clear(latency_frames());
}

// A reset processor is where a fresh one with the same settings is: every ramp has arrived.
void Processor::restore_parameters() noexcept {
    for (std::size_t i = 0; i < targets_.size(); ++i) on_parameter(static_cast<int>(i), targets_[i], 0);
}

void Processor::process(BlockView io, BlockView side_chain, std::span<const ParamEvent> events) noexcept {
    const realtime::Scope no_allocation;
    const DenormalGuard no_denormals;
    io.channel_count = std::min(io.channel_count, static_cast<int>(heads_.size()));
    silence_what_is_not_finite(io);
    side_chain.channel_count = std::min(side_chain.channel_count, static_cast<int>(side_chain_heads_.size()));
    if (side_chain.frames < io.frames) side_chain.channel_count = 0;
    side_chain.frames = io.frames;
    silence_what_is_not_finite(side_chain);
    take_curves();
    int done = 0;
    for (const ParamEvent& event : events) {
        const int frame = std::clamp(static_cast<int>(event.frame), done, io.frames);
        run(io, side_chain, done, frame);
        done = frame;
        take(event);
    }
    run(io, side_chain, done, io.frames);
}

void Processor::take(const ParamEvent& event) noexcept {
    const auto index = static_cast<std::size_t>(event.param);
    if (event.param < 0 || index >= parameters_.size() || !std::isfinite(event.value)) return;
    const ParameterInfo& info = parameters_[index];
    targets_[index] = nearest_value(info, event.value);
    on_parameter(event.param, targets_[index], is_stepped(info.scale) ? 0 : std::max(event.ramp_frames, 0));
}

void Processor::run(BlockView io, BlockView side_chain, int first, int end) noexcept {
    if (first >= end || io.channel_count == 0 || io.channel_count < static_cast<int>(heads_.size())) return;
    if (side_chain.channel_count < static_cast<int>(side_chain_heads_.size())) return;
    for (int c = 0; c < side_chain.channel_count; ++c) {
        side_chain_heads_[static_cast<std::size_t>(c)] = side_chain.channels[c] + first;
    }
    side_chain_ = {side_chain_heads_.data(), side_chain.channel_count, end - first};
    for (int c = 0; c < io.channel_count; ++c) heads_[static_cast<std::size_t>(c)] = io.channels[c] + first;
    on_process(BlockView{heads_.data(), io.channel_count, end - first});
}

void Processor::restore_curves() noexcept {
    for (std::size_t i = 0; i < curves_.size(); ++i) {
        CurveSlot& slot = *curves_[i];
        if (!slot.info().writable) continue;
        slot.take();
        on_curve(static_cast<int>(i), slot.values());
    }
}

void Processor::take_curves() noexcept {
    for (std::size_t i = 0; i < curves_.size(); ++i) {
        if (curves_[i]->take()) on_curve(static_cast<int>(i), curves_[i]->values());
    }
}

void Processor::on_curve(int, std::span<const float>) noexcept {}

std::vector<CurveInfo> Processor::curves() const {
    std::vector<CurveInfo> infos;
    for (const auto& slot : curves_) infos.push_back(slot->info());
    return infos;
}

int Processor::curve_index(const std::string& id) const {
    for (std::size_t i = 0; i < curves_.size(); ++i) {
        if (curves_[i]->info().id == id) return static_cast<int>(i);
    }
    throw std::out_of_range("processor has no curve '" + id + "'");
}

void Processor::write_curve(int index, std::span<const float> values) {
    CurveSlot& slot = *curves_.at(static_cast<std::size_t>(index));
    const CurveInfo& info = slot.info();
    if (!info.writable) throw std::invalid_argument(info.id + " can be read only");
    if (values.size() != static_cast<std::size_t>(info.length)) {
        throw std::invalid_argument(info.id + ": expected " + std::to_string(info.length) + " numbers, got " +
                                    std::to_string(values.size()));
    }
    const ParameterInfo each{info.id, info.name, info.unit, info.low, info.high, info.default_value, Scale::linear, {}};
    for (const float value : values) checked_value(each, static_cast<double>(value));
    slot.write(values);
}

double Processor::response_db(double) const {
    throw std::logic_error("this processor has no frequency response of its own");
}

Reduction Processor::reduction() const { throw std::logic_error("this processor has no gain reduction"); }

Reduction Processor::reduction_of(int part) const {
    if (part < 0 || part >= reducing_parts()) {
        throw std::out_of_range("part " + std::to_string(part) + " of " + std::to_string(reducing_parts()));
    }
    return reduction();
}

int Processor::parameter_index(const std::string& id) const { return find_parameter(parameters_, id, "processor"); }

void Processor::set_parameter(int index, double value) {
    const auto at = static_cast<std::size_t>(index);
    targets_.at(at) = checked_value(parameters_.at(at), value);
    on_parameter(index, targets_[at], 0);
}

}  // namespace smartmix
