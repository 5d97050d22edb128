#include "vst3/module.hpp"

#include <dlfcn.h>

#include <map>
#include <mutex>
#include <stdexcept>

namespace smartmix::vst3 {
namespace {

Factory* opened(const std::string& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        const char* reason = dlerror();
        throw std::runtime_error(reason != nullptr ? reason : "the library cannot be loaded");
    }
    using Entry = bool (*)(void*);
    using GetFactory = Factory* (*)();
    const auto get_factory = reinterpret_cast<GetFactory>(dlsym(handle, "GetPluginFactory"));
    if (get_factory == nullptr) throw std::runtime_error("a library, but no VST3 plugin: it has no GetPluginFactory");
    const auto entry = reinterpret_cast<Entry>(dlsym(handle, "ModuleEntry"));
    if (entry != nullptr && !entry(handle)) throw std::runtime_error("the plugin refuses to start");
    Factory* factory = get_factory();
    if (factory == nullptr) throw std::runtime_error("the plugin gives no factory");
    return factory;
}

}  // namespace

Factory* load_factory(const std::string& library) {
    static std::mutex guard;
    static std::map<std::string, Factory*> known;  // never torn down: a plugin may outlive everything
    const std::lock_guard<std::mutex> lock(guard);
    const auto found = known.find(library);
    if (found != known.end()) return found->second;
    Factory* factory = opened(library);
    known.emplace(library, factory);
    return factory;
}

}  // namespace smartmix::vst3
