#pragma once
#include <optional>
#include <string>

namespace smartmix::vst3 {

struct X11;

// Exit code of a process whose display went away: Xlib lets no program go on then.
inline constexpr int display_lost_code = 71;

struct Size {
    int width = 0;
    int height = 0;
    bool operator==(const Size&) const = default;
};

// A plain window for a plugin to put its own into. Xlib is loaded when the first one is made, so that nothing needs it to be
// built or to run without windows. Throws std::runtime_error where there is no Xlib or no display.
class X11Window {
public:
    X11Window(const std::string& title, Size size);
    ~X11Window();
    X11Window(const X11Window&) = delete;
    X11Window& operator=(const X11Window&) = delete;

    unsigned long id() const noexcept { return id_; }
    int fd() const noexcept;  // readable when the server has news

    // What has happened since: whether somebody closed it, and its new size if a user has changed it.
    struct News {
        bool closed = false;
        std::optional<Size> size;
    };
    News read();

    Size size() const noexcept { return size_; }
    void resize(Size size);
    void fix_size(bool fixed);  // whether a user can pull it larger

private:
    const X11* x_;
    void* display_ = nullptr;
    unsigned long id_ = 0;
    unsigned long delete_atom_ = 0;
    Size size_;
    bool fixed_ = true;
};

}  // namespace smartmix::vst3
