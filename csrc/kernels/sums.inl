// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up), SMARTMIX_KERNEL_BYTES (vector width) and SMARTMIX_KERNEL_DOUBLES_OF (half a vector of floats as doubles; the generic
// conversion goes a longer way with 32 bytes) defined. No standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::int32_t Ints __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));
typedef float Half __attribute__((vector_size(SMARTMIX_KERNEL_BYTES / 2)));
typedef Half HalfAnywhere __attribute__((aligned(4), may_alias));
typedef double Doubles __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Doubles DoublesAnywhere __attribute__((aligned(8), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int step = SMARTMIX_KERNEL_BYTES / 8;
constexpr int at_once = 4;  // vectors: a sum waits for the one before it, four do not

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE Doubles widened(const float* p) {
    return SMARTMIX_KERNEL_DOUBLES_OF(*reinterpret_cast<const HalfAnywhere*>(p));
}
SMARTMIX_KERNEL_INLINE Doubles load_doubles(const double* p) { return *reinterpret_cast<const DoublesAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store_doubles(double* p, Doubles v) { *reinterpret_cast<DoublesAnywhere*>(p) = v; }

// The bits of magnitudes are in the order of the magnitudes, those of infinity and of what is no number behind all.
bool finite(const float* x, int frames) {
    Ints most[at_once] = {};
    int i = 0;
    for (; i + at_once * width <= frames; i += at_once * width) {
#pragma GCC unroll 4
        for (int v = 0; v < at_once; ++v) {
            const Ints size = reinterpret_cast<Ints>(load(x + i + v * width)) & 0x7fffffff;
            most[v] = size > most[v] ? size : most[v];
        }
    }
    bool good = true;
    for (; i < frames; ++i) good = good && x[i] <= loudest_sample && x[i] >= -loudest_sample;
    const Floats loudest = Floats{} + loudest_sample;
    const Ints bound = reinterpret_cast<Ints>(loudest);
    const Ints beyond = (most[0] > bound) | (most[1] > bound) | (most[2] > bound) | (most[3] > bound);
    for (int l = 0; l < width; ++l) good = good && beyond[l] == 0;
    return good;
}

void add(double* sum, const float* const* x, const double* gains, int count, int frames) {
    int i = 0;
    for (; i + at_once * step <= frames; i += at_once * step) {
        Doubles now[at_once];
#pragma GCC unroll 4
        for (int v = 0; v < at_once; ++v) now[v] = load_doubles(sum + i + v * step);
        for (int c = 0; c < count; ++c) {
            const Doubles gain = Doubles{} + gains[c];
#pragma GCC unroll 4
            for (int v = 0; v < at_once; ++v) now[v] += widened(x[c] + i + v * step) * gain;
        }
#pragma GCC unroll 4
        for (int v = 0; v < at_once; ++v) store_doubles(sum + i + v * step, now[v]);
    }
    for (; i < frames; ++i) {
        double now = sum[i];
        for (int c = 0; c < count; ++c) now += static_cast<double>(x[c][i]) * gains[c];
        sum[i] = now;
    }
}

void add_ramp(double* sum, const float* x, const double* gains, double factor, int frames) {
    const Doubles factors = Doubles{} + factor;
    int i = 0;
    for (; i + step <= frames; i += step) {
        store_doubles(sum + i, load_doubles(sum + i) + widened(x + i) * (load_doubles(gains + i) * factors));
    }
    for (; i < frames; ++i) sum[i] += static_cast<double>(x[i]) * (gains[i] * factor);
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const SumKernels sums;
const SumKernels sums = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &finite, &add, &add_ramp};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
