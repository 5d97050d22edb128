// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up) and SMARTMIX_KERNEL_BYTES (vector width) defined. No standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef int Ints __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int vectors = ear_places / width;
static_assert(ear_places % width == 0);

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Floats least(Floats a, Floats b) { return a < b ? a : b; }
SMARTMIX_KERNEL_INLINE Floats most(Floats a, Floats b) { return a > b ? a : b; }
SMARTMIX_KERNEL_INLINE Floats all(float x) { return Floats{} + x; }

// dsp/fast_log.hpp's two functions, a vector at a time.
SMARTMIX_KERNEL_INLINE Floats log2_fast(Floats x) {
    constexpr int one = 0x3f800000, root_half = 0x3f3504f3;
    const Ints bits = reinterpret_cast<Ints>(x) + (one - root_half);
    const Floats exponent = __builtin_convertvector((bits >> 23) - 127, Floats);
    const Floats m = reinterpret_cast<Floats>((bits & 0x007fffff) + root_half);
    const Floats s = (m - 1.0F) / (m + 1.0F);
    const Floats s2 = s * s;
    return exponent + s * (2.8853901F + s2 * (0.96179669F + s2 * (0.57707802F + s2 * 0.41219858F)));
}

SMARTMIX_KERNEL_INLINE Floats exp2_fast(Floats t) {
    constexpr float to_whole = 12582912.0F;
    const Floats shifted = t + to_whole;
    const Floats f = t - (shifted - to_whole);
    const Floats scale = reinterpret_cast<Floats>((reinterpret_cast<Ints>(shifted) << 23) + 0x3f800000);
    return scale * (1.0F + f * (0.69314718F +
                                f * (0.24022651F +
                                     f * (0.055504109F + f * (0.0096181291F + f * (0.0013333558F + f * 0.00015403530F))))));
}

SMARTMIX_KERNEL_INLINE Floats power(Floats x, Floats to) { return exp2_fast(to * log2_fast(x)); }

SMARTMIX_KERNEL_INLINE Floats root(Floats x) {
    Floats out;
    for (int i = 0; i < width; ++i) out[i] = __builtin_sqrtf(x[i]);
    return out;
}

void shape(const RoexTable& table, const float* steepness, float* weights) {
    constexpr float log2_e = 1.4426950F, most_exponent = 85.0F;
    for (int c = 0; c < table.components; ++c) {
        const int row = c * ear_places;
        for (int b = 0; b < ear_places; b += width) {
            const Floats x =
                least(load(table.fixed + row + b) + load(table.moving + row + b) * steepness[c], all(most_exponent));
            store(weights + row + b, (x + 1.0F) * exp2_fast(x * -log2_e));
        }
    }
}

void excite(const float* weights, const float* powers, int components, float* out) {
    Floats sum[vectors] = {};
    for (int c = 0; c < components; ++c) {
        const float* row = weights + c * ear_places;
        const float p = powers[c];
#pragma GCC unroll 20
        for (int v = 0; v < vectors; ++v) sum[v] += load(row + v * width) * p;
    }
    for (int v = 0; v < vectors; ++v) store(out + v * width, sum[v]);
}

void cover(const CoverTable& table, const float* excitation, CoverState& state, float* covering) {
    const Floats one = all(1.0F), none = all(0.0F);
    for (int b = 0; b < ear_places; b += width) {
        const Floats e = load(excitation + b), follow = load(table.follow + b);
        const Floats mean = load(state.mean + b) + follow * (e - load(state.mean + b));
        const Floats square = load(state.square + b) + follow * (e * e - load(state.square + b));
        store(state.mean + b, mean);
        store(state.square + b, square);
        // Silence is not steady: its square over its mean's is taken as large.
        const Floats variance = (square + 1e-12F) / (mean * mean + 1e-20F) - 1.0F;
        const Floats steady = least(most(one - variance * load(table.unsteady + b), none), one);
        const Floats now = e * exp2_fast(steady * -load(table.drop + b));

        const Floats level = most(log2_fast(most(e * load(table.per_threshold + b), one)), none);
        const Floats slope = load(table.slope + b), reach = load(table.reach + b);
        const Floats age = load(state.age + b) + 1.0F;
        const Floats trace = load(state.peak + b) * most(slope * (reach - log2_fast(age - 0.5F)), none);
        const auto fresh = level * slope * (reach + 1.0F) >= trace;
        store(state.peak + b, fresh ? level : load(state.peak + b));
        store(state.age + b, fresh ? none : age);
        const Floats after = (exp2_fast(trace) - 1.0F) * load(table.after_scale + b);
        store(covering + b, most(now, after));
    }
    for (int block = 0; block < ear_places / ear_block; ++block) {
        bool plain = true;
        for (int p = block * ear_block; p < (block + 1) * ear_block; ++p) plain = plain && covering[p] == excitation[p];
        state.plain[block] = plain;
    }
}

