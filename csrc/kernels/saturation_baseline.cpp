#include "kernels/saturation.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#include "kernels/saturation.inl"
