// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up), SMARTMIX_KERNEL_BYTES (vector width), SMARTMIX_KERNEL_MULTIPLY_ADD and SMARTMIX_KERNEL_MULTIPLY_ADD_DOUBLES
// (a b + c, rounded once or twice), SMARTMIX_KERNEL_MAX_DOUBLES and SMARTMIX_KERNEL_MIN_DOUBLES defined, and with 32 bytes
// SMARTMIX_KERNEL_DOUBLES_OF (four floats as doubles: the generic conversion goes a longer way). No standard containers in
// here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::uint32_t Words __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::int32_t Ints __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef double Doubles __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef std::int64_t Longs __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));
typedef Doubles DoublesAnywhere __attribute__((aligned(8), may_alias));
typedef Longs LongsAnywhere __attribute__((aligned(8), may_alias));
typedef float Four __attribute__((vector_size(16)));
typedef Four FourAnywhere __attribute__((aligned(4), may_alias));
typedef float Half __attribute__((vector_size(SMARTMIX_KERNEL_BYTES / 2)));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int doubles = SMARTMIX_KERNEL_BYTES / 8;
constexpr int parts = 4 / doubles;  // vectors to four detectors

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Four load4(const float* p) { return *reinterpret_cast<const FourAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store4(float* p, Four v) { *reinterpret_cast<FourAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Floats muladd(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c); }
SMARTMIX_KERNEL_INLINE Doubles muladd_doubles(Doubles a, Doubles b, Doubles c) {
    return SMARTMIX_KERNEL_MULTIPLY_ADD_DOUBLES(a, b, c);
}
SMARTMIX_KERNEL_INLINE Floats all(float x) { return Floats{} + x; }
SMARTMIX_KERNEL_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }
SMARTMIX_KERNEL_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }

// A piece of a row shorter than a vector, with `beyond` behind it.
struct Padded {
    float x[width];
    Padded(const float* from, int count, float beyond) {
        for (int i = 0; i < width; ++i) x[i] = i < count ? from[i] : beyond;
    }
    void give_back(float* to, int count) const {
        for (int i = 0; i < count; ++i) to[i] = x[i];
    }
};

// dsp::log2_fast and dsp::exp2_fast, a vector at a time.
SMARTMIX_KERNEL_INLINE Floats log2_of(Floats x) {
    const Words one = Words{} + 0x3f800000U;
    const Words root_half = Words{} + 0x3f3504f3U;
    const Words bits = reinterpret_cast<Words>(x) + (one - root_half);
    const Floats exponent = __builtin_convertvector(reinterpret_cast<Ints>(bits >> 23U) - 127, Floats);
    const Floats t = reinterpret_cast<Floats>((bits & 0x007fffffU) + root_half) - 1.0F;
    Floats series = muladd(t, all(-0.20658785F), all(0.32215407F));
    series = muladd(t, series, all(-0.36749065F));
    series = muladd(t, series, all(0.47934809F));
    series = muladd(t, series, all(-0.72113186F));
    series = muladd(t, series, all(1.4427135F));
    return muladd(t, series, exponent);
}

SMARTMIX_KERNEL_INLINE Floats exp2_of(Floats t) {
    const Floats to_whole = all(12582912.0F);
    const Floats shifted = t + to_whole;
    const Floats f = t - (shifted - to_whole);
    const Floats scale = reinterpret_cast<Floats>((reinterpret_cast<Words>(shifted) << 23U) + 0x3f800000U);
    Floats series = all(0.00015403530F);
    series = muladd(series, f, all(0.0013333558F));
    series = muladd(series, f, all(0.0096181291F));
    series = muladd(series, f, all(0.055504109F));
    series = muladd(series, f, all(0.24022651F));
    series = muladd(series, f, all(0.69314718F));
    return scale * muladd(series, f, all(1.0F));
}

SMARTMIX_KERNEL_INLINE Floats absolute(Floats x) { return reinterpret_cast<Floats>(reinterpret_cast<Words>(x) & 0x7fffffffU); }

