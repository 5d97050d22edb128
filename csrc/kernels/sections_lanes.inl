// Included by sections.inl: sections of eight lanes in series.

constexpr int table_frames = 64;
alignas(32) constexpr float counting[] = {0, 1, 2, 3, 4, 5, 6, 7};

SMARTMIX_KERNEL_INLINE Floats broadcast(float x) {
#if SMARTMIX_KERNEL_BYTES == 16
    return Floats{x, x, x, x};
#else
    return Floats{x, x, x, x, x, x, x, x};
#endif
}

// How many sections work at the same time: what the registers hold.
template <class Kind>
constexpr int depth_of = parts == 2 ? 2 : Kind::owing ? 3 : 4;

// The coefficients of a section that is on its way in all lanes alike: several frames at a time, before they are needed.
struct alignas(32) Table {
    float g[table_frames], gk[table_frames], twice_a2[table_frames], m0[table_frames], half_m1[table_frames],
        half_m2[table_frames];

    void fill(const LaneSection& section, int frames) {
        Floats from[LaneSection::coefficients];
        Floats step[LaneSection::coefficients];
        for (int i = 0; i < LaneSection::coefficients; ++i) {
            from[i] = broadcast(section.from.of[i].lane[0]), step[i] = broadcast(section.step[i].lane[0]);
        }
        const Source<Way::lane_by_lane> source(from, step);
        Floats j = load(counting) + section.done.lane[0];
        for (int n = 0; n < frames; n += width, j += static_cast<float>(width)) {
            const Coefficients at = source.at(j, 0);
            store(g + n, at.g), store(gk + n, at.gk), store(twice_a2 + n, at.twice_a2);
            store(m0 + n, at.m0), store(half_m1 + n, at.half_m1), store(half_m2 + n, at.half_m2);
        }
    }
};

template <>
struct Source<Way::uniform> {
    const Table* table = nullptr;
    Source() = default;
    Source(const Floats*, const Floats*) {}
    SMARTMIX_KERNEL_INLINE Coefficients at(Floats, int n) const {
        return {broadcast(table->g[n]),  broadcast(table->gk[n]),      broadcast(table->twice_a2[n]),
                broadcast(table->m0[n]), broadcast(table->half_m1[n]), broadcast(table->half_m2[n])};
    }
};

// One section of all eight lanes.
template <class Kind>
struct Row {
    Source<Kind::way> source[parts];
    Memory memory[parts];
    Ints mask[parts];
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
            source[v] = Source<Kind::way>(from, step);
            mask[v] = load_mask(section.owing + v * width);
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
template <int D, int Depth, bool Edge, class Kind>
SMARTMIX_KERNEL_INLINE void step_rows(Row<Kind>* row, float* x, int step, int frames) {
    if constexpr (D > 0) {
        constexpr int d = D - 1;
        const int n = step - d;
        if (!Edge || (n >= 0 && n < frames)) {
            float* here = x + n * section_lanes;
#pragma GCC unroll 2
            for (int v = 0; v < parts; ++v) {
                const Floats in = d == 0 ? load(here + v * width) : row[d > 0 ? d - 1 : 0].out[v];
                const Floats j = row[d].done[v] + static_cast<float>(n);
                row[d].out[v] = tick<Kind::owing>(row[d].source[v].at(j, n), row[d].memory[v], in, row[d].mask[v]);
                if (D == Depth) store(here + v * width, row[d].out[v]);
            }
        }
        step_rows<D - 1, Depth, Edge>(row, x, step, frames);
    }
}

// `Depth` sections in series, each one sample behind the one before it, so that none waits for another.
template <int Depth, class Kind>
void run_rows(const SectionRun* sections, float* x, int frames) {
    [[maybe_unused]] Table tables[Kind::way == Way::uniform ? Depth : 1];
    Row<Kind> row[Depth];
    for (int d = 0; d < Depth; ++d) row[d].read(*sections[d].section);
    if constexpr (Kind::way == Way::uniform) {
        for (int d = 0; d < Depth; ++d) {
            tables[d].fill(*sections[d].section, frames);
            for (int v = 0; v < parts; ++v) row[d].source[v].table = tables + d;
        }
    }
    int step = 0;
    for (; step < Depth - 1; ++step) step_rows<Depth, Depth, true>(row, x, step, frames);
    for (; step < frames; ++step) step_rows<Depth, Depth, false>(row, x, step, frames);
    for (; step < frames + Depth - 1; ++step) step_rows<Depth, Depth, true>(row, x, step, frames);
    for (int d = 0; d < Depth; ++d) row[d].write(*sections[d].section, frames);
}

template <class Kind>
void run_some_rows(int depth, const SectionRun* sections, float* x, int frames) {
    if (depth == 1) run_rows<1, Kind>(sections, x, frames);
    if (depth == 2) run_rows<2, Kind>(sections, x, frames);
    if constexpr (depth_of<Kind> > 2) {
        if (depth == 3) run_rows<3, Kind>(sections, x, frames);
    }
    if constexpr (depth_of<Kind> > 3) {
        if (depth == 4) run_rows<4, Kind>(sections, x, frames);
    }
}

bool same_kind(const SectionRun& a, const SectionRun& b) {
    return a.moving == b.moving && a.owing == b.owing && (!a.moving || a.uniform == b.uniform);
}

// As many of the sections as are of one kind and fit; how many that are.
template <class Kind>
int run_next_rows(const SectionRun* sections, int count, float* x, int frames) {
    int depth = 1;
    while (depth < count && depth < depth_of<Kind> && same_kind(sections[depth], sections[0])) ++depth;
    constexpr int most = Kind::way == Way::uniform ? table_frames : 1 << 30;
    for (int done = 0; done < frames; done += most) {
        run_some_rows<Kind>(depth, sections, x + done * section_lanes, frames - done < most ? frames - done : most);
    }
    return depth;
}

template <bool Owes>
int run_next_rows(const SectionRun* next, int left, float* x, int frames) {
    if (!next->moving) return run_next_rows<Kind<Way::still, Owes>>(next, left, x, frames);
    if (next->uniform) return run_next_rows<Kind<Way::uniform, Owes>>(next, left, x, frames);
    return run_next_rows<Kind<Way::lane_by_lane, Owes>>(next, left, x, frames);
}

void lanes(const SectionRun* sections, int count, float* x, int frames) {
    if (frames <= 0) return;
    for (int at = 0; at < count;) {
        const SectionRun* next = sections + at;
        at += next->owing ? run_next_rows<true>(next, count - at, x, frames) : run_next_rows<false>(next, count - at, x, frames);
    }
}
