#include "vst3/instance.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "vst3/module.hpp"
#include "vst3/text.hpp"

namespace smartmix::vst3 {
namespace {

constexpr int most_classes = 1024;
constexpr int most_parameters = 65536;  // more is a broken answer, not a plugin
constexpr int most_buses = 64;

}  // namespace

std::vector<ClassFacts> audio_classes(Factory* factory) {
    auto* newer = interface_of<Factory2>(factory, factory2_iid);
    FactoryInfo about{};
    factory->getFactoryInfo(&about);
    std::vector<ClassFacts> found;
    const int count = std::clamp(factory->countClasses(), 0, most_classes);
    for (int i = 0; i < count; ++i) {
        ClassInfo info{};
        if (factory->getClassInfo(i, &info) != ok || field(info.category) != "Audio Module Class") continue;
        ClassFacts& facts = found.emplace_back();
        std::copy(std::begin(info.cid), std::end(info.cid), facts.cid);
        facts.class_id = hexadecimal(info.cid, sizeof info.cid);
        facts.name = field(info.name);
        facts.vendor = field(about.vendor);
        ClassInfo2 more{};
        if (newer == nullptr || newer->getClassInfo2(i, &more) != ok) continue;
        facts.categories = field(more.sub_categories);
        facts.version = field(more.version);
        facts.sdk = field(more.sdk_version);
        if (more.vendor[0] != 0) facts.vendor = field(more.vendor);
    }
    return found;
}

Instance::Instance(Factory* factory, const void* cid) {
    component_ = instance_of<Component>(factory, cid, component_iid);
    if (component_ == nullptr) throw std::runtime_error("it could not be made");
    if (component_->initialize(&host_application()) != ok) throw std::runtime_error("it could not be initialised");
    processor_ = interface_of<AudioProcessor>(component_, processor_iid);
    if (processor_ == nullptr) throw std::runtime_error("it processes no audio");
    make_controller(factory);
    join();
}

void Instance::make_controller(Factory* factory) {
    controller_ = interface_of<Controller>(component_, controller_iid);
    single_ = controller_ != nullptr;
    Identifier cid{};
    if (!single_ && component_->getControllerClassId(cid) == ok) {
        controller_ = instance_of<Controller>(factory, cid, controller_iid);
        if (controller_ != nullptr && controller_->initialize(&host_application()) != ok) controller_ = nullptr;
    }
    if (controller_ != nullptr) controller_->setComponentHandler(static_cast<ComponentHandler*>(&handler_));
}

// Halves that are two objects are introduced to each other, and the controller learns the component's state.
void Instance::join() {
    if (single_ || controller_ == nullptr) return;
    end_of_component_ = interface_of<ConnectionPoint>(component_, connection_iid);
    end_of_controller_ = interface_of<ConnectionPoint>(controller_, connection_iid);
    if (end_of_component_ != nullptr && end_of_controller_ != nullptr) {
        end_of_component_->connect(end_of_controller_);
        end_of_controller_->connect(end_of_component_);
    }
    MemoryStream state;
    if (component_->getState(static_cast<Stream*>(&state)) == ok && !state.bytes().empty()) {
        MemoryStream copy(state.bytes());
        controller_->setComponentState(static_cast<Stream*>(&copy));
    }
}

Instance::~Instance() {
    if (controller_ != nullptr) controller_->setComponentHandler(nullptr);
    if (end_of_component_ != nullptr && end_of_controller_ != nullptr) {
        end_of_component_->disconnect(end_of_controller_);
        end_of_controller_->disconnect(end_of_component_);
    }
    for (ConnectionPoint* end : {end_of_component_, end_of_controller_}) {
        if (end != nullptr) end->release();
    }
    if (controller_ != nullptr && !single_) controller_->terminate();
    processor_->release();
    component_->terminate();
    if (controller_ != nullptr) controller_->release();
    component_->release();
}

std::vector<FoundBus> Instance::buses(std::int32_t direction) const {
    std::vector<FoundBus> found;
    const int count = std::clamp(component_->getBusCount(audio_media, direction), 0, most_buses);
    for (int i = 0; i < count; ++i) {
        BusInfo info{};
        if (component_->getBusInfo(audio_media, direction, i, &info) != ok) continue;
        found.push_back({utf8(info.name), std::clamp(info.channels, 0, 64), info.type == main_bus});
    }
    return found;
}

std::string Instance::text(std::uint32_t id, double normalised) const {
    Text shown{};
    if (controller_ == nullptr || controller_->getParamStringByValue(id, normalised, shown) != ok) return {};
    return utf8(shown);
}

std::vector<FoundParameter> Instance::parameters() const {
    std::vector<FoundParameter> found;
    if (controller_ == nullptr) return found;
    const int count = std::clamp(controller_->getParameterCount(), 0, most_parameters);
    for (int i = 0; i < count; ++i) {
        ParameterFacts facts{};
        if (controller_->getParameterInfo(i, &facts) != ok) continue;
        FoundParameter& p = found.emplace_back();
        p.id = facts.id;
        p.name = utf8(facts.title);
        p.unit = utf8(facts.units);
        p.steps = std::max(facts.steps, 0);
        p.default_normalised =
            std::isfinite(facts.default_normalised) ? std::clamp(facts.default_normalised, 0.0, 1.0) : 0.0;
        p.low = controller_->normalizedParamToPlain(p.id, 0.0);
        p.high = controller_->normalizedParamToPlain(p.id, 1.0);
        p.default_plain = controller_->normalizedParamToPlain(p.id, p.default_normalised);
        p.low_text = text(p.id, 0.0);
        p.high_text = text(p.id, 1.0);
        p.default_text = text(p.id, p.default_normalised);
        p.automatable = (facts.flags & can_automate) != 0;
        p.read_only = (facts.flags & is_read_only) != 0;
        p.hidden = (facts.flags & is_hidden) != 0;
        p.is_list = (facts.flags & is_list) != 0;
        p.is_bypass = (facts.flags & is_bypass) != 0;
        p.is_program = (facts.flags & is_program_change) != 0;
    }
    return found;
}

}  // namespace smartmix::vst3