float peaks(const float* const* heads, int channels, float* levels, int frames) {
    float greatest = 0.0F;
    if (channels <= 2) {
        const float* left = heads[0];
        const float* right = heads[channels - 1];
        Floats all_greatest = {};
        int i = 0;
        for (; i + width <= frames; i += width) {
            const Floats level = larger(absolute(load(left + i)), absolute(load(right + i)));
            all_greatest = larger(level, all_greatest);
            store(levels + i, level);
        }
        for (int l = 0; l < width; ++l) greatest = all_greatest[l] > greatest ? all_greatest[l] : greatest;
        for (; i < frames; ++i) {
            const float a = __builtin_fabsf(left[i]);
            const float b = __builtin_fabsf(right[i]);
            levels[i] = a > b ? a : b;
            greatest = levels[i] > greatest ? levels[i] : greatest;
        }
        return greatest;
    }
    for (int i = 0; i < frames; ++i) levels[i] = 0.0F;
    for (int c = 0; c < channels; ++c) {
        for (int i = 0; i < frames; ++i) {
            const float a = __builtin_fabsf(heads[c][i]);
            levels[i] = a > levels[i] ? a : levels[i];
            greatest = levels[i] > greatest ? levels[i] : greatest;
        }
    }
    return greatest;
}

SMARTMIX_KERNEL_INLINE Floats wanted_of(const WantedCurve& curve, Floats level) {
    const Floats over_db = muladd(log2_of(level), all(curve.db_per_octave), all(-curve.threshold_db));
    const Floats half_knee = all(curve.half_knee_db);
    const Floats above = larger(smaller(over_db, all(curve.loudest_over_db)) + half_knee, all(0.0F));
    const Floats inside = smaller(above, half_knee + half_knee);
    return curve.slope * muladd(inside * inside, all(curve.half_over_knee), above - inside);
}

void want(const WantedCurve& curve, float* levels, int frames) {
    const WantedCurve c = curve;
    int i = 0;
    for (; i + width <= frames; i += width) store(levels + i, wanted_of(c, load(levels + i)));
    if (i == frames) return;
    Padded rest(levels + i, frames - i, 0.0F);
    store(rest.x, wanted_of(c, load(rest.x)));
    rest.give_back(levels + i, frames - i);
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

// Four detectors (or two, where a vector holds no more). Both branches lie between the old value and the wanted one, the
// slower one nearer to the old: which is right is a maximum (or, in lanes that rise slower than they fall, a minimum) and
// needs no jump.
template <bool Mixed>
struct Detectors {
    Doubles rise, fall, rise_take, fall_take, value, deepest, total;
    Longs counted, slow_rise;

    SMARTMIX_KERNEL_INLINE void read(const DetectorLanes& lanes, int first) {
        const auto at = [first](const DetectorLanes::Lanes& of) {
            return *reinterpret_cast<const DoublesAnywhere*>(of.lane + first);
        };
        rise = at(lanes.rise), fall = at(lanes.fall), rise_take = at(lanes.rise_take), fall_take = at(lanes.fall_take);
        value = at(lanes.value), deepest = at(lanes.deepest), total = at(lanes.total);
        counted = *reinterpret_cast<const LongsAnywhere*>(lanes.counted + first);
        slow_rise = rise > fall;
    }
    SMARTMIX_KERNEL_INLINE void write(DetectorLanes& lanes, int first) const {
        const auto put = [first](DetectorLanes::Lanes& of, Doubles x) {
            *reinterpret_cast<DoublesAnywhere*>(of.lane + first) = x;
        };
        put(lanes.value, value), put(lanes.deepest, deepest), put(lanes.total, total);
        *reinterpret_cast<LongsAnywhere*>(lanes.counted + first) = counted;
    }
    SMARTMIX_KERNEL_INLINE Doubles step(Doubles wanted) {
        const Doubles risen = muladd_doubles(rise, value, rise_take * wanted);
        const Doubles fallen = muladd_doubles(fall, value, fall_take * wanted);
        value = SMARTMIX_KERNEL_MAX_DOUBLES(risen, fallen);
        if constexpr (Mixed) value = slow_rise ? SMARTMIX_KERNEL_MIN_DOUBLES(risen, fallen) : value;
        deepest = SMARTMIX_KERNEL_MAX_DOUBLES(deepest, value);
        const Longs counts = value > DetectorLanes::counted_db;
        total += reinterpret_cast<Doubles>(reinterpret_cast<Longs>(value) & counts);
        counted -= counts;
        return value;
    }
};

// One frame of four detectors.
template <bool Mixed>
SMARTMIX_KERNEL_INLINE Four step_four(Detectors<Mixed>* detectors, Four wanted) {
#if SMARTMIX_KERNEL_BYTES == 16
    const Half low = __builtin_convertvector(
        detectors[0].step(__builtin_convertvector(__builtin_shufflevector(wanted, wanted, 0, 1), Doubles)), Half);
    const Half high = __builtin_convertvector(
        detectors[1].step(__builtin_convertvector(__builtin_shufflevector(wanted, wanted, 2, 3), Doubles)), Half);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3);
#else
    return __builtin_convertvector(detectors[0].step(SMARTMIX_KERNEL_DOUBLES_OF(wanted)), Four);
#endif
}

