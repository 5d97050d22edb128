#include "kernels/sums.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#define SMARTMIX_KERNEL_DOUBLES_OF(floats) __builtin_convertvector(floats, Doubles)
#include "kernels/sums.inl"
