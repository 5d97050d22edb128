#include "vst3/plugin.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/denormals.hpp"
#include "vst3/module.hpp"

namespace smartmix::vst3 {
namespace {

constexpr std::int32_t offline = 2;
constexpr std::int32_t float32 = 0;
constexpr std::uint32_t endless = 0xFFFFFFFFU;
constexpr std::uint64_t mono_speakers = 1ULL << 19;
constexpr int flush_frames = 64;
constexpr std::size_t most_moving = 256;  // parameters that one block can move

std::uint64_t speakers(int channels) {
    if (channels == 1) return mono_speakers;
    return channels >= 64 ? ~0ULL : (1ULL << channels) - 1;
}

ClassFacts chosen_class(Factory* factory, const std::string& class_id) {
    for (const ClassFacts& facts : audio_classes(factory)) {
        if (class_id.empty() || facts.class_id == class_id) return facts;
    }
    throw std::runtime_error(class_id.empty() ? "it holds no audio plugin" : "it holds no plugin " + class_id);
}

}  // namespace

Plugin::Plugin(const std::string& library, const std::string& class_id) {
    Factory* factory = load_factory(library);
    facts_ = chosen_class(factory, class_id);
    instance_ = std::make_unique<Instance>(factory, facts_.cid);
    parameters_ = instance_->parameters();
    for (const FoundParameter& p : parameters_) {
        values_.emplace_back(p.id, controller()->getParamNormalized(p.id));
    }
    std::sort(values_.begin(), values_.end());
    changes_ = ParameterChanges(std::min(values_.size(), most_moving));
    reports_ = ParameterChanges(std::min(values_.size(), most_moving));
    waiting_.reserve(values_.size());
}

Plugin::~Plugin() { activate(false); }

Controller* Plugin::controller() const {
    if (instance_->controller() == nullptr) throw std::runtime_error(facts_.name + " has no parameters that can be read");
    return instance_->controller();
}

int Plugin::main_channels() const {
    for (const FoundBus& bus : inputs()) {
        if (bus.main) return bus.channels;
    }
    return 0;
}

std::int64_t Plugin::tail_frames() const {
    const std::uint32_t tail = instance_->processor()->getTailSamples();
    return tail == endless ? -1 : static_cast<std::int64_t>(tail);
}

void Plugin::activate(bool active) {
    if (active == active_) return;
    if (active) {
        instance_->component()->setActive(1);
        instance_->processor()->setProcessing(1);
    } else {
        instance_->processor()->setProcessing(0);
        instance_->component()->setActive(0);
    }
    active_ = active;
}

// The main buses get `channels`, the first further input the side chain, all others stay as the plugin has them. A plugin
// may refuse or give something else: what it has afterwards counts.
void Plugin::arrange(int channels, int side_chain_channels) {
    const std::vector<FoundBus> ins = inputs();
    const std::vector<FoundBus> outs = outputs();
    std::vector<std::uint64_t> in_speakers, out_speakers;
    const auto present = [&](std::int32_t direction, std::size_t index, int count) {
        std::uint64_t has = 0;
        const auto at = static_cast<std::int32_t>(index);
        return instance_->processor()->getBusArrangement(direction, at, &has) == ok && has != 0 ? has : speakers(count);
    };
    bool side_chain_given = false;
    for (std::size_t i = 0; i < ins.size(); ++i) {
        const bool keyed = !ins[i].main && !side_chain_given && side_chain_channels > 0;
        side_chain_given = side_chain_given || keyed;
        in_speakers.push_back(ins[i].main ? speakers(channels)
                              : keyed     ? speakers(side_chain_channels)
                                          : present(input_direction, i, ins[i].channels));
    }
    for (std::size_t i = 0; i < outs.size(); ++i) {
        out_speakers.push_back(outs[i].main ? speakers(channels) : present(output_direction, i, outs[i].channels));
    }
    instance_->processor()->setBusArrangements(in_speakers.data(), static_cast<std::int32_t>(in_speakers.size()),
                                               out_speakers.data(), static_cast<std::int32_t>(out_speakers.size()));
    if (side_chain_channels > 0 && !side_chain_given) throw std::runtime_error(facts_.name + " has no side chain");
}

void Plugin::prepare(double sample_rate, int channels, int most_frames, int side_chain_channels) {
    activate(false);
    channels_ = 0;
    arrange(channels, side_chain_channels);
    const auto main_of = [](const std::vector<FoundBus>& buses) {
        const auto found = std::find_if(buses.begin(), buses.end(), [](const FoundBus& bus) { return bus.main; });
        return found == buses.end() ? 0 : found->channels;
    };
    if (main_of(inputs()) != channels || main_of(outputs()) != channels) {
        throw std::runtime_error(facts_.name + " takes " + std::to_string(main_of(inputs())) + " channels and gives " +
                                 std::to_string(main_of(outputs())) + ", not " + std::to_string(channels));
    }
    ProcessSetup setup{offline, float32, most_frames, sample_rate};
    if (instance_->processor()->setupProcessing(&setup) != ok) {
        throw std::runtime_error(facts_.name + " does not run at " + std::to_string(std::lround(sample_rate)) + " Hz");
    }
    sample_rate_ = sample_rate;
    most_frames_ = most_frames;
    side_chain_channels_ = side_chain_channels;
    lay_out();
    channels_ = channels;
    reset();
    flush();  // values that were set before may decide the latency
}

// Every bus gets samples, those nobody feeds get silence: some plugins read a bus they were told is not there.
void Plugin::lay_out() {
    const auto lay = [&](const std::vector<FoundBus>& found, std::int32_t direction, std::vector<Bus>& buses,
                         std::vector<std::vector<float>>& samples, std::vector<float*>& heads,
                         std::vector<AudioBuses>& given) {
        buses.clear(), samples.clear(), heads.clear(), given.clear();
        bool side_chain_given = false;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const bool keyed = direction == input_direction && !found[i].main && !side_chain_given && side_chain_channels_ > 0;
            side_chain_given = side_chain_given || keyed;
            instance_->component()->activateBus(audio_media, direction, static_cast<std::int32_t>(i), found[i].main || keyed);
            buses.push_back({found[i].channels, static_cast<int>(samples.size())});
            for (int c = 0; c < found[i].channels; ++c) {
                samples.emplace_back(static_cast<std::size_t>(most_frames_), 0.0F);
            }
        }
        for (std::vector<float>& channel : samples) heads.push_back(channel.data());
        for (const Bus& bus : buses) given.push_back({bus.channels, 0, heads.data() + bus.first});
    };
    lay(inputs(), input_direction, in_, in_samples_, in_heads_, in_buses_);
    lay(outputs(), output_direction, out_, out_samples_, out_heads_, out_buses_);
}

