// Included by sections.inl: many sections of one or two channels, side by side in the lanes.

constexpr int max_vectors = 4;      // of sections at work at the same time
constexpr int skew = 2;             // how many samples a section is behind the one before it
constexpr int stream_tile = 2048;  // frames: filling and emptying the row of sections is paid once in each

// A vector of sections of one stream: vector p of P holds the sections p, p + P, p + 2 P ..., each in Channels lanes.
template <bool Moving>
struct Chain {
    Source<Moving ? Way::moving : Way::still> source;
    Memory memory;
    Ints mask;     // of the lanes whose integrators owe
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
        at.out = tick<Owing::some>(at.source.at(at.j), at.memory, in[p], at.mask);
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
    std::int32_t mask[width];
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
        mask[l] = section != nullptr ? section->owing[of] : 0;
        chain.sample[l] = -skew * at;
    }
    Floats start[LaneSection::coefficients];
    Floats way[LaneSection::coefficients];
    for (int i = 0; i < LaneSection::coefficients; ++i) start[i] = load(from[i]), way[i] = load(step[i]);
    chain.source = {start, way};
    chain.memory = {load(memory[0]), load(memory[1]), load(memory[2]), load(memory[3])};
    chain.mask = load_mask(mask);
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

// A step in which some lanes have no sample yet, or none any more: those keep their memory.
template <int Channels, int P, bool Moving>
SMARTMIX_KERNEL_INLINE Floats step_edge(Chain<Moving>* chain, Floats fresh, int step, int frames) {
    Memory before[P];
    for (int p = 0; p < P; ++p) before[p] = chain[p].memory;
    const Floats y = step_chains<Channels, P>(chain, fresh);
#pragma GCC unroll 4
    for (int p = 0; p < P; ++p) {
        const Ints n = chain[p].sample + step;
        const Ints at_work = (n >= 0) & (n < frames);
        Memory& m = chain[p].memory;
        m.s1 = at_work ? m.s1 : before[p].s1, m.c1 = at_work ? m.c1 : before[p].c1;
        m.s2 = at_work ? m.s2 : before[p].s2, m.c2 = at_work ? m.c2 : before[p].c2;
    }
    return y;
}

template <int Channels>
SMARTMIX_KERNEL_INLINE void put_sample(float* x, Floats y) {
    for (int c = 0; c < Channels; ++c) x[c] = y[width - Channels + c];
}

template <int Channels, int P, bool Moving>
void run_chains(const SectionRun* sections, int count, int lane, float* x, int frames) {
    constexpr int delay = skew * (P * (width / Channels) - 1);
    Chain<Moving> gathered[P];
    for (int p = 0; p < P; ++p) gather<Channels>(gathered[p], sections, count, lane, p, P);
    Chain<Moving> chain[P];  // a copy nobody has the address of can stay in registers
    for (int p = 0; p < P; ++p) chain[p] = gathered[p];
    int step = 0;
    for (; step < delay; ++step) {
        const Floats fresh = step < frames ? fresh_sample<Channels>(x + step * Channels) : Floats{};
        step_edge<Channels, P>(chain, fresh, step, frames);
    }
    for (; step < frames; ++step) {
        const Floats y = step_chains<Channels, P>(chain, fresh_sample<Channels>(x + step * Channels));
        put_sample<Channels>(x + (step - delay) * Channels, y);
    }
    for (; step < frames + delay; ++step) {
        put_sample<Channels>(x + (step - delay) * Channels, step_edge<Channels, P>(chain, Floats{}, step, frames));
    }
    for (int p = 0; p < P; ++p) gathered[p] = chain[p];
    for (int p = 0; p < P; ++p) scatter<Channels>(gathered[p], sections, count, lane, p, P, frames);
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
