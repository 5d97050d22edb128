#include "vst3/editor.hpp"

#include <algorithm>
#include <stdexcept>

namespace smartmix::vst3 {
namespace {

constexpr int most_pixels = 16384;  // a larger window is a broken answer

Size usable(const Rectangle& asked) {
    return {std::clamp(asked.width(), 1, most_pixels), std::clamp(asked.height(), 1, most_pixels)};
}

Rectangle rectangle(Size size) { return {0, 0, size.width, size.height}; }

}  // namespace

Editor::Editor(Plugin& plugin, const std::string& title) : plugin_(plugin) {
    view_ = static_cast<PlugView*>(plugin.controller()->createView(editor_view));
    if (view_ == nullptr) throw std::runtime_error("it has no window of its own");
    plugin_.listen(this);
    try {
        attach(title);
    } catch (...) {
        plugin_.listen(nullptr);
        view_->setFrame(nullptr);
        loop_.clear();
        view_->release();
        throw;
    }
}

void Editor::attach(const std::string& title) {
    if (view_->isPlatformTypeSupported(x11_platform) != ok) throw std::runtime_error("its window does not know X11");
    Rectangle wanted{};
    view_->setFrame(this);
    if (view_->getSize(&wanted) != ok) wanted = {0, 0, 640, 400};
    window_ = std::make_unique<X11Window>(title, usable(wanted));
    if (view_->attached(reinterpret_cast<void*>(window_->id()), x11_platform) != ok) {
        throw std::runtime_error("its window could not be put on the display");
    }
    attached_ = true;
    window_->fix_size(view_->canResize() != ok);
    if (view_->getSize(&wanted) == ok && usable(wanted) != window_->size()) window_->resize(usable(wanted));
}

Editor::~Editor() {
    if (attached_) view_->removed();
    view_->setFrame(nullptr);
    loop_.clear();
    view_->release();
    plugin_.listen(nullptr);
}

bool Editor::turn(int longest_ms) {
    loop_.turn(window_->fd(), longest_ms);
    const X11Window::News news = window_->read();
    if (!news.closed && news.size) user_resized(*news.size);
    plugin_.carry();
    return !news.closed;
}

void Editor::user_resized(Size size) {
    Rectangle fitting = rectangle(size);
    if (view_->checkSizeConstraint(&fitting) == ok && usable(fitting) != size) window_->resize(usable(fitting));
    Rectangle now = rectangle(window_->size());
    resizing_ = true;
    view_->onSize(&now);
    resizing_ = false;
}

Result Editor::queryInterface(const void* wanted, void** object) {
    if (run_loop_iid.is(wanted)) return loop_.queryInterface(wanted, object);
    const bool known = frame_iid.is(wanted) || unknown_iid.is(wanted);
    *object = known ? static_cast<PlugFrame*>(this) : nullptr;
    return known ? ok : no_interface;
}

Result Editor::resizeView(PlugView* view, Rectangle* size) {
    if (view != view_ || size == nullptr) return bad_argument;
    if (resizing_ || window_ == nullptr) return not_true;  // asked from within onSize: the size is settled
    const Size wanted = usable(*size);
    if (wanted != window_->size()) window_->resize(wanted);
    Rectangle now = rectangle(wanted);
    resizing_ = true;
    view_->onSize(&now);
    resizing_ = false;
    return ok;
}

void Editor::restarted(std::int32_t flags) {
    if ((flags & values_changed) != 0) plugin_.reread();
}

}  // namespace smartmix::vst3
