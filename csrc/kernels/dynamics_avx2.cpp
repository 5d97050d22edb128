#include <cstdint>

#include "kernels/dispatch.hpp"
#include "kernels/dynamics.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine.
#if SMARTMIX_BUILDS_AVX2
#include <immintrin.h>
#pragma GCC target("avx2,fma")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#define SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SMARTMIX_KERNEL_MULTIPLY_ADD_DOUBLES(a, b, c) _mm256_fmadd_pd(a, b, c)
#define SMARTMIX_KERNEL_MAX_DOUBLES(a, b) _mm256_max_pd(a, b)
#define SMARTMIX_KERNEL_MIN_DOUBLES(a, b) _mm256_min_pd(a, b)
#define SMARTMIX_KERNEL_DOUBLES_OF(four) _mm256_cvtps_pd(four)
#include "kernels/dynamics.inl"
#endif