SMARTMIX_KERNEL_INLINE Floats compressed(const EarPlaces& ear, int b, Floats excitation) {
    return power(load(ear.gain + b) * excitation + load(ear.a + b), load(ear.alpha + b));
}

// (2 Es / (Es + threshold)) ^ 1.5
SMARTMIX_KERNEL_INLINE Floats below_threshold(Floats signal, Floats threshold) {
    const Floats r = 2.0F * signal / (signal + threshold);
    return r * root(r);
}

void hear_signal(const EarPlaces& ear, const float* excitation, HeardSignal& signal) {
    for (int b = 0; b < ear_places; b += width) {
        const Floats e = load(excitation + b), threshold = load(ear.threshold + b);
        const Floats loud = (compressed(ear, b, e) - load(ear.base + b)) * ear.scale;
        store(signal.excitation + b, e);
        store(signal.shrunk + b, power(e, all(-0.3F)));
        store(signal.quiet + b, most(loud * least(below_threshold(e, threshold), all(1.0F)), Floats{}));
    }
    for (int block = 0; block < ear_places / ear_block; ++block) {
        float most_of_it = 0.0F;
        for (int p = 0; p < ear_block; ++p) most_of_it += signal.quiet[block * ear_block + p];
        signal.audible[block] = most_of_it > 0.0F;
    }
}

void hear_masker(const EarPlaces& ear, const float* excitation, HeardMasker& masker) {
    for (int b = 0; b < ear_places; b += width) {
        const Floats e = load(excitation + b);
        const Floats threshold = load(ear.k + b) * e + load(ear.threshold + b);
        store(masker.excitation + b, e);
        store(masker.threshold + b, threshold);
        store(masker.grown + b, power(threshold, all(0.3F)));
        store(masker.compressed + b, compressed(ear, b, e));
        store(masker.compressed_at_threshold + b, compressed(ear, b, e + threshold));
    }
}

void compress(const EarPlaces& ear, const float* excitation, float* out) {
    for (int b = 0; b < ear_places; b += width) store(out + b, compressed(ear, b, load(excitation + b)));
}

SMARTMIX_KERNEL_INLINE Floats both_of(const EarPlaces& ear, const HeardSignal& signal, const HeardMasker& masker, int b) {
    return compressed(ear, b, load(signal.excitation + b) + load(masker.excitation + b));
}

SMARTMIX_KERNEL_INLINE void add_left(const EarPlaces& ear, const HeardSignal& signal, const HeardMasker& masker, int b,
                                     Floats both, float* sum) {
    const Floats e = load(signal.excitation + b), threshold = load(masker.threshold + b);
    const Floats base = load(ear.base + b), in_quiet = load(ear.at_threshold + b);
    const Floats top = load(masker.compressed_at_threshold + b), noise = load(masker.compressed + b);
    const Floats ratio = load(masker.grown + b) * load(signal.shrunk + b);
    const Floats above = both - base - (top - in_quiet - base) * ratio;
    const Floats below = below_threshold(e, threshold) * in_quiet * (both - noise) / (top - noise);
    const Floats left = most((e < threshold ? below : above) * ear.scale, Floats{});
    store(sum + b, load(sum + b) + least(left, load(signal.quiet + b)));
}

void add_partial(const EarPlaces& ear, const HeardSignal& signal, const HeardMasker& masker, const bool* plain,
                 const float* both, float* sum) {
    for (int block = 0; block < ear_places / ear_block; ++block) {
        if (!signal.audible[block]) continue;
        for (int b = block * ear_block; b < (block + 1) * ear_block; b += width) {
            add_left(ear, signal, masker, b, plain[block] ? load(both + b) : both_of(ear, signal, masker, b), sum);
        }
    }
}

void add_pair(const EarPlaces& ear, const HeardSound& a, const HeardSound& b, float* sum_a, float* sum_b) {
    for (int block = 0; block < ear_places / ear_block; ++block) {
        const bool hear_a = a.signal.audible[block], hear_b = b.signal.audible[block];
        if (!hear_a && !hear_b) continue;
        const bool plain = a.plain[block] && b.plain[block];
        for (int at = block * ear_block; at < (block + 1) * ear_block; at += width) {
            const Floats both = both_of(ear, a.signal, b.masker, at);
            if (hear_a) add_left(ear, a.signal, b.masker, at, both, sum_a);
            if (hear_b) add_left(ear, b.signal, a.masker, at, plain ? both : both_of(ear, b.signal, a.masker, at), sum_b);
        }
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(isa) #isa
#define SMARTMIX_NAME(isa) SMARTMIX_NAME_OF(isa)
extern const MaskingKernels masking;
const MaskingKernels masking = {
    SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &shape, &excite, &cover, &hear_signal, &hear_masker, &compress, &add_partial, &add_pair};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
