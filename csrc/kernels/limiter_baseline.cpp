#include <cstdint>

#include "kernels/limiter.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#define SMARTMIX_KERNEL_DOUBLES_OF(half) __builtin_convertvector(half, Doubles)
#define SMARTMIX_KERNEL_FLOATS_OF(wide) __builtin_convertvector(wide, Half)
#include "kernels/limiter.inl"
