#include "kernels/hearing.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#define SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#include "kernels/hearing.inl"
