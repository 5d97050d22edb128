// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the
// sets up) and SMARTMIX_KERNEL_BYTES (vector width) defined; where there
// is one, SMARTMIX_KERNEL_SIGNS_OF is the instruction that gathers the signs of a vector. No standard containers in here for the same reason.
namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::int32_t Ints __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));

constexpr int lanes = SMARTMIX_KERNEL_BYTES / 4;
constexpr int span = 64;  // positions that half_scan leaves out together

// A signal band-limited to the Nyquist frequency that peaks at M has a point above 0.924 M on a grid of quarters next to the
// peak, above 0.98 M on one of eighths. A little less is asked of what 24 taps see; what they lose beyond that is so near
// the Nyquist frequency that the tail shows it.
constexpr float quarter_reach = 0.88F;
constexpr float eighth_reach = 0.94F;
// A position whose eighths all stay under an end of it by more than this has its peak in the position beside it.
constexpr float at_the_end = 0.9995F;

inline Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
inline void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
inline Floats magnitude(Floats v) { return reinterpret_cast<Floats>(reinterpret_cast<Ints>(v) & 0x7fffffff); }
inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }

// One bit for each lane of a comparison that holds.
inline unsigned bits_of(Ints mask) {
#ifdef SMARTMIX_KERNEL_SIGNS_OF
    return static_cast<unsigned>(SMARTMIX_KERNEL_SIGNS_OF(reinterpret_cast<Floats>(mask)));
#else
    unsigned bits = 0;
    for (int l = 0; l < lanes; ++l) bits |= (mask[l] != 0 ? 1U : 0U) << static_cast<unsigned>(l);
    return bits;
#endif
}
inline bool any(Ints mask) { return bits_of(mask) != 0; }

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

// Whether a middle could be large enough: no sample that one of these positions sees times the largest gain there is.
inline bool worth_looking(const dsp::InterpolatorTables& tables, const float* x, int frames, const float* threshold) {
    Floats lowest = load(threshold);
    for (int i = lanes; i < frames; i += lanes) {
        const Floats here = load(threshold + i);
        lowest = here < lowest ? here : lowest;
    }
    Floats most = {};
    for (int i = -16; i < frames + 8; i += lanes) most = larger(magnitude(load(x + i + 5)), most);
    float least[lanes], each[lanes];
    store(least, lowest);
    store(each, most);
    float threshold_found = least[0], found = each[0];
    for (int l = 1; l < lanes; ++l) {
        threshold_found = least[l] < threshold_found ? least[l] : threshold_found;
        found = each[l] > found ? each[l] : found;
    }
    return found * tables.half_gain_bound >= threshold_found;
}

// Levels of `Groups` groups of eight; one bit for each that has one at or above its threshold.
template <int Groups>
inline unsigned scan_groups(const float* x, const float* taps, const float* threshold, float* level) {
    constexpr int parts = scan_group / lanes;
    Floats middle[Groups * parts] = {};
#pragma GCC unroll 12
    for (int k = 0; k < 12; ++k) {
        for (int v = 0; v < Groups * parts; ++v) {
            middle[v] += taps[k] * (load(x + v * lanes - k) + load(x + v * lanes + 1 + k));
        }
    }
    unsigned found = 0;
    for (int g = 0; g < Groups; ++g) {
        Ints over = {};
        for (int v = g * parts; v < (g + 1) * parts; ++v) {
            const Floats ends = larger(magnitude(load(x + v * lanes)), magnitude(load(x + v * lanes + 1)));
            const Floats largest = larger(magnitude(middle[v]), ends);
            store(level + v * lanes, largest);
            over |= largest >= load(threshold + v * lanes);
        }
        if (any(over)) found |= 1U << static_cast<unsigned>(g);
    }
    return found;
}

