#include "kernels/tank.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#include "kernels/tank.inl"
