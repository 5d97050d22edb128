#include <cstdint>

#include "kernels/limiter.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#define SMARTMIX_KERNEL_DOUBLES_OF(half) __builtin_convertvector(half, Doubles)
#define SMARTMIX_KERNEL_FLOATS_OF(wide) __builtin_convertvector(wide, Half)
#define SMARTMIX_KERNEL_TWO_OF(quad) (Two{static_cast<double>((quad)[0]), static_cast<double>((quad)[1])})
#define SMARTMIX_KERNEL_QUAD_OF(two) (Quad{static_cast<float>((two)[0]), static_cast<float>((two)[1]), 0.0F, 0.0F})
#include "kernels/limiter.inl"
