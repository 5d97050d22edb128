#include <cstdint>

#include "kernels/dispatch.hpp"
#include "kernels/limiter.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine. Without fma: the bits are
// those of every other set.
#if SMARTMIX_BUILDS_AVX2
#include <immintrin.h>
#pragma GCC target("avx2")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#define SMARTMIX_KERNEL_DOUBLES_OF(half) _mm256_cvtps_pd(half)
#define SMARTMIX_KERNEL_FLOATS_OF(wide) _mm256_cvtpd_ps(wide)
#define SMARTMIX_KERNEL_TWO_OF(quad) _mm_cvtps_pd(quad)
#define SMARTMIX_KERNEL_QUAD_OF(two) _mm_cvtpd_ps(two)
#include "kernels/limiter.inl"
#endif
