#include "kernels/dispatch.hpp"
#include "kernels/sums.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine.
#if SMARTMIX_BUILDS_AVX2
#include <immintrin.h>
#pragma GCC target("avx2,fma")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#define SMARTMIX_KERNEL_DOUBLES_OF(floats) _mm256_cvtps_pd(floats)
#include "kernels/sums.inl"
#endif
