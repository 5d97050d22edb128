#include <cstdint>

#include "kernels/dynamics.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#define SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#define SMARTMIX_KERNEL_MULTIPLY_ADD_DOUBLES(a, b, c) ((a) * (b) + (c))
#if defined(__SSE2__)
#include <emmintrin.h>
#define SMARTMIX_KERNEL_MAX_DOUBLES(a, b) _mm_max_pd(a, b)
#define SMARTMIX_KERNEL_MIN_DOUBLES(a, b) _mm_min_pd(a, b)
#else
#define SMARTMIX_KERNEL_MAX_DOUBLES(a, b) ((a) > (b) ? (a) : (b))
#define SMARTMIX_KERNEL_MIN_DOUBLES(a, b) ((a) < (b) ? (a) : (b))
#endif
#include "kernels/dynamics.inl"
