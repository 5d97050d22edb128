// Included by sections.inl: sections of eight lanes in series.

// How many sections work at the same time: what the registers hold.
constexpr int most_rows = parts == 2 ? 2 : 4;
constexpr int most_owing_rows = parts == 2 ? 2 : 3;  // ... when more than one owes

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
// before. With `Edge`, sections whose frame lies outside the block rest. The first `Owers` of them owe. Recursion, not a
// loop: the compiler sees constant indices at once and keeps the memory in registers.
template <int D, int Depth, int Owers, bool Edge, Way From>
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
                const Coefficients& now = row[d].source[v].at(j);
                row[d].out[v] = tick<(d < Owers ? Owing::some : Owing::none)>(now, row[d].memory[v], in, row[d].mask[v]);
                if (D == Depth) store(here + v * width, row[d].out[v]);
            }
        }
        step_rows<D - 1, Depth, Owers, Edge>(row, x, step, frames);
    }
}

// `Depth` sections in series, each one sample behind the one before it, so that none waits for another.
template <int Depth, int Owers, Way From>
void run_rows(const SectionRun* sections, float* x, int frames) {
    Row<From> row[Depth];
    for (int d = 0; d < Depth; ++d) row[d].read(*sections[d].section);
    int step = 0;
    for (; step < Depth - 1; ++step) step_rows<Depth, Depth, Owers, true>(row, x, step, frames);
    for (; step < frames; ++step) step_rows<Depth, Depth, Owers, false>(row, x, step, frames);
    for (; step < frames + Depth - 1; ++step) step_rows<Depth, Depth, Owers, true>(row, x, step, frames);
    for (int d = 0; d < Depth; ++d) row[d].write(*sections[d].section, frames);
}

template <int Depth, Way From>
void run_owing(int owers, const SectionRun* sections, float* x, int frames) {
    if (owers == 0) return run_rows<Depth, 0, From>(sections, x, frames);
    if (owers == 1) return run_rows<Depth, 1, From>(sections, x, frames);
    if constexpr (Depth >= 2 && Depth <= most_owing_rows) {
        if (owers == 2) return run_rows<Depth, 2, From>(sections, x, frames);
    }
    if constexpr (Depth >= 3 && Depth <= most_owing_rows) run_rows<Depth, 3, From>(sections, x, frames);
}

template <Way From>
void run_some(int depth, int owers, const SectionRun* sections, float* x, int frames) {
    if (depth == 1) return run_owing<1, From>(owers, sections, x, frames);
    if (depth == 2) return run_owing<2, From>(owers, sections, x, frames);
    if constexpr (most_rows > 2) {
        if (depth == 3) return run_owing<3, From>(owers, sections, x, frames);
        run_owing<4, From>(owers, sections, x, frames);
    }
}

// The next sections that run together: of one way, those that owe first (as they do where bands are sorted by frequency),
// and when they do not all fit, not many now and one later.
void lanes(const SectionRun* sections, int count, float* x, int frames) {
    for (int depth = 0; count > 0 && frames > 0; sections += depth, count -= depth) {
        const bool moving = sections[0].moving;
        int alike = 1;
        while (alike < count && sections[alike].moving == moving) ++alike;
        const int rounds = (alike + most_rows - 1) / most_rows;
        const int most = (alike + rounds - 1) / rounds;
        int owers = 0;
        while (owers < most && owers < most_owing_rows && sections[owers].owing) ++owers;
        depth = owers;
        while (depth < most && (owers < 2 || depth < most_owing_rows) && !sections[depth].owing) ++depth;
        if (moving) {
            run_some<Way::moving>(depth, owers, sections, x, frames);
        } else {
            run_some<Way::still>(depth, owers, sections, x, frames);
        }
    }
}
