#pragma once
#include <string>

#include "vst3/abi.hpp"

namespace smartmix::vst3 {

// The factory of a VST3 library (the file inside the bundle), which is loaded once and stays loaded: unloading is where many
// plugins crash. Throws std::runtime_error for what is no VST3 plugin.
Factory* load_factory(const std::string& library);

// An interface of an object, or a new object of a class; nullptr when there is none.
template <class T>
T* interface_of(Unknown* object, const Iid& wanted) {
    void* found = nullptr;
    if (object == nullptr || object->queryInterface(wanted.bytes, &found) != ok) return nullptr;
    return static_cast<T*>(found);
}

template <class T>
T* instance_of(Factory* factory, const void* cid, const Iid& wanted) {
    void* made = nullptr;
    if (factory->createInstance(cid, wanted.bytes, &made) != ok) return nullptr;
    return static_cast<T*>(made);
}

}  // namespace smartmix::vst3
