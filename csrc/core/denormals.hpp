#pragma once
#include <cstdint>

#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace smartmix {

// How a thread treats what is not a normal number: a thread that helps another has to do as that one does.
class FloatMode {
public:
    static FloatMode of_this_thread() noexcept {
        FloatMode mode;
#if defined(__SSE__) || defined(_M_X64)
        mode.bits_ = _mm_getcsr();
#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))
        asm volatile("mrs %0, fpcr" : "=r"(mode.bits_));
#endif
        return mode;
    }
    void apply() const noexcept {
#if defined(__SSE__) || defined(_M_X64)
        _mm_setcsr(static_cast<unsigned>(bits_));
#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))
        asm volatile("msr fpcr, %0" : : "r"(bits_));
#endif
    }

private:
    std::uint64_t bits_ = 0;
};

// Gives the thread its mode back at the end: libraries built with -ffast-math change it when they are loaded.
class KeepFloatMode {
public:
    KeepFloatMode() noexcept : kept_(FloatMode::of_this_thread()) {}
    ~KeepFloatMode() { kept_.apply(); }
    KeepFloatMode(const KeepFloatMode&) = delete;
    KeepFloatMode& operator=(const KeepFloatMode&) = delete;

private:
    FloatMode kept_;
};

// While it lives, numbers too small for a normal float are taken as zero on this thread (decaying filters would
// otherwise run many times slower on some CPUs). The caller's floating point mode comes back afterwards.
class DenormalGuard {
public:
#if defined(__SSE__) || defined(_M_X64)
    DenormalGuard() noexcept : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | flush_to_zero | denormals_are_zero); }
    ~DenormalGuard() { _mm_setcsr(saved_); }

private:
    static constexpr unsigned flush_to_zero = 0x8000;
    static constexpr unsigned denormals_are_zero = 0x0040;
    unsigned saved_;
#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))
    DenormalGuard() noexcept {
        asm volatile("mrs %0, fpcr" : "=r"(saved_));
        asm volatile("msr fpcr, %0" : : "r"(saved_ | flush_to_zero));
    }
    ~DenormalGuard() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }

private:
    static constexpr std::uint64_t flush_to_zero = std::uint64_t{1} << 24;
    std::uint64_t saved_ = 0;
#else
    DenormalGuard() noexcept {}
    ~DenormalGuard() {}

private:
#endif
    DenormalGuard(const DenormalGuard&) = delete;
    DenormalGuard& operator=(const DenormalGuard&) = delete;
};

}  // namespace smartmix