template <int Blocks, bool Mixed>
void detect_blocks(DetectorLanes& lanes, float* const* rows, int frames) {
    Detectors<Mixed> detectors[Blocks][parts];
    for (int b = 0; b < Blocks; ++b) {
        for (int p = 0; p < parts; ++p) detectors[b][p].read(lanes, 4 * b + p * doubles);
    }
    int i = 0;
    for (; i + 4 <= frames; i += 4) {
        Square square[Blocks];
        for (int b = 0; b < Blocks; ++b) {
            float* const* row = rows + 4 * b;
            square[b] = turned({{load4(row[0] + i), load4(row[1] + i), load4(row[2] + i), load4(row[3] + i)}});
        }
#pragma GCC unroll 4
        for (int f = 0; f < 4; ++f) {
#pragma GCC unroll 2
            for (int b = 0; b < Blocks; ++b) square[b].row[f] = step_four(detectors[b], square[b].row[f]);
        }
        for (int b = 0; b < Blocks; ++b) {
            const Square back = turned(square[b]);
            for (int r = 0; r < 4; ++r) store4(rows[4 * b + r] + i, back.row[r]);
        }
    }
    for (; i < frames; ++i) {
        for (int b = 0; b < Blocks; ++b) {
            float* const* row = rows + 4 * b;
            const Four said = step_four(detectors[b], Four{row[0][i], row[1][i], row[2][i], row[3][i]});
            for (int r = 0; r < 4; ++r) row[r][i] = said[r];
        }
    }
    for (int b = 0; b < Blocks; ++b) {
        for (int p = 0; p < parts; ++p) detectors[b][p].write(lanes, 4 * b + p * doubles);
    }
}

void detect(DetectorLanes& lanes, float* const* rows, int count, int frames) {
    bool mixed = false;
    for (int l = 0; l < count; ++l) mixed = mixed || lanes.rise.lane[l] > lanes.fall.lane[l];
    if (count <= 4) {
        mixed ? detect_blocks<1, true>(lanes, rows, frames) : detect_blocks<1, false>(lanes, rows, frames);
    } else {
        mixed ? detect_blocks<2, true>(lanes, rows, frames) : detect_blocks<2, false>(lanes, rows, frames);
    }
}

SMARTMIX_KERNEL_INLINE Floats factor_of(Floats reduction_db, Floats makeup, Floats mix) {
    const Floats wet = exp2_of(reduction_db * -0.16609640F) * makeup;
    return muladd(mix, wet, 1.0F - mix);  // exactly 1 where `wet` is
}

// A product would flush the smallest numbers.
SMARTMIX_KERNEL_INLINE Floats applied(Floats x, Floats factor) { return factor == 1.0F ? x : x * factor; }

template <class Makeup, class Mix>
SMARTMIX_KERNEL_INLINE void turn_down_by(float* const* heads, int channels, const float* reductions, int frames,
                                         const Makeup& makeup, const Mix& mix) {
    int i = 0;
    for (; i + width <= frames; i += width) {
        const Floats factor = factor_of(load(reductions + i), makeup(i, width), mix(i, width));
        for (int c = 0; c < channels; ++c) store(heads[c] + i, applied(load(heads[c] + i), factor));
    }
    if (i == frames) return;
    const int left = frames - i;
    const Padded reduction(reductions + i, left, 0.0F);
    const Floats factor = factor_of(load(reduction.x), makeup(i, left), mix(i, left));
    for (int c = 0; c < channels; ++c) {
        Padded rest(heads[c] + i, left, 0.0F);
        store(rest.x, applied(load(rest.x), factor));
        rest.give_back(heads[c] + i, left);
    }
}

void turn_down(float* const* heads, int channels, const float* reductions, const TurnDown& how, int frames) {
    const auto still = [](float x) { return [v = all(x)](int, int) { return v; }; };
    const auto moving = [](const float* row, float x) {
        return [row, x](int i, int count) {
            if (row == nullptr) return all(x);
            return count == width ? load(row + i) : load(Padded(row + i, count, 0.0F).x);
        };
    };
    if (how.makeups != nullptr || how.mixes != nullptr) {
        turn_down_by(heads, channels, reductions, frames, moving(how.makeups, how.makeup), moving(how.mixes, how.mix));
    } else if (channels == 2) {
        turn_down_by(heads, 2, reductions, frames, still(how.makeup), still(how.mix));
    } else {
        turn_down_by(heads, channels, reductions, frames, still(how.makeup), still(how.mix));
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const DynamicsKernels dynamics;
const DynamicsKernels dynamics = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &peaks, &want, &detect, &turn_down};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
