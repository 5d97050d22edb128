#include <cstdint>

#include "kernels/dispatch.hpp"
#include "kernels/peak_scan.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine.
#if SMARTMIX_BUILDS_AVX2
#include <immintrin.h>
#pragma GCC target("avx2")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#define SMARTMIX_KERNEL_SIGNS_OF(v) _mm256_movemask_ps(v)
#include "kernels/peak_scan.inl"
#endif
