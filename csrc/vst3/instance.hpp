#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "vst3/abi.hpp"
#include "vst3/host_objects.hpp"

namespace smartmix::vst3 {

// What a library says it holds.
struct ClassFacts {
    Identifier cid{};
    std::string class_id;  // 32 hexadecimal digits
    std::string name, vendor, version, sdk, categories;
};
std::vector<ClassFacts> audio_classes(Factory* factory);

// One parameter as the plugin itself describes it: its plain values at 0 and 1 and by default, with the texts it shows there.
struct FoundParameter {
    std::uint32_t id = 0;
    std::string name;
    std::string unit;
    int steps = 0;  // 0: continuous; 1: a switch; n: n + 1 values
    double default_normalised = 0.0;
    double low = 0.0, high = 1.0, default_plain = 0.0;
    std::string low_text, high_text, default_text;
    bool automatable = false, read_only = false, hidden = false, is_list = false, is_bypass = false, is_program = false;
};

struct FoundBus {
    std::string name;
    int channels = 0;
    bool main = true;
};

// The two halves of a plugin, made, initialised and joined as the interface asks: the component that runs audio and the
// controller that knows the parameters. Throws std::runtime_error saying what the plugin refused.
class Instance {
public:
    Instance(Factory* factory, const void* cid);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    Component* component() const noexcept { return component_; }
    Controller* controller() const noexcept { return controller_; }  // may be nullptr
    AudioProcessor* processor() const noexcept { return processor_; }

    void listen(EditListener* listener) noexcept { handler_.listen(listener); }

    std::vector<FoundBus> buses(std::int32_t direction) const;
    std::vector<FoundParameter> parameters() const;
    std::string text(std::uint32_t id, double normalised) const;

private:
    void make_controller(Factory* factory);
    void join();

    Component* component_ = nullptr;
    AudioProcessor* processor_ = nullptr;
    Controller* controller_ = nullptr;
    bool single_ = false;  // both halves are one object
    ConnectionPoint* end_of_component_ = nullptr;  // where two halves are joined
    ConnectionPoint* end_of_controller_ = nullptr;
    Handler handler_;
};

}  // namespace smartmix::vst3