void Plugin::reset() {
    activate(false);
    frames_done_ = 0;
    activate(true);
    latency_frames_ = static_cast<int>(std::min<std::uint32_t>(instance_->processor()->getLatencySamples(), 1U << 30));
}

void Plugin::run(int frames) noexcept {
    context_ = {};
    context_.state = is_playing | continuous_valid;
    context_.sample_rate = sample_rate_;
    context_.project_frames = context_.continuous_frames = frames_done_;
    reports_.clear();
    ProcessData data{};
    data.mode = offline;
    data.sample_size = float32;
    data.frames = frames;
    data.input_count = frames > 0 ? static_cast<std::int32_t>(in_buses_.size()) : 0;
    data.output_count = frames > 0 ? static_cast<std::int32_t>(out_buses_.size()) : 0;
    data.inputs = frames > 0 ? in_buses_.data() : nullptr;
    data.outputs = frames > 0 ? out_buses_.data() : nullptr;
    data.input_changes = static_cast<Changes*>(&changes_);
    data.output_changes = static_cast<Changes*>(&reports_);
    data.input_events = static_cast<Events*>(&no_events_);
    data.output_events = static_cast<Events*>(&lost_events_);
    data.context = &context_;
    const DenormalGuard no_denormals;
    instance_->processor()->process(&data);
    frames_done_ += frames;
    take_reports();
}

void Plugin::take_reports() noexcept {
    for (std::size_t q = 0; q < reports_.count(); ++q) {
        Queue& queue = reports_.queue(q);
        if (queue.getPointCount() == 0) continue;
        const auto at = std::lower_bound(values_.begin(), values_.end(), std::pair{queue.getParameterId(), -1e300});
        if (at != values_.end() && at->first == queue.getParameterId()) at->second = queue.last();
    }
}

