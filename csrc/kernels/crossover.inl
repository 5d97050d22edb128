// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up) and SMARTMIX_KERNEL_BYTES (vector width) defined. No standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Four __attribute__((vector_size(16)));
typedef Four FourAnywhere __attribute__((aligned(4), may_alias));

constexpr float butterworth_k = 1.41421356F;
constexpr int stages = 5;  // sections one behind the other
constexpr int frames_at_once = 8;

// Four lanes and four more, in one vector where there is one: the compiler's own halves of a wider vector are slow.
#if SMARTMIX_KERNEL_BYTES == 32
typedef float Eight __attribute__((vector_size(32)));
SMARTMIX_KERNEL_INLINE Eight joined(Four low, Four high) {
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}
SMARTMIX_KERNEL_INLINE Four lower(Eight x) { return __builtin_shufflevector(x, x, 0, 1, 2, 3); }
SMARTMIX_KERNEL_INLINE Four upper(Eight x) { return __builtin_shufflevector(x, x, 4, 5, 6, 7); }
SMARTMIX_KERNEL_INLINE Eight set(Eight*, float x) { return Eight{} + x; }
#else
struct Eight {
    Four low, high;
};
SMARTMIX_KERNEL_INLINE Eight joined(Four low, Four high) { return {low, high}; }
SMARTMIX_KERNEL_INLINE Four lower(const Eight& x) { return x.low; }
SMARTMIX_KERNEL_INLINE Four upper(const Eight& x) { return x.high; }
SMARTMIX_KERNEL_INLINE Eight operator+(const Eight& a, const Eight& b) { return {a.low + b.low, a.high + b.high}; }
SMARTMIX_KERNEL_INLINE Eight operator-(const Eight& a, const Eight& b) { return {a.low - b.low, a.high - b.high}; }
SMARTMIX_KERNEL_INLINE Eight operator*(const Eight& a, const Eight& b) { return {a.low * b.low, a.high * b.high}; }
SMARTMIX_KERNEL_INLINE Eight operator/(const Eight& a, const Eight& b) { return {a.low / b.low, a.high / b.high}; }
SMARTMIX_KERNEL_INLINE Eight set(Eight*, float x) { return {Four{} + x, Four{} + x}; }
#endif
SMARTMIX_KERNEL_INLINE Four set(Four*, float x) { return Four{} + x; }
SMARTMIX_KERNEL_INLINE Eight all(float low, float high) { return joined(Four{} + low, Four{} + high); }

template <class V>
struct Memory {
    V s1, c1, s2, c2;
};

// dsp::svf_tick, in its arithmetic; passes are low in the first two lanes of four and high in the others.
template <class V>
struct Filter {
    V g, gk, a2;
    SMARTMIX_KERNEL_INLINE explicit Filter(const V& at)
        : g(at), gk(at + set(&g, butterworth_k)), a2(at / (set(&g, 1.0F) + at * gk)) {}
};

template <class V>
SMARTMIX_KERNEL_INLINE void add_exactly(V& sum, V& owed, const V& step) {
    owed = owed + step;
    const V next = sum + owed;
    owed = owed - (next - sum);
    sum = next;
}

template <class V>
SMARTMIX_KERNEL_INLINE V tick(const V& x, const Filter<V>& f, Memory<V>& at, const V& m0, const V& m1, const V& m2) {
    const V t = (x - at.s2) - f.gk * at.s1;
    const V d1 = f.a2 * t;
    const V v1 = at.s1 + d1;
    const V d2 = f.g * v1;
    const V v2 = at.s2 + d2;
    add_exactly(at.s1, at.c1, d1 + d1);
    add_exactly(at.s2, at.c2, d2 + d2);
    return (m0 * x + m1 * v1) + m2 * v2;
}

SMARTMIX_KERNEL_INLINE Eight pass(const Eight& x, const Filter<Eight>& f, Memory<Eight>& at) {
    constexpr float k = butterworth_k;
    const Four m0 = {0.0F, 0.0F, 1.0F, 1.0F}, m1 = {0.0F, 0.0F, -k, -k}, m2 = {1.0F, 1.0F, -1.0F, -1.0F};
    return tick(x, f, at, joined(m0, m0), joined(m1, m1), joined(m2, m2));
}
SMARTMIX_KERNEL_INLINE Four turn(Four x, const Filter<Four>& f, Memory<Four>& at) {
    return tick(x, f, at, Four{} + 1.0F, Four{} - 2.0F * butterworth_k, Four{});
}

