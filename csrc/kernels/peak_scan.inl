// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the
// sets up) and SMARTMIX_KERNEL_BYTES (vector width) defined. No standard containers in here for the same reason.
namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::int32_t Ints __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef long long Longs __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));

constexpr int lanes = SMARTMIX_KERNEL_BYTES / 4;

inline Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
inline void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
inline Floats magnitude(Floats v) { return reinterpret_cast<Floats>(reinterpret_cast<Ints>(v) & 0x7fffffff); }
inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }

inline bool any(Ints mask) {
    const Longs wide = reinterpret_cast<Longs>(mask);
    long long all = 0;
    for (int i = 0; i < SMARTMIX_KERNEL_BYTES / 8; ++i) all |= wide[i];
    return all != 0;
}

// The largest magnitude over the points of a folded table (dsp/interpolator.hpp).
template <int HalfTaps, int Pairs, bool Half>
inline Floats largest_point(const float* x, const float* row) {
    Floats middle = {};
    Floats even[Pairs > 0 ? Pairs : 1] = {};
    Floats odd[Pairs > 0 ? Pairs : 1] = {};
#pragma GCC unroll 4
    for (int k = 0; k < HalfTaps; ++k) {
        const Floats before = load(x - k);
        const Floats after = load(x + 1 + k);
        const Floats sum = before + after;
        const Floats difference = before - after;
        if constexpr (Half) middle += *row++ * sum;
#pragma GCC unroll 4
        for (int p = 0; p < Pairs; ++p) {
            even[p] += *row++ * sum;
            odd[p] += *row++ * difference;
        }
    }
    Floats largest = magnitude(middle);
    for (int p = 0; p < Pairs; ++p) largest = larger(largest, magnitude(even[p]) + magnitude(odd[p]));
    return largest;
}

inline Floats middle_point(const float* x, const float* taps) {
    Floats middle = {};
#pragma GCC unroll 12
    for (int k = 0; k < 12; ++k) middle += taps[k] * (load(x - k) + load(x + 1 + k));
    return middle;
}

float largest(const float* x, int frames) {
    Floats most[4] = {};
    int i = 0;
    for (; i + 4 * lanes <= frames; i += 4 * lanes) {
#pragma GCC unroll 4
        for (int v = 0; v < 4; ++v) most[v] = larger(magnitude(load(x + i + v * lanes)), most[v]);
    }
    float each[lanes];
    store(each, larger(larger(most[0], most[1]), larger(most[2], most[3])));
    float found = 0.0F;
    for (const float lane : each) found = lane > found ? lane : found;
    for (; i < frames; ++i) {
        const float here = x[i] < 0.0F ? -x[i] : x[i];
        found = here > found ? here : found;
    }
    return found;
}

int half_scan(const dsp::InterpolatorTables& tables, const float* x, int frames, const float* threshold, float* level,
              int* groups) {
    const float* taps = tables.short_half.data();
    int count = 0;
    for (int group = 0; group < frames; group += scan_group) {
        Ints over = {};
#pragma GCC unroll 2
        for (int i = group; i < group + scan_group; i += lanes) {
            const Floats ends = larger(magnitude(load(x + i)), magnitude(load(x + i + 1)));
            const Floats largest = larger(magnitude(middle_point(x + i, taps)), ends);
            store(level + i, largest);
            over |= largest >= load(threshold + i);
        }
        if (any(over)) groups[count++] = group;
    }
    return count;
}

void quarters(const dsp::InterpolatorTables& tables, const float* x, float* q1, float* q2, float* q3) {
    for (int i = 0; i < scan_group; i += lanes) {
        const float* row = tables.short_quarters.data();
        Floats even = {};
        Floats odd = {};
#pragma GCC unroll 4
        for (int k = 0; k < 12; ++k) {
            const Floats before = load(x + i - k);
            const Floats after = load(x + i + 1 + k);
            even += row[2 * k] * (before + after);
            odd += row[2 * k + 1] * (before - after);
        }
        store(q1 + i, even + odd);
        store(q2 + i, middle_point(x + i, tables.short_half.data()));
        store(q3 + i, even - odd);
    }
}

float fine_point(const float* x, const float* taps) {
    constexpr int parts = scan_group / lanes;  // eight running sums in all, whatever the width
    Floats sums[parts] = {};
#pragma GCC unroll 8
    for (int t = 0; t < dsp::fine_taps; t += scan_group) {
        for (int p = 0; p < parts; ++p) sums[p] += load(taps + t + p * lanes) * load(x + t + p * lanes);
    }
    float s[scan_group];
    for (int p = 0; p < parts; ++p) store(s + p * lanes, sums[p]);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

void family(const dsp::InterpolatorTables& tables, const float* x, float* peak) {
    for (int i = 0; i < scan_group; i += lanes) {
        Floats largest = larger(magnitude(load(x + i)), magnitude(load(x + i + 1)));
        largest = larger(largest, largest_point<32, 3, true>(x + i, tables.sharp_even.data()));
        largest = larger(largest, largest_point<32, 4, false>(x + i, tables.sharp_odd.data()));
        largest = larger(largest, largest_point<12, 3, true>(x + i, tables.short_eighths.data()));
        largest = larger(largest, largest_point<6, 2, false>(x + i, tables.bs1770.data()));
        largest = larger(largest, largest_point<6, 1, true>(x + i, tables.hann12.data()));
        store(peak + i, largest);
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const PeakScan scan;
const PeakScan scan = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &largest, &half_scan, &quarters, &fine_point,
                             &family};
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
