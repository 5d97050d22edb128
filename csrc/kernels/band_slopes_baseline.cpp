#include "kernels/band_slopes.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#include "kernels/band_slopes.inl"
