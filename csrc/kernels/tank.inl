// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up) and SMARTMIX_KERNEL_BYTES (vector width) defined. No standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));
typedef float Four __attribute__((vector_size(16)));
typedef Four FourAnywhere __attribute__((aligned(4), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int parts = tank_lines / width;  // vectors to a frame of all lines
constexpr float butterworth_k = 1.41421356F;

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Four load4(const float* p) { return *reinterpret_cast<const FourAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store4(float* p, Four v) { *reinterpret_cast<FourAnywhere*>(p) = v; }

// Four by four samples, rows to columns, `to` apart.
SMARTMIX_KERNEL_INLINE void turn(Four a, Four b, Four c, Four d, float* out, int to) {
    const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const Four ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    store4(out, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
    store4(out + to, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
    store4(out + 2 * to, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
    store4(out + 3 * to, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
}

// A low or high pass at one frame, from its g: dsp/svf_design.hpp's section with every value of a frame worked out from the
// state alone, so that one frame soon follows another. The integrators take increments: small g keep their precision.
template <class V>
struct Pass {
    V twice_a2, damped, fast;
    Pass() = default;
    SMARTMIX_KERNEL_INLINE explicit Pass(V g) {
        const V gk = g + butterworth_k;
        twice_a2 = (g + g) / (V{} + 1.0F + g * gk);
        damped = twice_a2 * gk;
        fast = twice_a2 * g;
    }
};

// One sample; v1 is the band pass, v2 the low pass.
template <class V>
SMARTMIX_KERNEL_INLINE void tick(const Pass<V>& p, V x, V& s1, V& s2, V& v1, V& v2) {
    const V e = x - s2;
    const V d1 = p.twice_a2 * e - p.damped * s1;
    const V d2 = p.twice_a2 * s1 + p.fast * e;
    v1 = s1 + 0.5F * d1;
    v2 = s2 + 0.5F * d2;
    s1 = s1 + d1;
    s2 = s2 + d2;
}

// All lines, frame by frame: the filters of a frame do not wait for one another.
template <bool Moving>
void damp_frames(TankDamping& damping, int done, float (*x)[tank_lines], int frames) {
    Floats s1[parts], s2[parts], gain[parts], gain_step[parts], g[parts], g_step[parts];
    Pass<Floats> pass[parts];
    for (int v = 0; v < parts; ++v) {
        const int l = v * width;
        s1[v] = load(damping.s1 + l), s2[v] = load(damping.s2 + l);
        gain[v] = load(damping.gain.from + l), gain_step[v] = load(damping.gain.step + l);
        g[v] = load(damping.g.from + l), g_step[v] = load(damping.g.step + l);
        pass[v] = Pass<Floats>(g[v]);
    }
    for (int i = 0; i < frames; ++i) {
        const float j = static_cast<float>(done + i);
#pragma GCC unroll 4
        for (int v = 0; v < parts; ++v) {
            float* here = x[i] + v * width;
            Floats v1, v2;
            if constexpr (Moving) pass[v] = Pass<Floats>(g[v] + g_step[v] * j);
            tick(pass[v], load(here), s1[v], s2[v], v1, v2);
            store(here, v2 * (Moving ? gain[v] + gain_step[v] * j : gain[v]));
        }
    }
    for (int v = 0; v < parts; ++v) store(damping.s1 + v * width, s1[v]), store(damping.s2 + v * width, s2[v]);
}

void damp(TankDamping& damping, bool moving, int done, const float* const* lines, TankTile& out, int frames) {
    alignas(32) float x[tank_tile][tank_lines];
    for (int l = 0; l < tank_lines; l += 4) {
        const float *a = lines[l], *b = lines[l + 1], *c = lines[l + 2], *d = lines[l + 3];
        for (int i = 0; i < frames; i += 4) turn(load4(a + i), load4(b + i), load4(c + i), load4(d + i), &x[i][l], tank_lines);
    }
    if (moving) {
        damp_frames<true>(damping, done, x, frames);
    } else {
        damp_frames<false>(damping, done, x, frames);
    }
    for (int l = 0; l < tank_lines; l += 4) {
        for (int i = 0; i < frames; i += 4) {
            turn(load4(&x[i][l]), load4(&x[i + 1][l]), load4(&x[i + 2][l]), load4(&x[i + 3][l]), &out.line[l][i], tank_tile);
        }
    }
}

// Sums and differences of lines that lie `Apart` from each other, in place.
template <int Apart>
SMARTMIX_KERNEL_INLINE void butterfly(Floats* x) {
#pragma GCC unroll 16
    for (int l = 0; l < tank_lines; ++l) {
        if ((l & Apart) != 0) continue;
        const Floats a = x[l], b = x[l + Apart];
        x[l] = a + b;
        x[l + Apart] = a - b;
    }
}

void mix(const float* const* lines, const float* factors, TankTile& out, int frames) {
    for (int i = 0; i < frames; i += width) {
        Floats x[tank_lines];
#pragma GCC unroll 16
        for (int l = 0; l < tank_lines; ++l) x[l] = load(lines[l] + i) * (0.25F * factors[l]);  // 1 / sqrt(16 lines)
        butterfly<1>(x), butterfly<2>(x), butterfly<4>(x), butterfly<8>(x);
#pragma GCC unroll 16
        for (int l = 0; l < tank_lines; ++l) store(&out.line[l][i], x[l]);
    }
}

void sum(const float* const* taps, const float* factors, int count, float* out, int frames) {
    constexpr int strands = 4;
    for (int i = 0; i < frames; i += strands * width) {
        Floats total[strands] = {};
        for (int t = 0; t < count; ++t) {
#pragma GCC unroll 4
            for (int s = 0; s < strands; ++s) total[s] += load(taps[t] + i + s * width) * factors[t];
        }
        for (int s = 0; s < strands; ++s) store(out + i + s * width, total[s]);
    }
}

template <bool Moving>
void run_cut(CutFilters& filters, int done, float* left, float* right, int frames) {
    const Four g = load4(filters.g.from), g_step = load4(filters.g.step);
    const Four m0 = {1.0F, 1.0F, 0.0F, 0.0F};
    const Four m1 = {-butterworth_k, -butterworth_k, 0.0F, 0.0F};
    const Four m2 = {-1.0F, -1.0F, 1.0F, 1.0F};
    Four s1 = load4(filters.s1), s2 = load4(filters.s2), out = load4(filters.out), older = load4(filters.older);
    Pass<Four> pass(g);
    for (int i = 0; i < frames; ++i) {
        if constexpr (Moving) pass = Pass<Four>(g + g_step * static_cast<float>(done + i));
        const Four fresh = {left[i], right[i], 0.0F, 0.0F};
        const Four in = __builtin_shufflevector(fresh, older, 0, 1, 4, 5);
        Four v1, v2;
        tick(pass, in, s1, s2, v1, v2);
        older = out;
        out = m0 * in + (m1 * v1 + m2 * v2);
        left[i] = out[2];
        right[i] = out[3];
    }
    store4(filters.s1, s1), store4(filters.s2, s2), store4(filters.out, out), store4(filters.older, older);
}

void cut(CutFilters& filters, bool moving, int done, float* left, float* right, int frames) {
    if (moving) {
        run_cut<true>(filters, done, left, right, frames);
    } else {
        run_cut<false>(filters, done, left, right, frames);
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(isa) #isa
#define SMARTMIX_NAME(isa) SMARTMIX_NAME_OF(isa)
extern const TankKernels tank;
const TankKernels tank = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &damp, &mix, &sum, &cut};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
