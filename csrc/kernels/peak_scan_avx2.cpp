#include <cstdint>

#include "kernels/dispatch.hpp"
#include "kernels/peak_scan.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine.
#if SMARTMIX_BUILDS_AVX2
#pragma GCC target("avx2")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#include "kernels/peak_scan.inl"
#endif
