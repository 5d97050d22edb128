#include "kernels/fft.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#define SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#define SMARTMIX_KERNEL_MULTIPLY_SUBTRACT(a, b, c) ((c) - (a) * (b))
#include "kernels/fft.inl"
