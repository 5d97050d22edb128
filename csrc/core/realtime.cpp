#include "core/realtime.hpp"

#ifdef SMARTMIX_RTCHECK

#include <atomic>
#include <cstdlib>
#include <new>

namespace smartmix::realtime {
namespace {

std::atomic<long> violation_count{0};
thread_local int depth = 0;

void* allocate(std::size_t size) noexcept {
    if (depth > 0) violation_count.fetch_add(1, std::memory_order_relaxed);
    return std::malloc(size == 0 ? 1 : size);
}

void* allocate(std::size_t size, std::align_val_t align) noexcept {
    if (depth > 0) violation_count.fetch_add(1, std::memory_order_relaxed);
    const auto step = static_cast<std::size_t>(align);
    return std::aligned_alloc(step, (size + step - 1) / step * step + (size == 0 ? step : 0));
}

}  // namespace

Scope::Scope() noexcept { ++depth; }
Scope::~Scope() { --depth; }

long violations() noexcept { return violation_count.load(std::memory_order_relaxed); }

}  // namespace smartmix::realtime

// The replaceable forms; the array and nothrow forms of the standard library end in these or are replaced below.
void* operator new(std::size_t size) {
    if (void* memory = smartmix::realtime::allocate(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t align) {
    if (void* memory = smartmix::realtime::allocate(size, align)) return memory;
    throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, std::align_val_t align) { return operator new(size, align); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return smartmix::realtime::allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return smartmix::realtime::allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

#endif
