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
constexpr int most_rows = parts == 2 ? 2 : 4;
constexpr int most_owing_rows = parts == 2 ? 2 : 3;  // ... when more than one owes

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
template <Way From>
struct Row {
    Source<From> source[parts];
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
            source[v] = Source<From>(from, step);
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
// before. With `Edge`, sections whose frame lies outside the block rest. The first `Owing` of them owe. Recursion, not a
// loop: the compiler sees constant indices at once and keeps the memory in registers.
template <int D, int Depth, int Owing, bool Edge, Way From>
SMARTMIX_KERNEL_INLINE void step_rows(Row<From>* row, float* x, int step, int frames) {
    if constexpr (D > 0) {
        constexpr int d = D - 1;
        const int n = step - d;
        if (!Edge || (n >= 0 && n < frames)) {
            float* here = x + n * section_lanes;
#pragma GCC unroll 2
            for (int v = 0; v < parts; ++v) {
                const Floats in = d == 0 ? load(here + v * width) : row[d > 0 ? d - 1 : 0].out[v];
                const Floats j = row[d].done[v] + static_cast<float>(n);
                const Coefficients& now = row[d].source[v].at(j, n);
                row[d].out[v] = tick<(d < Owing)>(now, row[d].memory[v], in, row[d].mask[v]);
                if (D == Depth) store(here + v * width, row[d].out[v]);
            }
        }
        step_rows<D - 1, Depth, Owing, Edge>(row, x, step, frames);
    }
}

// `Depth` sections in series, each one sample behind the one before it, so that none waits for another.
template <int Depth, int Owing, Way From>
void run_rows(const SectionRun* sections, float* x, int frames) {
    [[maybe_unused]] Table tables[From == Way::uniform ? Depth : 1];
    Row<From> row[Depth];
    for (int d = 0; d < Depth; ++d) row[d].read(*sections[d].section);
    if constexpr (From == Way::uniform) {
        for (int d = 0; d < Depth; ++d) {
            tables[d].fill(*sections[d].section, frames);
            for (int v = 0; v < parts; ++v) row[d].source[v].table = tables + d;
        }
    }
    int step = 0;
    for (; step < Depth - 1; ++step) step_rows<Depth, Depth, Owing, true>(row, x, step, frames);
    for (; step < frames; ++step) step_rows<Depth, Depth, Owing, false>(row, x, step, frames);
    for (; step < frames + Depth - 1; ++step) step_rows<Depth, Depth, Owing, true>(row, x, step, frames);
    for (int d = 0; d < Depth; ++d) row[d].write(*sections[d].section, frames);
}

template <int Depth, int Owing, Way From>
void run_tables(const SectionRun* sections, float* x, int frames) {
    constexpr int most = From == Way::uniform ? table_frames : 1 << 30;
    for (int done = 0; frames > 0; done += most, frames -= most) {
        run_rows<Depth, Owing, From>(sections, x + done * section_lanes, frames < most ? frames : most);
    }
}

template <int Depth, Way From>
void run_owing(int owing, const SectionRun* sections, float* x, int frames) {
    if (owing == 0) return run_tables<Depth, 0, From>(sections, x, frames);
    if (owing == 1) return run_tables<Depth, 1, From>(sections, x, frames);
    if constexpr (Depth >= 2 && Depth <= most_owing_rows) {
        if (owing == 2) return run_tables<Depth, 2, From>(sections, x, frames);
    }
    if constexpr (Depth >= 3 && Depth <= most_owing_rows) run_tables<Depth, 3, From>(sections, x, frames);
}

template <Way From>
void run_some(int depth, int owing, const SectionRun* sections, float* x, int frames) {
    if (depth == 1) return run_owing<1, From>(owing, sections, x, frames);
    if (depth == 2) return run_owing<2, From>(owing, sections, x, frames);
    if constexpr (most_rows > 2) {
        if (depth == 3) return run_owing<3, From>(owing, sections, x, frames);
        run_owing<4, From>(owing, sections, x, frames);
    }
}

Way way_of(const SectionRun& run) {
    return !run.moving ? Way::still : run.uniform ? Way::uniform : Way::lane_by_lane;
}

// The next sections that run together: of one way, those that owe first (as they do where bands are sorted by frequency),
// and when they do not all fit, not many now and one later.
void lanes(const SectionRun* sections, int count, float* x, int frames) {
    for (int depth = 0; count > 0 && frames > 0; sections += depth, count -= depth) {
        const Way way = way_of(sections[0]);
        int alike = 1;
        while (alike < count && way_of(sections[alike]) == way) ++alike;
        const int rounds = (alike + most_rows - 1) / most_rows;
        const int most = (alike + rounds - 1) / rounds;
        int owing = 0;
        while (owing < most && owing < most_owing_rows && sections[owing].owing) ++owing;
        depth = owing;
        while (depth < most && (owing < 2 || depth < most_owing_rows) && !sections[depth].owing) ++depth;
        if (way == Way::still) run_some<Way::still>(depth, owing, sections, x, frames);
        if (way == Way::uniform) run_some<Way::uniform>(depth, owing, sections, x, frames);
        if (way == Way::lane_by_lane) run_some<Way::lane_by_lane>(depth, owing, sections, x, frames);
    }
}
