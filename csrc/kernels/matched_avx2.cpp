#include "kernels/dispatch.hpp"
#include "kernels/matched.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine.
#if SMARTMIX_BUILDS_AVX2
#include <immintrin.h>
#pragma GCC target("avx2")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#define SMARTMIX_KERNEL_SQUARE_ROOT(x) _mm256_sqrt_pd(x)
#include "kernels/matched.inl"
#endif
