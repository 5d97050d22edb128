#include "vst3/x11_window.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace smartmix::vst3 {

namespace {

using XId = unsigned long;

constexpr int destroy_notify = 17;
constexpr int configure_notify = 22;
constexpr int client_message = 33;
constexpr long structure_events = 1L << 17;
constexpr long fixed_hints = (1L << 4) | (1L << 5);  // smallest and largest size

// An event as the server's library lays it out: we read the parts of three kinds.
union XEvent {
    int type;
    struct {
        int type;
        unsigned long serial;
        int sent;
        void* display;
        XId event, window;
        int x, y, width, height;
    } configure;
    struct {
        int type;
        unsigned long serial;
        int sent;
        void* display;
        XId window, message_type;
        int format;
        long values[5];
    } client;
    long room[24];
};
static_assert(sizeof(XEvent) == 24 * sizeof(long));

struct SizeHints {
    long flags;
    int x, y, width, height;
    int min_width, min_height, max_width, max_height;
    int width_step, height_step;
    int aspects[4];
    int base_width, base_height, gravity;
};

}  // namespace

struct X11 {
    int (*XInitThreads)();
    void* (*XOpenDisplay)(const char*);
    int (*XCloseDisplay)(void*);
    XId (*XDefaultRootWindow)(void*);
    XId (*XCreateSimpleWindow)(void*, XId, int, int, unsigned, unsigned, unsigned, unsigned long, unsigned long);
    int (*XDestroyWindow)(void*, XId);
    int (*XStoreName)(void*, XId, const char*);
    int (*XSelectInput)(void*, XId, long);
    int (*XMapRaised)(void*, XId);
    int (*XResizeWindow)(void*, XId, unsigned, unsigned);
    XId (*XInternAtom)(void*, const char*, int);
    int (*XSetWMProtocols)(void*, XId, XId*, int);
    void (*XSetWMNormalHints)(void*, XId, SizeHints*);
    int (*XConnectionNumber)(void*);
    int (*XPending)(void*);
    int (*XNextEvent)(void*, XEvent*);
    int (*XSync)(void*, int);
    void* (*XSetErrorHandler)(int (*)(void*, void*));
    void* (*XSetIOErrorHandler)(int (*)(void*));
};

namespace {

// Xlib ends a program on every error by default, also on a plugin's own that does no harm.
int go_on(void*, void*) { return 0; }
int display_lost(void*) { std::_Exit(display_lost_code); }

template <class Function>
void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr) throw std::runtime_error(std::string("no window can be shown: libX11 has no ") + name);
}

X11 loaded() {
    void* library = dlopen("libX11.so.6", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error("no window can be shown: libX11 cannot be loaded");
    X11 x{};
    find(library, "XInitThreads", x.XInitThreads);
    find(library, "XOpenDisplay", x.XOpenDisplay);
    find(library, "XCloseDisplay", x.XCloseDisplay);
    find(library, "XDefaultRootWindow", x.XDefaultRootWindow);
    find(library, "XCreateSimpleWindow", x.XCreateSimpleWindow);
    find(library, "XDestroyWindow", x.XDestroyWindow);
    find(library, "XStoreName", x.XStoreName);
    find(library, "XSelectInput", x.XSelectInput);
    find(library, "XMapRaised", x.XMapRaised);
    find(library, "XResizeWindow", x.XResizeWindow);
    find(library, "XInternAtom", x.XInternAtom);
    find(library, "XSetWMProtocols", x.XSetWMProtocols);
    find(library, "XSetWMNormalHints", x.XSetWMNormalHints);
    find(library, "XConnectionNumber", x.XConnectionNumber);
    find(library, "XPending", x.XPending);
    find(library, "XNextEvent", x.XNextEvent);
    find(library, "XSync", x.XSync);
    find(library, "XSetErrorHandler", x.XSetErrorHandler);
    find(library, "XSetIOErrorHandler", x.XSetIOErrorHandler);
    x.XInitThreads();  // plugins draw from threads of their own
    x.XSetErrorHandler(&go_on);
    x.XSetIOErrorHandler(&display_lost);
    return x;
}

const X11& functions() {
    static const X11 x = loaded();
    return x;
}

}  // namespace

X11Window::X11Window(const std::string& title, Size size) : x_(&functions()), size_(size) {
    display_ = x_->XOpenDisplay(nullptr);
    if (display_ == nullptr) {
        const char* name = std::getenv("DISPLAY");
        throw std::runtime_error(name == nullptr || *name == 0
                                     ? "no window can be shown: there is no display (DISPLAY is not set)"
                                     : "no window can be shown: the display " + std::string(name) + " does not answer");
    }
    id_ = x_->XCreateSimpleWindow(display_, x_->XDefaultRootWindow(display_), 0, 0, static_cast<unsigned>(size.width),
                                  static_cast<unsigned>(size.height), 0, 0, 0);
    x_->XStoreName(display_, id_, title.c_str());
    x_->XSelectInput(display_, id_, structure_events);
    delete_atom_ = x_->XInternAtom(display_, "WM_DELETE_WINDOW", 0);
    x_->XSetWMProtocols(display_, id_, &delete_atom_, 1);
    fix_size(true);
    x_->XMapRaised(display_, id_);
    x_->XSync(display_, 0);  // a plugin looks for the window through a connection of its own
}

X11Window::~X11Window() {
    if (id_ != 0) x_->XDestroyWindow(display_, id_);
    x_->XCloseDisplay(display_);
}

int X11Window::fd() const noexcept { return x_->XConnectionNumber(display_); }

X11Window::News X11Window::read() {
    News news;
    while (x_->XPending(display_) > 0) {
        XEvent event{};
        x_->XNextEvent(display_, &event);
        if (event.type == configure_notify && event.configure.window == id_) {
            news.size = Size{event.configure.width, event.configure.height};  // the last one counts
        } else if (event.type == client_message && static_cast<XId>(event.client.values[0]) == delete_atom_) {
            news.closed = true;
        } else if (event.type == destroy_notify && event.configure.window == id_) {
            news.closed = true;
            id_ = 0;
        }
    }
    if (news.size == size_ || fixed_) news.size.reset();
    if (news.size) size_ = *news.size;
    return news;
}

void X11Window::resize(Size size) {
    size_ = size;
    fix_size(fixed_);
    x_->XResizeWindow(display_, id_, static_cast<unsigned>(size.width), static_cast<unsigned>(size.height));
    x_->XSync(display_, 0);
}

void X11Window::fix_size(bool fixed) {
    fixed_ = fixed;
    SizeHints hints{};
    hints.flags = fixed ? fixed_hints : 0;
    hints.min_width = hints.max_width = size_.width;
    hints.min_height = hints.max_height = size_.height;
    x_->XSetWMNormalHints(display_, id_, &hints);
}

}  // namespace smartmix::vst3
