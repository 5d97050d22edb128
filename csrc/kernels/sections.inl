// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up), SMARTMIX_KERNEL_BYTES (vector width), SMARTMIX_KERNEL_MULTIPLY_ADD (a b + c, rounded once or twice) and its
// brothers _SUBTRACT (c - a b) and _LESS (a b - c) defined. No standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::int32_t Ints __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Ints IntsAnywhere __attribute__((aligned(4), may_alias));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));
typedef float Four __attribute__((vector_size(16)));
typedef Four FourAnywhere __attribute__((aligned(4), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int parts = section_lanes / width;  // vectors to a frame of eight lanes
SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Ints load_mask(const std::int32_t* p) { return *reinterpret_cast<const IntsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE Four load4(const float* p) { return *reinterpret_cast<const FourAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store4(float* p, Four v) { *reinterpret_cast<FourAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Floats muladd(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c); }
SMARTMIX_KERNEL_INLINE Floats mulsub(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_SUBTRACT(a, b, c); }
SMARTMIX_KERNEL_INLINE Floats mulless(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_LESS(a, b, c); }

// What a sample needs; twice_a2 = 2 g / (1 + g gk). An integrator takes increments instead of a new value near the old
// one, so that coefficients which are tiny at low frequencies keep their relative precision.
struct Coefficients {
    Floats g, gk, twice_a2, m0, half_m1, half_m2;
};

SMARTMIX_KERNEL_INLINE Coefficients prepared(const Floats* at) {
    const Floats g = at[LaneSection::g];
    const Floats gk = at[LaneSection::gk];
    return {g, gk, (g + g) / muladd(g, gk, Floats{} + 1.0F), at[LaneSection::m0], at[LaneSection::half_m1],
            at[LaneSection::half_m2]};
}

// Where the coefficients of a set of sections come from; the bits do not depend on it.
enum class Way { still, moving };

// W. Kahan, "Further remarks on reducing truncation errors" (1965): an integrator of a 20 Hz filter at 192 kHz adds
// thousands of small steps per period; what a step's rounding owes is paid with the next one. Lanes whose section is fast
// enough to do without owe nothing (`mask` is zero there), and get the bits they get where nobody owes.
struct Memory {
    Floats s1, c1, s2, c2;
};
enum class Owing { none, some, all };

// sum + by step.
template <Owing Who>
SMARTMIX_KERNEL_INLINE Floats integrated(Floats sum, Floats by, Floats step, Floats& owed, [[maybe_unused]] Ints mask) {
    const Floats d = Who == Owing::none ? by * step : mulless(by, step, owed);  // by step - owed
    const Floats next = sum + d;
    if constexpr (Who == Owing::all) owed = (next - sum) - d;
    if constexpr (Who == Owing::some) owed = reinterpret_cast<Floats>(reinterpret_cast<Ints>((next - sum) - d) & mask);
    return next;
}

// v1 = s1 + a2 t and v2 = s2 + g v1 are the outputs; an integrator goes as far beyond its output as it was before it.
template <Owing Who>
SMARTMIX_KERNEL_INLINE Floats tick(const Coefficients& p, Memory& m, Floats x, Ints mask) {
    const Floats t = mulsub(p.gk, m.s1, x) - m.s2;
    const Floats twice_v1 = muladd(p.twice_a2, t, m.s1 + m.s1);  // not from the new s1: that would be waiting for it
    const Floats next2 = integrated<Who>(m.s2, p.g, twice_v1, m.c2, mask);
    const Floats twice_v2 = m.s2 + next2;
    m.s1 = integrated<Who>(m.s1, p.twice_a2, t, m.c1, mask);
    m.s2 = next2;
    return muladd(p.half_m2, twice_v2, muladd(p.half_m1, twice_v1, p.m0 * x));
}

// Where the coefficients of a section come from: a straight way, known at frame j of it from j alone.
template <Way>
struct Source {
    Coefficients still;
    SMARTMIX_KERNEL_INLINE const Coefficients& at(Floats) const { return still; }  // a copy would go through memory
    Source() = default;
    Source(const Floats* from, const Floats*) : still(prepared(from)) {}
};

template <>
struct Source<Way::moving> {
    Floats from[LaneSection::coefficients];
    Floats step[LaneSection::coefficients];
    Source() = default;
    Source(const Floats* from_, const Floats* step_) {
        for (int i = 0; i < LaneSection::coefficients; ++i) from[i] = from_[i], step[i] = step_[i];
    }
    SMARTMIX_KERNEL_INLINE Coefficients at(Floats j) const {
        Floats now[LaneSection::coefficients];
        for (int i = 0; i < LaneSection::coefficients; ++i) now[i] = muladd(step[i], j, from[i]);
        return prepared(now);
    }
};

#include "kernels/sections_lanes.inl"
#include "kernels/sections_stream.inl"
#include "kernels/sections_shared.inl"
#include "kernels/sections_copies.inl"

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const SectionKernels sections;
const SectionKernels sections = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &lanes, &stream, &shared, &to_lanes, &from_lanes};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
