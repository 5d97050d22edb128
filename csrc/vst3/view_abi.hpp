#pragma once
#include "vst3/abi.hpp"

// The part of the VST 3 interface that a plugin's own window needs, on systems with X11.
namespace smartmix::vst3 {

inline constexpr Iid view_iid = iid(0x5BC32507, 0xD06049EA, 0xA6151B52, 0x2B755B29);
inline constexpr Iid frame_iid = iid(0x367FAF01, 0xAFA94693, 0x8D4DA2A0, 0xED0882A3);
inline constexpr Iid event_handler_iid = iid(0x561E65C9, 0x13A0496F, 0x813A2C35, 0x654D7983);
inline constexpr Iid timer_handler_iid = iid(0x10BDD94F, 0x41424774, 0x821FAD8F, 0xECA72CA9);
inline constexpr Iid run_loop_iid = iid(0x18C35366, 0x97764F1A, 0x9C5B8385, 0x7A871389);

inline constexpr const char* editor_view = "editor";
inline constexpr const char* x11_platform = "X11EmbedWindowID";
inline constexpr std::int32_t values_changed = 1 << 1;  // flag of restartComponent

struct Rectangle {
    std::int32_t left, top, right, bottom;
    int width() const noexcept { return right - left; }
    int height() const noexcept { return bottom - top; }
};

class PlugFrame;

class PlugView : public Unknown {
public:
    virtual Result isPlatformTypeSupported(const char* type) = 0;
    virtual Result attached(void* parent, const char* type) = 0;
    virtual Result removed() = 0;
    virtual Result onWheel(float distance) = 0;
    virtual Result onKeyDown(char16_t key, std::int16_t code, std::int16_t modifiers) = 0;
    virtual Result onKeyUp(char16_t key, std::int16_t code, std::int16_t modifiers) = 0;
    virtual Result getSize(Rectangle* size) = 0;
    virtual Result onSize(Rectangle* size) = 0;
    virtual Result onFocus(std::uint8_t state) = 0;
    virtual Result setFrame(PlugFrame* frame) = 0;
    virtual Result canResize() = 0;
    virtual Result checkSizeConstraint(Rectangle* size) = 0;

protected:
    ~PlugView() = default;
};

class PlugFrame : public Unknown {
public:
    virtual Result resizeView(PlugView* view, Rectangle* size) = 0;

protected:
    ~PlugFrame() = default;
};

class EventHandler : public Unknown {
public:
    virtual void onFDIsSet(int fd) = 0;

protected:
    ~EventHandler() = default;
};

class TimerHandler : public Unknown {
public:
    virtual void onTimer() = 0;

protected:
    ~TimerHandler() = default;
};

class RunLoop : public Unknown {
public:
    virtual Result registerEventHandler(EventHandler* handler, int fd) = 0;
    virtual Result unregisterEventHandler(EventHandler* handler) = 0;
    virtual Result registerTimer(TimerHandler* handler, std::uint64_t milliseconds) = 0;
    virtual Result unregisterTimer(TimerHandler* handler) = 0;

protected:
    ~RunLoop() = default;
};

}  // namespace smartmix::vst3
