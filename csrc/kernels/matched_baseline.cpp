#include "kernels/matched.hpp"

#define SMARTMIX_KERNEL_ISA baseline
#define SMARTMIX_KERNEL_BYTES 16
#define SMARTMIX_KERNEL_SQUARE_ROOT(x) (Doubles{__builtin_sqrt((x)[0]), __builtin_sqrt((x)[1])})
#include "kernels/matched.inl"
