// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up), SMARTMIX_KERNEL_BYTES (vector width), SMARTMIX_KERNEL_MULTIPLY_ADD (a b + c, rounded once or twice) and
// SMARTMIX_KERNEL_MULTIPLY_SUBTRACT (c - a b) defined. No standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::int32_t Ints __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef double Doubles __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Doubles DoublesAnywhere __attribute__((aligned(8), may_alias));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));
typedef float Four __attribute__((vector_size(16)));
typedef Four FourAnywhere __attribute__((aligned(4), may_alias));
typedef float Half __attribute__((vector_size(SMARTMIX_KERNEL_BYTES / 2)));
typedef Half HalfAnywhere __attribute__((aligned(4), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int parts = section_lanes / width;  // vectors to a frame of eight lanes
constexpr int max_depth = parts == 1 ? 3 : 2;  // sections at work at the same time in `lanes`: what the registers hold
constexpr int max_vectors = 4;                 // ... and vectors of them in `stream`
constexpr int skew = 2;                        // how many samples a section of `stream` is behind the one before it
constexpr int stream_tile = 2048;             // frames: filling and emptying the row of sections is paid once in each

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Four load4(const float* p) { return *reinterpret_cast<const FourAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store4(float* p, Four v) { *reinterpret_cast<FourAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Floats muladd(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c); }
SMARTMIX_KERNEL_INLINE Floats mulsub(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_SUBTRACT(a, b, c); }

// What a sample needs. The integrators take increments (2 a2 t and 2 g v1) instead of a new value near the old one, so
// that coefficients which are tiny at low frequencies keep their relative precision.
struct Coefficients {
    Floats g, gk, a2, twice_g, twice_a2, both, m0, m1, m2;  // both = 2 g a2
};

SMARTMIX_KERNEL_INLINE Coefficients prepared(Floats g, Floats k, Floats m0, Floats m1, Floats m2) {
    const Floats gk = g + k;
    const Floats a2 = g / muladd(g, gk, Floats{} + 1.0F);
    const Floats twice_g = g + g;
    return {g, gk, a2, twice_g, a2 + a2, twice_g * a2, m0, m1, m2};
}

// W. Kahan, "Further remarks on reducing truncation errors" (1965): an integrator of a 20 Hz filter at 192 kHz adds
// thousands of small steps per period; what a step's rounding owes is paid with the next one.
struct Memory {
    Floats s1, c1, s2, c2;
};

SMARTMIX_KERNEL_INLINE Floats tick(const Coefficients& p, Memory& m, Floats x) {
    const Floats t = mulsub(p.gk, m.s1, x) - m.s2;
    const Floats v1 = muladd(p.a2, t, m.s1);
    const Floats v2 = muladd(p.g, v1, m.s2);
    const Floats d1 = muladd(p.twice_a2, t, m.c1);
    const Floats d2 = m.c2 + muladd(p.both, t, p.twice_g * m.s1);  // 2 g v1, without waiting for v1
    const Floats next1 = m.s1 + d1;
    const Floats next2 = m.s2 + d2;
    m.c1 = d1 - (next1 - m.s1);
    m.c2 = d2 - (next2 - m.s2);
    m.s1 = next1;
    m.s2 = next2;
    return muladd(p.m2, v2, muladd(p.m1, v1, p.m0 * x));
}

// Where the coefficients of a section come from: a straight way, known at frame j from j alone.
template <bool Moving>
struct Source {
    Coefficients still;
    SMARTMIX_KERNEL_INLINE Coefficients at(Floats) const { return still; }
    Source() = default;
    Source(const Floats* from, const Floats*) : still(prepared(from[0], from[1], from[2], from[3], from[4])) {}
};

template <>
struct Source<true> {
    Floats from[LaneSection::coefficients];
    Floats step[LaneSection::coefficients];
    Source() = default;
    Source(const Floats* from_, const Floats* step_) {
        for (int i = 0; i < LaneSection::coefficients; ++i) from[i] = from_[i], step[i] = step_[i];
    }
    SMARTMIX_KERNEL_INLINE Floats way(int i, Floats j) const { return muladd(step[i], j, from[i]); }
    SMARTMIX_KERNEL_INLINE Coefficients at(Floats j) const { return prepared(way(0, j), way(1, j), way(2, j), way(3, j), way(4, j)); }
};

// One section of all eight lanes.
template <bool Moving>
struct Row {
    Source<Moving> source[parts];
    Memory memory[parts];
    Floats done[parts];
    Floats out[parts] = {};  // of the frame before

    SMARTMIX_KERNEL_INLINE void read(const LaneSection& section) {
        for (int v = 0; v < parts; ++v) {
            const auto at = [&](const LaneSection::Lanes& lanes) { return load(lanes.lane + v * width); };
            Floats from[LaneSection::coefficients];
            Floats step[LaneSection::coefficients];
            for (int i = 0; i < LaneSection::coefficients; ++i) {
                from[i] = at(section.from.of[i]), step[i] = at(section.step[i]);
            }
            source[v] = Source<Moving>(from, step);
            done[v] = at(section.done);
            memory[v] = {at(section.memory[0]), at(section.memory[1]), at(section.memory[2]), at(section.memory[3])};
        }
    }
    SMARTMIX_KERNEL_INLINE void write(LaneSection& section, int frames) const {
        for (int v = 0; v < parts; ++v) {
            const auto put = [&](LaneSection::Lanes& lanes, Floats x) { store(lanes.lane + v * width, x); };
            put(section.memory[0], memory[v].s1), put(section.memory[1], memory[v].c1);
            put(section.memory[2], memory[v].s2), put(section.memory[3], memory[v].c2);
            put(section.done, done[v] + static_cast<float>(frames));
        }
    }
};

// Step `step` of section D - 1 and, after it, of those before: each takes what the one before it put out in the step
// before. With `Edge`, sections whose frame lies outside the block rest. Recursion, not a loop: the compiler sees
// constant indices at once and keeps the memory in registers.
template <int D, int Depth, bool Edge, bool Moving>
SMARTMIX_KERNEL_INLINE void step_rows(Row<Moving>* row, float* x, int step, int frames) {
    if constexpr (D > 0) {
        constexpr int d = D - 1;
        const int n = step - d;
        if (!Edge || (n >= 0 && n < frames)) {
            float* here = x + n * section_lanes;
#pragma GCC unroll 2
            for (int v = 0; v < parts; ++v) {
                const Floats in = d == 0 ? load(here + v * width) : row[d > 0 ? d - 1 : 0].out[v];
                const Floats j = row[d].done[v] + static_cast<float>(n);
                row[d].out[v] = tick(row[d].source[v].at(j), row[d].memory[v], in);
                if (D == Depth) store(here + v * width, row[d].out[v]);
            }
        }
        step_rows<D - 1, Depth, Edge>(row, x, step, frames);
    }
}

// `Depth` sections in series, each one sample behind the one before it, so that none waits for another.
template <int Depth, bool Moving>
void run_rows(const SectionRun* sections, float* x, int frames) {
    Row<Moving> row[Depth];
    for (int d = 0; d < Depth; ++d) row[d].read(*sections[d].section);
    int step = 0;
    for (; step < Depth - 1; ++step) step_rows<Depth, Depth, true>(row, x, step, frames);
    for (; step < frames; ++step) step_rows<Depth, Depth, false>(row, x, step, frames);
    for (; step < frames + Depth - 1; ++step) step_rows<Depth, Depth, true>(row, x, step, frames);
    for (int d = 0; d < Depth; ++d) row[d].write(*sections[d].section, frames);
}

template <bool Moving>
void run_some_rows(int depth, const SectionRun* sections, float* x, int frames) {
    if (depth == 1) run_rows<1, Moving>(sections, x, frames);
    if (depth == 2) run_rows<2, Moving>(sections, x, frames);
    if constexpr (max_depth > 2) {
        if (depth == 3) run_rows<3, Moving>(sections, x, frames);
    }
}

void lanes(const SectionRun* sections, int count, float* x, int frames) {
    if (frames <= 0) return;
    while (count > 0) {
        int depth = 1;
        while (depth < count && depth < max_depth && sections[depth].moving == sections[0].moving) ++depth;
        if (sections[0].moving) {
            run_some_rows<true>(depth, sections, x, frames);
        } else {
            run_some_rows<false>(depth, sections, x, frames);
        }
        sections += depth;
        count -= depth;
    }
}

// A vector of sections of one stream: vector p of P holds the sections p, p + P, p + 2 P ..., each in Channels lanes.
template <bool Moving>
struct Chain {
    Source<Moving> source;
    Memory memory;
    Floats j;      // where on its way the next sample of each lane is
    Ints sample;   // which one that is; lanes before the first and after the last sample must not touch their memory
    Floats out;    // of the step before
    Floats older;  // ... and the one before that
};

template <int Channels>
SMARTMIX_KERNEL_INLINE Floats entering(Floats out, Floats fresh) {
#if SMARTMIX_KERNEL_BYTES == 16
    if constexpr (Channels == 1) return __builtin_shufflevector(out, fresh, 4, 0, 1, 2);
    return __builtin_shufflevector(out, fresh, 4, 5, 0, 1);
#else
    if constexpr (Channels == 1) return __builtin_shufflevector(out, fresh, 8, 0, 1, 2, 3, 4, 5, 6);
    return __builtin_shufflevector(out, fresh, 8, 9, 0, 1, 2, 3, 4, 5);
#endif
}

template <int Channels>
SMARTMIX_KERNEL_INLINE Floats fresh_sample(const float* x) {
    Floats fresh = {};
    for (int c = 0; c < Channels; ++c) fresh[c] = x[c];
    return fresh;
}

template <int Channels, int P, bool Moving>
SMARTMIX_KERNEL_INLINE Floats step_chains(Chain<Moving>* chain, Floats fresh) {
    Floats in[P];
    in[0] = entering<Channels>(chain[P - 1].older, fresh);
    for (int p = 1; p < P; ++p) in[p] = chain[p - 1].older;
#pragma GCC unroll 4
    for (int p = 0; p < P; ++p) {
        Chain<Moving>& at = chain[p];
        at.older = at.out;
        at.out = tick(at.source.at(at.j), at.memory, in[p]);
        if constexpr (Moving) at.j += 1.0F;
    }
    return chain[P - 1].out;
}

template <int Channels, bool Moving>
void gather(Chain<Moving>& chain, const SectionRun* sections, int count, int lane, int p, int vectors) {
    const LaneSection::From none;
    float from[LaneSection::coefficients][width];
    float step[LaneSection::coefficients][width];
    float memory[LaneSection::memories][width];
    float j[width];
    for (int l = 0; l < width; ++l) {
        const int at = l / Channels * vectors + p;
        const LaneSection* section = at < count ? sections[at].section : nullptr;
        const int of = section != nullptr ? lane + l % Channels : 0;
        for (int i = 0; i < LaneSection::coefficients; ++i) {
            from[i][l] = section != nullptr ? section->from.of[i].lane[of] : none.of[i].lane[of];
            step[i][l] = section != nullptr ? section->step[i].lane[of] : 0.0F;
        }
        for (int i = 0; i < LaneSection::memories; ++i) {
            memory[i][l] = section != nullptr ? section->memory[i].lane[of] : 0.0F;
        }
        j[l] = section != nullptr ? section->done.lane[of] - static_cast<float>(skew * at) : 0.0F;
        chain.sample[l] = -skew * at;
    }
    Floats start[LaneSection::coefficients];
    Floats way[LaneSection::coefficients];
    for (int i = 0; i < LaneSection::coefficients; ++i) start[i] = load(from[i]), way[i] = load(step[i]);
    chain.source = Source<Moving>(start, way);
    chain.memory = {load(memory[0]), load(memory[1]), load(memory[2]), load(memory[3])};
    chain.j = load(j);
    chain.out = chain.older = Floats{};
}

template <int Channels, bool Moving>
void scatter(const Chain<Moving>& chain, const SectionRun* sections, int count, int lane, int p, int vectors,
             int frames) {
    for (int l = 0; l < width; ++l) {
        const int at = l / Channels * vectors + p;
        if (at >= count) continue;
        LaneSection& section = *sections[at].section;
        const int of = lane + l % Channels;
        section.memory[0].lane[of] = chain.memory.s1[l], section.memory[1].lane[of] = chain.memory.c1[l];
        section.memory[2].lane[of] = chain.memory.s2[l], section.memory[3].lane[of] = chain.memory.c2[l];
        section.done.lane[of] += static_cast<float>(frames);
    }
}

template <int Channels, int P, bool Moving>
void run_chains(const SectionRun* sections, int count, int lane, float* x, int frames) {
    constexpr int delay = skew * (P * (width / Channels) - 1);
    Chain<Moving> chain[P];
    for (int p = 0; p < P; ++p) gather<Channels>(chain[p], sections, count, lane, p, P);
    const auto put = [&](int n, Floats y) __attribute__((always_inline)) {
        for (int c = 0; c < Channels; ++c) x[n * Channels + c] = y[width - Channels + c];
    };
    const auto edge = [&](int step) {
        Memory before[P];
        for (int p = 0; p < P; ++p) before[p] = chain[p].memory;
        const Floats y = step_chains<Channels, P>(chain, step < frames ? fresh_sample<Channels>(x + step * Channels) : Floats{});
        for (int p = 0; p < P; ++p) {
            const Ints n = chain[p].sample + step;
            const Ints at_work = (n >= 0) & (n < frames);
            Memory& m = chain[p].memory;
            m.s1 = at_work ? m.s1 : before[p].s1, m.c1 = at_work ? m.c1 : before[p].c1;
            m.s2 = at_work ? m.s2 : before[p].s2, m.c2 = at_work ? m.c2 : before[p].c2;
        }
        if (step >= delay) put(step - delay, y);
    };
    int step = 0;
    for (; step < delay; ++step) edge(step);
    Chain<Moving> here[P];  // a copy nobody has the address of can stay in registers
    for (int p = 0; p < P; ++p) here[p] = chain[p];
    for (; step < frames; ++step) {
        put(step - delay, step_chains<Channels, P>(here, fresh_sample<Channels>(x + step * Channels)));
    }
    for (int p = 0; p < P; ++p) chain[p] = here[p];
    for (; step < frames + delay; ++step) edge(step);
    for (int p = 0; p < P; ++p) scatter<Channels>(chain[p], sections, count, lane, p, P, frames);
}

template <int Channels, bool Moving>
void run_some_chains(const SectionRun* sections, int count, int lane, float* x, int frames) {
    switch ((count * Channels + width - 1) / width) {
        case 1: run_chains<Channels, 1, Moving>(sections, count, lane, x, frames); break;
        case 2: run_chains<Channels, 2, Moving>(sections, count, lane, x, frames); break;
        case 3: run_chains<Channels, 3, Moving>(sections, count, lane, x, frames); break;
        default: run_chains<Channels, 4, Moving>(sections, count, lane, x, frames); break;
    }
}

template <int Channels>
void stream_of(const SectionRun* sections, int count, int lane, float* x, int frames) {
    constexpr int at_once = max_vectors * (width / Channels);
    while (count > 0) {
        const int now = count < at_once ? count : at_once;
        bool moving = false;
        for (int i = 0; i < now; ++i) moving = moving || sections[i].moving;
        if (moving) {
            run_some_chains<Channels, true>(sections, now, lane, x, frames);
        } else {
            run_some_chains<Channels, false>(sections, now, lane, x, frames);
        }
        sections += now;
        count -= now;
    }
}

void pair_up(const float* left, const float* right, float* pairs, int frames) {
    int i = 0;
    for (; i + 4 <= frames; i += 4) {
        const Four l = load4(left + i);
        const Four r = load4(right + i);
        store4(pairs + 2 * i, __builtin_shufflevector(l, r, 0, 4, 1, 5));
        store4(pairs + 2 * i + 4, __builtin_shufflevector(l, r, 2, 6, 3, 7));
    }
    for (; i < frames; ++i) pairs[2 * i] = left[i], pairs[2 * i + 1] = right[i];
}

void take_apart(const float* pairs, float* left, float* right, int frames) {
    int i = 0;
    for (; i + 4 <= frames; i += 4) {
        const Four a = load4(pairs + 2 * i);
        const Four b = load4(pairs + 2 * i + 4);
        store4(left + i, __builtin_shufflevector(a, b, 0, 2, 4, 6));
        store4(right + i, __builtin_shufflevector(a, b, 1, 3, 5, 7));
    }
    for (; i < frames; ++i) left[i] = pairs[2 * i], right[i] = pairs[2 * i + 1];
}

void stream(const SectionRun* sections, int count, int lane, int channels, float* const* heads, int frames) {
    alignas(32) float pairs[2 * stream_tile];
    for (int done = 0; done < frames; done += stream_tile) {
        const int tile = frames - done < stream_tile ? frames - done : stream_tile;
        if (channels == 1) {
            stream_of<1>(sections, count, lane, heads[0] + done, tile);
            continue;
        }
        pair_up(heads[0] + done, heads[1] + done, pairs, tile);
        stream_of<2>(sections, count, lane, pairs, tile);
        take_apart(pairs, heads[0] + done, heads[1] + done, tile);
    }
}

struct Square {
    Four row[4];
};

SMARTMIX_KERNEL_INLINE Square turned(const Square& a) {
    const Four low01 = __builtin_shufflevector(a.row[0], a.row[1], 0, 4, 1, 5);
    const Four high01 = __builtin_shufflevector(a.row[0], a.row[1], 2, 6, 3, 7);
    const Four low23 = __builtin_shufflevector(a.row[2], a.row[3], 0, 4, 1, 5);
    const Four high23 = __builtin_shufflevector(a.row[2], a.row[3], 2, 6, 3, 7);
    return {{__builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
             __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)}};
}

void to_lanes(const float* const* heads, float* x, int frames) {
    for (int first = 0; first < section_lanes; first += 4) {
        const float* const* in = heads + first;
        float* out = x + first;
        int i = 0;
        for (; i + 4 <= frames; i += 4) {
            const Square t = turned({{load4(in[0] + i), load4(in[1] + i), load4(in[2] + i), load4(in[3] + i)}});
            for (int r = 0; r < 4; ++r) store4(out + (i + r) * section_lanes, t.row[r]);
        }
        for (; i < frames; ++i) {
            for (int l = 0; l < 4; ++l) out[i * section_lanes + l] = in[l][i];
        }
    }
}

void from_lanes(const float* x, float* const* heads, int frames) {
    for (int first = 0; first < section_lanes; first += 4) {
        const float* in = x + first;
        float* const* out = heads + first;
        int i = 0;
        for (; i + 4 <= frames; i += 4) {
            const float* at = in + i * section_lanes;
            const Square t = turned({{load4(at), load4(at + section_lanes), load4(at + 2 * section_lanes),
                                      load4(at + 3 * section_lanes)}});
            for (int r = 0; r < 4; ++r) store4(out[r] + i, t.row[r]);
        }
        for (; i < frames; ++i) {
            for (int l = 0; l < 4; ++l) out[l][i] = in[i * section_lanes + l];
        }
    }
}

SMARTMIX_KERNEL_INLINE Doubles widened(const float* p) {
    return __builtin_convertvector(*reinterpret_cast<const HalfAnywhere*>(p), Doubles);
}

void add(double* sum, const float* x, double gain, int frames) {
    constexpr int step = width / 2;
    int i = 0;
    for (; i + step <= frames; i += step) *reinterpret_cast<DoublesAnywhere*>(sum + i) += widened(x + i) * gain;
    for (; i < frames; ++i) sum[i] += static_cast<double>(x[i]) * gain;
}

void add_ramp(double* sum, const float* x, const double* gains, int frames) {
    constexpr int step = width / 2;
    int i = 0;
    for (; i + step <= frames; i += step) {
        *reinterpret_cast<DoublesAnywhere*>(sum + i) +=
            widened(x + i) * *reinterpret_cast<const DoublesAnywhere*>(gains + i);
    }
    for (; i < frames; ++i) sum[i] += static_cast<double>(x[i]) * gains[i];
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const SectionKernels sections;
const SectionKernels sections = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &lanes, &stream, &to_lanes, &from_lanes, &add,
                                 &add_ramp};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
