// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up), SMARTMIX_KERNEL_BYTES (vector width) and SMARTMIX_KERNEL_MULTIPLY_ADD (a b + c, rounded once or twice) defined. No
// standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef double Doubles __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Doubles DoublesAnywhere __attribute__((aligned(8), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 8;
constexpr int filters_to_a_vector = width / 2;

SMARTMIX_KERNEL_INLINE Doubles load(const double* p) { return *reinterpret_cast<const DoublesAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(double* p, Doubles v) { *reinterpret_cast<DoublesAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Doubles muladd(Doubles a, Doubles b, Doubles c) { return SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c); }

SMARTMIX_KERNEL_INLINE Doubles both(float left, float right) {
    const auto l = static_cast<double>(left), r = static_cast<double>(right);
#if SMARTMIX_KERNEL_BYTES == 16
    return Doubles{l, r};
#else
    return Doubles{l, r, l, r};
#endif
}

SMARTMIX_KERNEL_INLINE Doubles louder_of_two(Doubles v) {
#if SMARTMIX_KERNEL_BYTES == 16
    const Doubles other = __builtin_shufflevector(v, v, 1, 0);
#else
    const Doubles other = __builtin_shufflevector(v, v, 1, 0, 3, 2);
#endif
    return v > other ? v : other;
}

// One vector of filters. What depends on the frame before comes last in every sum: an integrator waits for two products, not
// for the whole filter.
struct Ears {
    Doubles of[HearingLanes::numbers];
    Doubles s1, s2, low, power;

    SMARTMIX_KERNEL_INLINE void read(const HearingLanes& lanes, int first) {
        for (int n = 0; n < HearingLanes::numbers; ++n) of[n] = load(lanes.of[n] + first);
        s1 = load(lanes.memory[HearingLanes::s1] + first), s2 = load(lanes.memory[HearingLanes::s2] + first);
        low = load(lanes.memory[HearingLanes::low] + first), power = load(lanes.memory[HearingLanes::power] + first);
    }
    SMARTMIX_KERNEL_INLINE void write(HearingLanes& lanes, int first) const {
        store(lanes.memory[HearingLanes::s1] + first, s1), store(lanes.memory[HearingLanes::s2] + first, s2);
        store(lanes.memory[HearingLanes::low] + first, low), store(lanes.memory[HearingLanes::power] + first, power);
    }
    SMARTMIX_KERNEL_INLINE Doubles hear(Doubles x) {
        using H = HearingLanes;
        const Doubles y = muladd(of[H::y_of_s2], s2, muladd(of[H::y_of_s1], s1, of[H::y_of_x] * x));
        const Doubles next1 = muladd(of[H::s1_of_s2], s2, muladd(of[H::s1_of_s1], s1, of[H::s1_of_x] * x));
        s2 = muladd(of[H::s2_of_s2], s2, muladd(of[H::s2_of_s1], s1, of[H::s2_of_x] * x));
        s1 = next1;
        const Doubles late = muladd(of[H::late_of_low], low, of[H::late_of_y] * y);
        low = muladd(of[H::low_of_low], low, of[H::low_of_y] * y);
        power = muladd(of[H::keep], power, of[H::take] * muladd(late, late, y * y));
        return power;
    }
};

template <int Vectors>
void levels_of(HearingLanes& lanes, int count, const float* left, const float* right, float* const* rows, int frames) {
    Ears ears[Vectors];
    for (int v = 0; v < Vectors; ++v) ears[v].read(lanes, v * width);
    for (int i = 0; i < frames; ++i) {
        const Doubles x = both(left[i], right[i]);
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) {
            const Doubles louder = louder_of_two(ears[v].hear(x));
#pragma GCC unroll 2
            for (int f = 0; f < filters_to_a_vector; ++f) {
                const int filter = v * filters_to_a_vector + f;
                if (filter >= count) break;
                const auto level = static_cast<float>(louder[2 * f]);
                rows[filter][i] = level > rows[filter][i] ? level : rows[filter][i];
            }
        }
    }
    for (int v = 0; v < Vectors; ++v) ears[v].write(lanes, v * width);
}

void levels(HearingLanes& lanes, int count, const float* left, const float* right, float* const* rows, int frames) {
    const int vectors = (count + filters_to_a_vector - 1) / filters_to_a_vector;
    if (vectors == 1) return levels_of<1>(lanes, count, left, right, rows, frames);
    if (vectors == 2) return levels_of<2>(lanes, count, left, right, rows, frames);
#if SMARTMIX_KERNEL_BYTES == 16
    if (vectors == 3) return levels_of<3>(lanes, count, left, right, rows, frames);
    if (vectors == 4) return levels_of<4>(lanes, count, left, right, rows, frames);
#endif
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const HearingKernels hearing;
const HearingKernels hearing = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &levels};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
