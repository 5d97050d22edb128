#include <cstdint>

#include "kernels/peak_scan.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#include "kernels/peak_scan.inl"
