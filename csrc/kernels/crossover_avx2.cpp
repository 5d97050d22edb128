#include "kernels/crossover.hpp"
#include "kernels/dispatch.hpp"

// The pragma stands after the headers: what they define inline must stay runnable on any machine.
#if SMARTMIX_BUILDS_AVX2
#pragma GCC target("avx2")
#define SMARTMIX_KERNEL_ISA avx2
#define SMARTMIX_KERNEL_BYTES 32
#include "kernels/crossover.inl"
#endif
