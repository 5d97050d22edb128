#include <cstdint>

#include "kernels/peak_scan.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#ifdef __SSE2__
#include <emmintrin.h>
#define SMARTMIX_KERNEL_SIGNS_OF(v) _mm_movemask_ps(v)
#endif
#include "kernels/peak_scan.inl"
