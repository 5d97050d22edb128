#pragma once
#include <memory>
#include <string>

#include "vst3/plugin.hpp"
#include "vst3/run_loop.hpp"
#include "vst3/view_abi.hpp"
#include "vst3/x11_window.hpp"

namespace smartmix::vst3 {

// A plugin's own window, open from construction until it is closed. What is set in it is written through to the plugin's
// processor at every turn, so that the state is what the window shows. One thread, the plugin's. Throws std::runtime_error
// where the plugin has no window, or there is nowhere to show it.
class Editor final : private EditListener, private PlugFrame {
public:
    Editor(Plugin& plugin, const std::string& title);
    ~Editor();
    Editor(const Editor&) = delete;
    Editor& operator=(const Editor&) = delete;

    // Lets the window live for up to `longest_ms`; false once it was closed.
    bool turn(int longest_ms);

private:
    Result queryInterface(const void* wanted, void** object) override;
    std::uint32_t addRef() override { return 1; }
    std::uint32_t release() override { return 1; }
    Result resizeView(PlugView* view, Rectangle* size) override;

    bool edited(std::uint32_t id, double normalised) override { return plugin_.edited(id, normalised); }
    void restarted(std::int32_t flags) override;

    void attach(const std::string& title);
    void user_resized(Size size);

    Plugin& plugin_;
    WindowLoop loop_;
    std::unique_ptr<X11Window> window_;
    PlugView* view_ = nullptr;
    bool resizing_ = false;
    bool attached_ = false;
};

}  // namespace smartmix::vst3