void Plugin::process(float* const* io, const float* const* side_chain, std::span<const Point> points, int frames) noexcept {
    changes_.clear();
    for (const Point& point : waiting_) changes_.add(point);
    waiting_.clear();
    for (const Point& point : points) {
        changes_.add(point);
        const auto at = std::lower_bound(values_.begin(), values_.end(), std::pair{point.id, -1e300});
        if (at != values_.end() && at->first == point.id) at->second = point.normalised;
    }
    bool main_fed = false;
    bool side_chain_fed = side_chain == nullptr;
    for (std::size_t b = 0; b < in_.size(); ++b) {
        const bool main = !main_fed && in_[b].channels == channels_ && b == 0;
        const bool keyed = !main && !side_chain_fed;
        main_fed = main_fed || main;
        side_chain_fed = side_chain_fed || keyed;
        for (int c = 0; c < in_[b].channels; ++c) {
            float* to = in_heads_[static_cast<std::size_t>(in_[b].first + c)];
            if (main) std::copy_n(io[c], frames, to);
            if (keyed) std::copy_n(side_chain[std::min(c, side_chain_channels_ - 1)], frames, to);
            if (!main && !keyed) std::fill_n(to, frames, 0.0F);
        }
    }
    run(frames);
    for (int c = 0; c < channels_; ++c) std::copy_n(out_heads_[static_cast<std::size_t>(c)], frames, io[c]);
}

std::size_t Plugin::place_of(std::uint32_t id) const {
    const auto at = std::lower_bound(values_.begin(), values_.end(), std::pair{id, -1e300});
    if (at == values_.end() || at->first != id) {
        throw std::runtime_error(facts_.name + " has no parameter with id " + std::to_string(id));
    }
    return static_cast<std::size_t>(at - values_.begin());
}

void Plugin::set(std::uint32_t id, double normalised) {
    const std::size_t place = place_of(id);
    if (!(normalised >= 0.0 && normalised <= 1.0)) {
        throw std::runtime_error(facts_.name + ": a normalised value of " + std::to_string(normalised) + ", expected 0 to 1");
    }
    values_[place].second = normalised;
    controller()->setParamNormalized(id, normalised);
    wait_for_block(id, normalised);
}

void Plugin::wait_for_block(std::uint32_t id, double normalised) {
    const auto same = std::find_if(waiting_.begin(), waiting_.end(), [&](const Point& p) { return p.id == id; });
    if (same != waiting_.end()) {
        same->normalised = normalised;
    } else {
        waiting_.push_back({id, 0, normalised});
    }
}

bool Plugin::edited(std::uint32_t id, double normalised) {
    const auto at = std::lower_bound(values_.begin(), values_.end(), std::pair{id, -1e300});
    const bool known = at != values_.end() && at->first == id && normalised >= 0.0 && normalised <= 1.0;
    if (!known) return false;
    at->second = normalised;
    wait_for_block(id, normalised);
    return true;
}

void Plugin::reread() {
    for (auto& [id, value] : values_) value = controller()->getParamNormalized(id);
}

double Plugin::get(std::uint32_t id) const { return values_[place_of(id)].second; }

double Plugin::to_plain(std::uint32_t id, double normalised) const {
    place_of(id);
    return controller()->normalizedParamToPlain(id, normalised);
}

double Plugin::to_normalised(std::uint32_t id, double plain) const {
    place_of(id);
    return controller()->plainParamToNormalized(id, plain);
}

// A value reaches the component with a block, and not every plugin reads one without frames: a short silent one.
void Plugin::carry() {
    if (waiting_.empty()) return;
    if (!prepared()) prepare(sample_rate_, std::max(main_channels(), 1), flush_frames, 0);
    const int frames = std::min(flush_frames, most_frames_);
    std::vector<std::vector<float>> silence(static_cast<std::size_t>(std::max(channels_, side_chain_channels_)),
                                            std::vector<float>(static_cast<std::size_t>(frames), 0.0F));
    std::vector<float*> heads;
    for (std::vector<float>& channel : silence) heads.push_back(channel.data());
    process(heads.data(), side_chain_channels_ > 0 ? heads.data() : nullptr, {}, frames);
}

// After which the audio memory is cleared.
void Plugin::flush() {
    if (waiting_.empty()) return;
    carry();
    reset();
}

State Plugin::state() {
    flush();
    State state;
    MemoryStream of_component;
    if (instance_->component()->getState(static_cast<Stream*>(&of_component)) != ok) {
        throw std::runtime_error(facts_.name + " does not give its state");
    }
    state.component = of_component.bytes();
    MemoryStream of_controller;
    if (controller()->getState(static_cast<Stream*>(&of_controller)) == ok) state.controller = of_controller.bytes();
    return state;
}

void Plugin::set_state(const State& state) {
    waiting_.clear();
    MemoryStream for_component(state.component);
    if (instance_->component()->setState(static_cast<Stream*>(&for_component)) != ok) {
        throw std::runtime_error(facts_.name + " does not take this state");
    }
    MemoryStream copy(state.component);
    controller()->setComponentState(static_cast<Stream*>(&copy));
    if (!state.controller.empty()) {
        MemoryStream for_controller(state.controller);
        controller()->setState(static_cast<Stream*>(&for_controller));
    }
    reread();
}

}  // namespace smartmix::vst3
