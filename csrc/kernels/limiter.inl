// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up), SMARTMIX_KERNEL_BYTES (vector width), SMARTMIX_KERNEL_DOUBLES_OF (half a vector of floats as doubles; the generic
// conversion goes a longer way with 32 bytes) and SMARTMIX_KERNEL_FLOATS_OF (the way back) defined, and
// SMARTMIX_KERNEL_TWO_OF and _QUAD_OF: the first two of four floats as doubles, and back. No standard containers
// in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef double Doubles __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::uint64_t Longs __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Doubles DoublesAnywhere __attribute__((aligned(8), may_alias));
typedef float Half __attribute__((vector_size(SMARTMIX_KERNEL_BYTES / 2)));
typedef std::uint32_t HalfWords __attribute__((vector_size(SMARTMIX_KERNEL_BYTES / 2)));
typedef Half HalfAnywhere __attribute__((aligned(4), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 8;

SMARTMIX_KERNEL_INLINE Half load(const float* p) { return *reinterpret_cast<const HalfAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Half v) { *reinterpret_cast<HalfAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Doubles load(const double* p) { return *reinterpret_cast<const DoublesAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(double* p, Doubles v) { *reinterpret_cast<DoublesAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Doubles all(double x) { return Doubles{} + x; }

// Calls each(i) where whole vectors begin, and `rest`(i, count) for what is left.
template <class Each, class Rest>
SMARTMIX_KERNEL_INLINE void walk(int frames, const Each& each, const Rest& rest) {
    int i = 0;
    for (; i + width <= frames; i += width) each(i);
    if (i < frames) rest(i, frames - i);
}

// A piece of a row shorter than a vector, zeros behind it.
template <class T>
struct Padded {
    T x[width] = {};
    Padded() = default;
    Padded(const T* from, int count) {
        for (int i = 0; i < count; ++i) x[i] = from[i];
    }
    void give_back(T* to, int count) const {
        for (int i = 0; i < count; ++i) to[i] = x[i];
    }
};

// For normal numbers above 0: exponent and 2 artanh((m - 1) / (m + 1)) of a mantissa from sqrt(1/2) to sqrt(2); the series
// is cut behind s^15, at 2e-14.
SMARTMIX_KERNEL_INLINE Doubles log_of(Doubles x) {
    const Longs one = Longs{} + 0x3ff0000000000000U;
    const Longs root_half = Longs{} + 0x3fe6a09e667f3bcdU;
    const Longs whole = Longs{} + 0x4330000000000000U;  // 2^52: the low bits of a number there count ones
    const Longs bits = reinterpret_cast<Longs>(x) + (one - root_half);
    const Doubles exponent = reinterpret_cast<Doubles>((bits >> 52U) | whole) - (4503599627370496.0 + 1023.0);
    const Doubles m = reinterpret_cast<Doubles>((bits & 0x000fffffffffffffU) + root_half);
    const Doubles s = (m - 1.0) / (m + 1.0);
    const Doubles s2 = s * s;
    Doubles series = all(2.0 / 15.0);
    series = series * s2 + 2.0 / 13.0;
    series = series * s2 + 2.0 / 11.0;
    series = series * s2 + 2.0 / 9.0;
    series = series * s2 + 2.0 / 7.0;
    series = series * s2 + 2.0 / 5.0;
    series = series * s2 + 2.0 / 3.0;
    series = series * s2 + 2.0;
    return s * series + exponent * 0.69314718055994531;
}

// For -700 < x <= 0: 2^whole and the Taylor series of what is left, at most ln(2) / 2, cut behind the tenth power (2e-13).
SMARTMIX_KERNEL_INLINE Doubles exp_of(Doubles x) {
    const Doubles to_whole = all(6755399441055744.0);  // 1.5 * 2^52
    const Doubles shifted = x * 1.4426950408889634 + to_whole;
    const Doubles f = x - (shifted - to_whole) * 0.69314718055994531;
    const Doubles scale = reinterpret_cast<Doubles>((reinterpret_cast<Longs>(shifted) << 52U) + 0x3ff0000000000000U);
    const Doubles f2 = f * f, f4 = f2 * f2;  // in pairs: no term waits for nine others
    const Doubles low = (f + 1.0) + f2 * (f * (1.0 / 6.0) + 0.5);
    const Doubles middle = (f * (1.0 / 120.0) + 1.0 / 24.0) + f2 * (f * (1.0 / 5040.0) + 1.0 / 720.0);
    const Doubles high = (f * (1.0 / 362880.0) + 1.0 / 40320.0) + f2 * (1.0 / 3628800.0);
    return scale * (low + f4 * (middle + f4 * high));
}

SMARTMIX_KERNEL_INLINE bool any(Longs mask) {
    std::uint64_t bits = 0;
    for (int l = 0; l < width; ++l) bits |= mask[l];
    return bits != 0;
}

SMARTMIX_KERNEL_INLINE Doubles demand_of(Half peak, Half ceiling, double aim, double deepest) {
    const Doubles high = SMARTMIX_KERNEL_DOUBLES_OF(peak), limit = SMARTMIX_KERNEL_DOUBLES_OF(ceiling);
    const Longs over = reinterpret_cast<Longs>(high > limit);
    if (!any(over)) return Doubles{};
    const Doubles wanted = log_of(limit * aim / high);
    const Doubles kept = wanted > deepest ? wanted : all(deepest);
    return reinterpret_cast<Doubles>(reinterpret_cast<Longs>(kept) & over);
}

void demands(const float* peaks, const float* ceilings, double aim, double deepest, double* logs, int frames) {
    walk(
        frames, [&](int i) { store(logs + i, demand_of(load(peaks + i), load(ceilings + i), aim, deepest)); },
        [&](int i, int count) {
            const Padded<float> peak(peaks + i, count), ceiling(ceilings + i, count);
            Padded<double> log;
            store(log.x, demand_of(load(peak.x), load(ceiling.x), aim, deepest));
            log.give_back(logs + i, count);
        });
}

SMARTMIX_KERNEL_INLINE Doubles most_of(Doubles log, double unity) {
    const Doubles ones = all(4503599627370496.0);  // 2^52: no fraction is left there
    const Doubles near = exp_of(log) * unity;
    const Doubles rounded = (near + ones) - ones;
    const Doubles down = rounded > near ? rounded - 1.0 : rounded;
    return log < 0.0 ? down : all(unity);
}

void most_gains(double* logs, double unity, int frames) {
    walk(
        frames, [&](int i) { store(logs + i, most_of(load(logs + i), unity)); },
        [&](int i, int count) {
            Padded<double> rest(logs + i, count);
            store(rest.x, most_of(load(rest.x), unity));
            rest.give_back(logs + i, count);
        });
}

// A vector moved by `By` places towards its end, `filled` in front; and back.
template <int By>
SMARTMIX_KERNEL_INLINE Doubles later(Doubles v, Doubles filled) {
#if SMARTMIX_KERNEL_BYTES == 16
    return __builtin_shufflevector(filled, v, 1, 2);
#else
    if constexpr (By == 1) return __builtin_shufflevector(filled, v, 3, 4, 5, 6);
    return __builtin_shufflevector(filled, v, 2, 3, 4, 5);
#endif
}
template <int By>
SMARTMIX_KERNEL_INLINE Doubles sooner(Doubles v, Doubles filled) {
#if SMARTMIX_KERNEL_BYTES == 16
    return __builtin_shufflevector(v, filled, 1, 2);
#else
    if constexpr (By == 1) return __builtin_shufflevector(v, filled, 1, 2, 3, 4);
    return __builtin_shufflevector(v, filled, 2, 3, 4, 5);
#endif
}
SMARTMIX_KERNEL_INLINE Doubles last_of(Doubles v) {
#if SMARTMIX_KERNEL_BYTES == 16
    return __builtin_shufflevector(v, v, 1, 1);
#else
    return __builtin_shufflevector(v, v, 3, 3, 3, 3);
#endif
}
SMARTMIX_KERNEL_INLINE Doubles first_of(Doubles v) {
#if SMARTMIX_KERNEL_BYTES == 16
    return __builtin_shufflevector(v, v, 0, 0);
#else
    return __builtin_shufflevector(v, v, 0, 0, 0, 0);
#endif
}
SMARTMIX_KERNEL_INLINE Doubles smaller(Doubles a, Doubles b) { return a < b ? a : b; }

// What depends on the vector before is one step only.
double running_sums(const double* values, const double* late, double sum, double* sums, int frames) {
    Doubles before = all(sum);
    int i = 0;
    for (; i + width <= frames; i += width) {
        Doubles more = load(values + i) - load(late + i);
        more += later<1>(more, Doubles{});
        if constexpr (width > 2) more += later<2>(more, Doubles{});
        const Doubles now = before + more;
        before += last_of(more);
        store(sums + i, now);
    }
    for (sum = before[0]; i < frames; ++i) {
        sum += values[i] - late[i];
        sums[i] = sum;
    }
    return sum;
}

double running_minima(const double* values, double* ends, double least, double* smallest, int frames) {
    const Doubles none = all(__builtin_inf());
    Doubles before = all(least);
    int i = 0;
    for (; i + width <= frames; i += width) {
        const Doubles value = load(values + i);
        Doubles so_far = smaller(value, later<1>(value, none));
        if constexpr (width > 2) so_far = smaller(so_far, later<2>(so_far, none));
        store(smallest + i, smaller(smaller(so_far, before), load(ends + i + 1)));
        before = smaller(last_of(so_far), before);
        store(ends + i, value);
    }
    for (least = before[0]; i < frames; ++i) {
        const double value = values[i];
        least = value < least ? value : least;
        smallest[i] = ends[i + 1] < least ? ends[i + 1] : least;
        ends[i] = value;
    }
    return least;
}

void minima_to_end(double* values, int count) {
    const Doubles none = all(__builtin_inf());
    Doubles after = none;
    int i = count;
    for (; i >= width; i -= width) {
        Doubles here = load(values + i - width);
        here = smaller(here, sooner<1>(here, none));
        if constexpr (width > 2) here = smaller(here, sooner<2>(here, none));
        store(values + i - width, smaller(here, after));
        after = smaller(first_of(here), after);
    }
    for (double least = after[0]; i > 0; --i) values[i - 1] = least = values[i - 1] < least ? values[i - 1] : least;
}

// Lanes of what has come so far; sums of whole numbers.
struct Counted {
    Doubles smallest, count, sum;
    SMARTMIX_KERNEL_INLINE void add(Doubles gain) {
        const Doubles nearest = all(6755399441055744.0);  // 1.5 * 2^52: no fraction is left there
        const Longs low = reinterpret_cast<Longs>(gain < counted_gain);
        smallest = smaller(gain, smallest);
        if (!any(low)) return;
        const Doubles log = log_of(gain > 1e-11 ? gain : all(1e-11)) * log_steps;
        count += reinterpret_cast<Doubles>(reinterpret_cast<Longs>(all(1.0)) & low);
        sum += reinterpret_cast<Doubles>(reinterpret_cast<Longs>((log + nearest) - nearest) & low);
    }
};

GainCount finish(double* sums, double whole, int frames) {
    Counted so_far{all(1.0), Doubles{}, Doubles{}};
    walk(
        frames,
        [&](int i) {
            const Doubles gain = load(sums + i) / whole;
            store(sums + i, gain);
            so_far.add(gain);
        },
        [&](int i, int count) {
            Padded<double> rest(sums + i, count);
            for (int l = count; l < width; ++l) rest.x[l] = whole;
            store(rest.x, load(rest.x) / whole);
            so_far.add(load(rest.x));
            rest.give_back(sums + i, count);
        });
    GainCount found;
    for (int l = 0; l < width; ++l) {
        found.smallest = so_far.smallest[l] < found.smallest ? so_far.smallest[l] : found.smallest;
        found.counted += static_cast<std::int64_t>(so_far.count[l]);
        found.log_sum += static_cast<std::int64_t>(so_far.sum[l]);
    }
    return found;
}

// Four poles at -0.83 pass what the 64-tap interpolator loses next to the Nyquist frequency (half of it at 0.48 fs,
// -43 dB of it at 0.40 fs). Share and decay were tuned on white noise, the worst case: 0.03 dB over at most.
constexpr double tail_pole = 0.83;
constexpr double tail_decay = 0.99;
constexpr double tail_share = 1.4;
constexpr double tail_gain = (1.0 - tail_pole) * (1.0 - tail_pole) * (1.0 - tail_pole) * (1.0 - tail_pole);

typedef double Two __attribute__((vector_size(16)));
typedef std::uint64_t TwoWords __attribute__((vector_size(16)));
typedef float Quad __attribute__((vector_size(16)));
typedef Quad QuadAnywhere __attribute__((aligned(4), may_alias));

// Both channels of one frame through the poles; their sizes so far.
struct Poles {
    Two first, second, third, fourth, held;
    SMARTMIX_KERNEL_INLINE Two next(Two value) {
        first = value - tail_pole * first;
        second = first - tail_pole * second;
        third = second - tail_pole * third;
        fourth = third - tail_pole * fourth;
        const Two size = reinterpret_cast<Two>(reinterpret_cast<TwoWords>(fourth) & 0x7fffffffffffffffU);
        const Two kept = held * tail_decay;
        held = size > kept ? size : kept;
        return held * (tail_share * tail_gain);
    }
};

void tails(TailMemory& memory, const float* left, const float* right, float* left_tail, float* right_tail, int frames) {
    const auto two = [](const double* x) { return Two{x[0], x[1]}; };
    Poles poles{two(memory.stage[0]), two(memory.stage[1]), two(memory.stage[2]), two(memory.stage[3]), two(memory.held)};
    int i = 0;
    for (; i + 4 <= frames; i += 4) {
        const Quad l = *reinterpret_cast<const QuadAnywhere*>(left + i), r = *reinterpret_cast<const QuadAnywhere*>(right + i);
        const Quad early = __builtin_shufflevector(l, r, 0, 4, 1, 5), late = __builtin_shufflevector(l, r, 2, 6, 3, 7);
        const Two a = poles.next(SMARTMIX_KERNEL_TWO_OF(early));
        const Two b = poles.next(SMARTMIX_KERNEL_TWO_OF(__builtin_shufflevector(early, early, 2, 3, 2, 3)));
        const Two c = poles.next(SMARTMIX_KERNEL_TWO_OF(late));
        const Two d = poles.next(SMARTMIX_KERNEL_TWO_OF(__builtin_shufflevector(late, late, 2, 3, 2, 3)));
        const Quad ab = __builtin_shufflevector(SMARTMIX_KERNEL_QUAD_OF(a), SMARTMIX_KERNEL_QUAD_OF(b), 0, 1, 4, 5);
        const Quad cd = __builtin_shufflevector(SMARTMIX_KERNEL_QUAD_OF(c), SMARTMIX_KERNEL_QUAD_OF(d), 0, 1, 4, 5);
        *reinterpret_cast<QuadAnywhere*>(left_tail + i) = __builtin_shufflevector(ab, cd, 0, 2, 4, 6);
        *reinterpret_cast<QuadAnywhere*>(right_tail + i) = __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
    }
    for (; i < frames; ++i) {
        const Two tail = poles.next(Two{static_cast<double>(left[i]), static_cast<double>(right[i])});
        left_tail[i] = static_cast<float>(tail[0]);
        right_tail[i] = static_cast<float>(tail[1]);
    }
    const Two* const stages[4] = {&poles.first, &poles.second, &poles.third, &poles.fourth};
    for (int s = 0; s < 4; ++s) {
        for (int c = 0; c < 2; ++c) memory.stage[s][c] = (*stages[s])[c];
    }
    for (int c = 0; c < 2; ++c) memory.held[c] = poles.held[c];
}

// Times one, the smallest numbers would become zero.
SMARTMIX_KERNEL_INLINE Half applied(Half x, Doubles gain) {
    const Half product = SMARTMIX_KERNEL_FLOATS_OF(SMARTMIX_KERNEL_DOUBLES_OF(x) * gain);
    const HalfWords same = reinterpret_cast<HalfWords>(SMARTMIX_KERNEL_FLOATS_OF(gain) == 1.0F);
    return reinterpret_cast<Half>((reinterpret_cast<HalfWords>(x) & same) | (reinterpret_cast<HalfWords>(product) & ~same));
}

void apply(const float* from, const double* gains, float* to, int frames) {
    walk(
        frames, [&](int i) { store(to + i, applied(load(from + i), load(gains + i))); },
        [&](int i, int count) {
            Padded<float> rest(from + i, count);
            store(rest.x, applied(load(rest.x), load(Padded<double>(gains + i, count).x)));
            rest.give_back(to + i, count);
        });
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const LimiterKernels limiter;
const LimiterKernels limiter = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &demands, &most_gains, &running_sums,
                                &running_minima, &minima_to_end, &finish, &tails, &apply};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