int half_scan(const dsp::InterpolatorTables& tables, const float* x, int frames, const float* threshold, float* level,
              int* groups) {
    const float* taps = tables.short_half.data();
    int count = 0;
    for (int first = 0; first < frames; first += span) {
        const int end = first + span < frames ? first + span : frames;
        if (!worth_looking(tables, x + first, end - first, threshold + first)) continue;
        int group = first;
        for (; group + 2 * scan_group <= end; group += 2 * scan_group) {
            const unsigned over = scan_groups<2>(x + group, taps, threshold + group, level + group);
            if (over & 1U) groups[count++] = group;
            if (over & 2U) groups[count++] = group + scan_group;
        }
        if (group < end && scan_groups<1>(x + group, taps, threshold + group, level + group) != 0) groups[count++] = group;
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

// The pair of points of a row of `eighths` at 2 `pair` / 16 from either end: near + far and near - far.
struct Pair {
    Floats even = {}, odd = {};
};
template <int First, int Count>
inline void eighths(const float* x, const float* row, Pair* pairs) {
#pragma GCC unroll 4
    for (int k = 0; k < 12; ++k, row += 7) {
        const Floats before = load(x - k), after = load(x + 1 + k);
        const Floats sum = before + after, difference = before - after;
#pragma GCC unroll 2
        for (int p = 0; p < Count; ++p) {
            pairs[p].even += row[First + 4 * p] * sum;
            pairs[p].odd += row[First + 4 * p + 1] * difference;
        }
    }
}
inline Floats larger_of(const Pair& pair) { return magnitude(pair.even) + magnitude(pair.odd); }

// The largest of the 15 sixteenths of one position by 64 taps: the points lie side by side.
inline float sharp_peak(const float* x, const float* row) {
    constexpr int parts = 8 / lanes;
    Floats even[parts] = {}, odd[parts] = {};
#pragma GCC unroll 8
    for (int k = 0; k < 32; ++k, row += 16) {
        const float sum = x[-k] + x[1 + k], difference = x[-k] - x[1 + k];
        for (int p = 0; p < parts; ++p) {
            even[p] += load(row + p * lanes) * sum;
            odd[p] += load(row + 8 + p * lanes) * difference;
        }
    }
    Floats most = {};
    for (int p = 0; p < parts; ++p) most = larger(magnitude(even[p]) + magnitude(odd[p]), most);
    float each[lanes];
    store(each, most);
    float found = each[0];
    for (int l = 1; l < lanes; ++l) found = each[l] > found ? each[l] : found;
    return found;
}

// The same for as many positions as there are lanes, in the same order of adding: cheaper where most of them are looked at.
template <int First>
inline Floats sharp_half(const float* x, const float* row) {
    Floats even[4] = {}, odd[4] = {};
    for (int k = 0; k < 32; ++k, row += 16) {
        const Floats before = load(x - k), after = load(x + 1 + k);
        const Floats sum = before + after, difference = before - after;
#pragma GCC unroll 4
        for (int p = 0; p < 4; ++p) {
            even[p] += row[First + p] * sum;
            odd[p] += row[8 + First + p] * difference;
        }
    }
    Floats most = {};
    for (int p = 0; p < 4; ++p) most = larger(magnitude(even[p]) + magnitude(odd[p]), most);
    return most;
}

inline Floats only(Ints mask, Floats v) { return reinterpret_cast<Floats>(reinterpret_cast<Ints>(v) & mask); }

// Readings of the 24 taps and the shorter ones in `peak`; returns the positions that the 64 taps must look at.
inline unsigned short_readings(const dsp::InterpolatorTables& tables, const float* x, const Near& near, Floats limit, int i, float* peak) {
    const Floats level = load(near.level + i), tail = load(near.tail + i);
    const float* row = tables.short_eighths.data();
    store(peak, Floats{});
    Ints open = level >= load(near.threshold + i);
    if (!any(open)) return 0;
    Pair quarter[1];
    eighths<3, 1>(x, row, quarter);
    Floats largest = larger(larger_of(quarter[0]), level);
    open &= largest + tail >= quarter_reach * limit;
    if (!any(open)) return 0;
    Pair outer[2];
    eighths<1, 2>(x, row, outer);
    Floats inside = larger(larger(larger_of(outer[0]), larger_of(outer[1])), larger_of(quarter[0]));
    inside = larger(inside, largest_point<6, 2, false>(x, tables.bs1770.data()));
    inside = larger(inside, largest_point<6, 1, true>(x, tables.hann12.data()));
    largest = larger(inside, largest);
    store(peak, only(open, largest + tail));
    open &= largest + tail >= eighth_reach * limit;
    if (!any(open)) return 0;
    // Where a parabola through the higher end and the two eighths next to it is a sixteenth in.
    const Floats first = magnitude(load(x)), last = magnitude(load(x + 1));
    const Ints early = first >= last;
    const Floats end = larger(first, last);
    const Floats sum_1 = outer[0].even + outer[0].odd, less_1 = outer[0].even - outer[0].odd;
    const Floats sum_2 = quarter[0].even + quarter[0].odd, less_2 = quarter[0].even - quarter[0].odd;
    const Floats one = magnitude(early ? sum_1 : less_1), two = magnitude(early ? sum_2 : less_2);
    const Floats between = 0.375F * end + 0.75F * one - 0.125F * two;
    open &= (larger(inside, between) + tail >= at_the_end * end) | (level > end);
    return bits_of(open);
}

unsigned readings(const dsp::InterpolatorTables& tables, const float* x, const Near& near, float* peak) {
    unsigned over = 0;
    for (int i = 0; i < scan_group; i += lanes) {
        const Floats ceiling = load(near.ceiling + i), next = load(near.ceiling + i + 1);
        const Floats limit = ceiling < next ? ceiling : next;
        float found[lanes];
        unsigned sharp = short_readings(tables, x + i, near, limit, i, found);
        float most[lanes];
        const float* row = tables.sharp.data();
        const bool together = 4 * __builtin_popcount(sharp) >= 3 * lanes;
        if (together) store(most, larger(sharp_half<0>(x + i, row), sharp_half<4>(x + i, row)));
        for (; sharp != 0; sharp &= sharp - 1) {
            const int at = __builtin_ctz(sharp);
            const float more = (together ? most[at] : sharp_peak(x + i + at, row)) + near.tail[i + at];
            found[at] = more > found[at] ? more : found[at];
        }
        over |= bits_of(load(found) > limit) << static_cast<unsigned>(i);
        store(peak + i, larger(load(found), load(peak + i)));
    }
    return over;
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const PeakScan scan;
const PeakScan scan = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &largest, &half_scan, &quarters, &fine_point,
                             &readings};
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
