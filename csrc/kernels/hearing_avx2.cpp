#include "kernels/dispatch.hpp"
#include "kernels/hearing.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine.
#if SMARTMIX_BUILDS_AVX2
#include <immintrin.h>
#pragma GCC target("avx2,fma")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#define SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c) _mm256_fmadd_pd(a, b, c)
#include "kernels/hearing.inl"
#endif
