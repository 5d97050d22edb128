#include "kernels/lane_fft.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#include "kernels/lane_fft.inl"