SMARTMIX_KERNEL_INLINE Four load4(const float* p) { return *reinterpret_cast<const FourAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store4(float* p, Four v) { *reinterpret_cast<FourAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Memory<Four> load(const CrossoverSection& s) {
    return {load4(s.s1), load4(s.c1), load4(s.s2), load4(s.c2)};
}
SMARTMIX_KERNEL_INLINE void store(CrossoverSection& s, const Memory<Four>& m) {
    store4(s.s1, m.s1), store4(s.c1, m.c1), store4(s.s2, m.s2), store4(s.c2, m.c2);
}
SMARTMIX_KERNEL_INLINE Memory<Eight> load(const CrossoverSection& low, const CrossoverSection& high) {
    const Memory<Four> a = load(low), b = load(high);
    return {joined(a.s1, b.s1), joined(a.c1, b.c1), joined(a.s2, b.s2), joined(a.c2, b.c2)};
}
SMARTMIX_KERNEL_INLINE void store(CrossoverSection& low, CrossoverSection& high, const Memory<Eight>& m) {
    store(low, {lower(m.s1), lower(m.c1), lower(m.s2), lower(m.c2)});
    store(high, {upper(m.s1), upper(m.c1), upper(m.s2), upper(m.c2)});
}
SMARTMIX_KERNEL_INLINE void keep_lower(Memory<Eight>& now, const Memory<Eight>& old) {
    now = {joined(lower(old.s1), upper(now.s1)), joined(lower(old.c1), upper(now.c1)),
           joined(lower(old.s2), upper(now.s2)), joined(lower(old.c2), upper(now.c2))};
}
SMARTMIX_KERNEL_INLINE void keep_upper(Memory<Eight>& now, const Memory<Eight>& old) {
    now = {joined(lower(now.s1), upper(old.s1)), joined(lower(now.c1), upper(old.c1)),
           joined(lower(now.s2), upper(old.s2)), joined(lower(now.c2), upper(old.c2))};
}

// In one frame every section waits for the one before it. Here each is a frame behind the one before it, so none waits:
// in step n frame n is in the first section, n - 1 in the second ... The lanes of one vector are sections in the same step.
struct Tree {
    Filter<Eight> middle, outer;
    Filter<Four> turning;
    Memory<Eight> cut, first, second;  // the middle one and the one behind it; low and high
    Memory<Four> turned_in;
    Eight halves{}, once{}, bands{};
    Four turned{};

    SMARTMIX_KERNEL_INLINE Tree(const CrossoverTree& tree, const CrossoverSection* s)
        : middle(all(tree.middle, tree.middle)), outer(all(tree.low, tree.high)),
          turning(Four{tree.high, tree.high, tree.low, tree.low}), cut(load(s[0], s[1])), first(load(s[5], s[3])),
          second(load(s[6], s[4])), turned_in(load(s[2])) {}
    SMARTMIX_KERNEL_INLINE void give_back(CrossoverSection* s) const {
        store(s[0], s[1], cut), store(s[5], s[3], first), store(s[6], s[4], second), store(s[2], turned_in);
    }

    // Frame n is `left`, `right`; afterwards `bands` is frame n - 4. Latest section first: each takes what the step before left.
    SMARTMIX_KERNEL_INLINE void step(float left, float right) {
        bands = pass(once, outer, second);
        const Four low = __builtin_shufflevector(turned, turned, 0, 1, 0, 1);
        const Four high = __builtin_shufflevector(turned, turned, 2, 3, 2, 3);
        once = pass(joined(low, high), outer, first);
        turned = turn(upper(halves), turning, turned_in);
        halves = pass(joined(Four{left, right, left, right}, lower(halves)), middle, cut);
    }

    // A step in which only stages `from` to `to` hold a frame: the others keep their memory.
    void step_partly(float left, float right, int from, int to) {
        const Memory<Eight> cut_was = cut, first_was = first, second_was = second;
        const Memory<Four> turned_was = turned_in;
        step(left, right);
        if (from > 0) keep_lower(cut, cut_was);
        if (from > 1 || to < 1) keep_upper(cut, cut_was);
        if (from > 2 || to < 2) turned_in = turned_was;
        if (from > 3 || to < 3) first = first_was;
        if (to < 4) second = second_was;
    }
};

void put(const float* eights, int first, int frames, float* const* out) {
    for (int row = 0; row < 8; ++row) {
        for (int i = 0; i < frames; ++i) out[row][first + i] = eights[8 * i + row];
    }
}

void split(const CrossoverTree& tree, CrossoverSection* sections, const float* left, const float* right, int frames,
           float* const* out) {
    constexpr int late = stages - 1;
    Tree now(tree, sections);
    const auto partly = [&](int n) {
        const bool in = n < frames;
        now.step_partly(in ? left[n] : 0.0F, in ? right[n] : 0.0F, in ? 0 : n - frames + 1, n < late ? n : late);
    };
    alignas(32) float eights[8 * frames_at_once];
    int held = 0, given = 0;
    const auto hold = [&] {
        store4(eights + 8 * held, lower(now.bands));
        store4(eights + 8 * held + 4, upper(now.bands));
        if (++held < frames_at_once) return;
        put(eights, given, frames_at_once, out);
        given += held;
        held = 0;
    };
    int n = 0;
    for (; n < late; ++n) partly(n);
    for (; n < frames; ++n) {
        now.step(left[n], right[n]);
        hold();
    }
    for (; n < frames + late; ++n) {
        partly(n);
        hold();
    }
    put(eights, given, held, out);
    now.give_back(sections);
}

}  // namespace

#define SMARTMIX_NAME_OF(isa) #isa
#define SMARTMIX_NAME(isa) SMARTMIX_NAME_OF(isa)
extern const CrossoverKernels crossover;
const CrossoverKernels crossover = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &split};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
