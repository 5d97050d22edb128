#pragma once

namespace smartmix::realtime {

#ifdef SMARTMIX_RTCHECK

inline constexpr bool check_enabled = true;

// While one of these lives, every operator new of this library on this thread counts as a violation.
class Scope {
public:
    Scope() noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
};

// Allocations seen inside a Scope since the library was loaded, on all threads.
long violations() noexcept;

#else

inline constexpr bool check_enabled = false;

class Scope {
public:
    Scope() noexcept {}
    ~Scope() {}  // user-provided, so that an unused-looking guard object draws no warning
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
};

inline long violations() noexcept { return 0; }

#endif

}  // namespace smartmix::realtime
