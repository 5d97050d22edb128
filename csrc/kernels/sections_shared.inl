// Included by sections.inl: sections that are the same in all lanes of several groups of eight.

constexpr int table_frames = 64;
alignas(32) constexpr float counting[] = {0, 1, 2, 3, 4, 5, 6, 7};

SMARTMIX_KERNEL_INLINE Floats broadcast(float x) {
#if SMARTMIX_KERNEL_BYTES == 16
    return Floats{x, x, x, x};
#else
    return Floats{x, x, x, x, x, x, x, x};
#endif
}

// How many sections work at the same time. Two groups run side by side: what a frame's coefficients cost is paid once for
// both, and while one waits for its last sample the other works.
constexpr int most_shared_rows = parts == 2 ? 2 : 8;
constexpr int most_groups = 2;

// The coefficients of a section, several frames at a time, before they are needed.
struct alignas(32) Table {
    float g[table_frames], gk[table_frames], twice_a2[table_frames], m0[table_frames], half_m1[table_frames],
        half_m2[table_frames];

    void fill(const SharedWay& way, int first, int frames) {
        Floats from[LaneSection::coefficients];
        Floats step[LaneSection::coefficients];
        for (int i = 0; i < LaneSection::coefficients; ++i) {
            from[i] = broadcast(way.from[i]), step[i] = broadcast(way.step[i]);
        }
        const Source<Way::moving> source(from, step);
        Floats j = load(counting) + (way.done + static_cast<float>(first));
        for (int n = 0; n < frames; n += width, j += static_cast<float>(width)) {
            const Coefficients at = source.at(j);
            store(g + n, at.g), store(gk + n, at.gk), store(twice_a2 + n, at.twice_a2);
            store(m0 + n, at.m0), store(half_m1 + n, at.half_m1), store(half_m2 + n, at.half_m2);
        }
    }
    SMARTMIX_KERNEL_INLINE Coefficients at(int n) const {
        return {broadcast(g[n]),  broadcast(gk[n]),      broadcast(twice_a2[n]),
                broadcast(m0[n]), broadcast(half_m1[n]), broadcast(half_m2[n])};
    }
};

// A section in all lanes of `Groups` groups.
template <int Groups>
struct SharedRow {
    Memory memory[Groups * parts];
    Floats out[Groups * parts] = {};  // of the frame before

    SMARTMIX_KERNEL_INLINE void read(const GroupMemory* groups) {
        for (int v = 0; v < Groups * parts; ++v) {
            const auto at = [&](int i) { return load(groups[v / parts].of[i].lane + v % parts * width); };
            memory[v] = {at(0), at(1), at(2), at(3)};
        }
    }
    SMARTMIX_KERNEL_INLINE void write(GroupMemory* groups) const {
        for (int v = 0; v < Groups * parts; ++v) {
            const auto put = [&](int i, Floats x) { store(groups[v / parts].of[i].lane + v % parts * width, x); };
            put(0, memory[v].s1), put(1, memory[v].c1), put(2, memory[v].s2), put(3, memory[v].c2);
        }
    }
};

// As step_rows: the first `Owers` sections owe, in all lanes.
template <int D, int Depth, int Owers, bool Edge, int Groups>
SMARTMIX_KERNEL_INLINE void step_shared(SharedRow<Groups>* row, const Table* tables, float* const* x, int step, int frames) {
    if constexpr (D > 0) {
        constexpr int d = D - 1;
        const int n = step - d;
        if (!Edge || (n >= 0 && n < frames)) {
            const Coefficients now = tables[d].at(n);
#pragma GCC unroll 4
            for (int v = 0; v < Groups * parts; ++v) {
                float* here = x[v / parts] + n * section_lanes + v % parts * width;
                const Floats in = d == 0 ? load(here) : row[d > 0 ? d - 1 : 0].out[v];
                row[d].out[v] = tick<(d < Owers ? Owing::all : Owing::none)>(now, row[d].memory[v], in, Ints{});
                if (D == Depth) store(here, row[d].out[v]);
            }
        }
        step_shared<D - 1, Depth, Owers, Edge>(row, tables, x, step, frames);
    }
}

template <int Depth, int Owers, int Groups>
void run_shared(const SharedRun* sections, const Table* tables, int group, float* const* x, int first, int frames) {
    SharedRow<Groups> row[Depth];
    float* heads[Groups];
    for (int v = 0; v < Groups; ++v) heads[v] = x[group + v] + first * section_lanes;
    for (int d = 0; d < Depth; ++d) row[d].read(sections[d].memory + group);
    int step = 0;
    for (; step < Depth - 1; ++step) step_shared<Depth, Depth, Owers, true>(row, tables, heads, step, frames);
    for (; step < frames; ++step) step_shared<Depth, Depth, Owers, false>(row, tables, heads, step, frames);
    for (; step < frames + Depth - 1; ++step) step_shared<Depth, Depth, Owers, true>(row, tables, heads, step, frames);
    for (int d = 0; d < Depth; ++d) row[d].write(sections[d].memory + group);
}

// A piece of at most table_frames frames, group after group.
template <int Depth, int Owers>
void run_groups(const SharedRun* sections, const Table* tables, float* const* x, int groups, int first, int frames) {
    int group = 0;
    for (; group + most_groups <= groups; group += most_groups) {
        run_shared<Depth, Owers, most_groups>(sections, tables, group, x, first, frames);
    }
    for (; group < groups; ++group) run_shared<Depth, Owers, 1>(sections, tables, group, x, first, frames);
}

using RunGroups = void (*)(const SharedRun*, const Table*, float* const*, int, int, int);

template <int Depth>
RunGroups groups_of(int owers) {
    if constexpr (Depth >= 2) {
        if (owers >= 2) return &run_groups<Depth, 2>;
    }
    return owers == 1 ? &run_groups<Depth, 1> : &run_groups<Depth, 0>;
}

RunGroups groups_of(int depth, int owers) {
    if constexpr (most_shared_rows > 2) {
        switch (depth) {
            case 3: return groups_of<3>(owers);
            case 4: return groups_of<4>(owers);
            case 5: return groups_of<5>(owers);
            case 6: return groups_of<6>(owers);
            case 7: return groups_of<7>(owers);
            case 8: return groups_of<8>(owers);
            default: break;
        }
    }
    return depth == 1 ? groups_of<1>(owers) : groups_of<2>(owers);
}

// Those that owe first, at most two of them, as in `lanes`.
void shared(const SharedRun* sections, int count, float* const* x, int groups, int frames) {
    Table tables[most_shared_rows];
    for (int depth = 0; count > 0 && frames > 0; sections += depth, count -= depth) {
        const int rounds = (count + most_shared_rows - 1) / most_shared_rows;
        const int most = (count + rounds - 1) / rounds;
        int owers = 0;
        while (owers < most && owers < 2 && sections[owers].way->owing) ++owers;
        depth = owers;
        while (depth < most && !sections[depth].way->owing) ++depth;
        const RunGroups run = groups_of(depth, owers);
        for (int first = 0; first < frames; first += table_frames) {
            const int piece = frames - first < table_frames ? frames - first : table_frames;
            for (int d = 0; d < depth; ++d) {
                if (first == 0 || sections[d].way->moving) tables[d].fill(*sections[d].way, first, piece);
            }
            run(sections, tables, x, groups, first, piece);
        }
        for (int d = 0; d < depth; ++d) sections[d].way->done += static_cast<float>(frames);
    }
}
