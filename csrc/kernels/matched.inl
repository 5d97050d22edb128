// Included once per instruction set, with SMARTMIX_KERNEL_ISA, SMARTMIX_KERNEL_BYTES and SMARTMIX_KERNEL_SQUARE_ROOT defined.
// The formulas, and what they mean, are those of dsp/matched_design.cpp: names are the same.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef double Doubles __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Doubles DoublesAnywhere __attribute__((aligned(8), may_alias));
constexpr int width = SMARTMIX_KERNEL_BYTES / 8;

constexpr double pi = 3.14159265358979323846;
constexpr double bell_ease = 0.8;
constexpr double shelf_ease = 0.97;
constexpr double edge = 7.0 / 3.0;
constexpr double root_edge = 1.5275252316519466;
constexpr double shelf_node = 0.97;
constexpr double resonance = 15.0;
constexpr double spread = 0.19;
constexpr double spread_q = 2.5;
constexpr double most_missing = 0.15;
constexpr double topmost_zero = 0.9999 * pi;
constexpr double log_10_of_40th = 2.30258509299404568402 / 40.0;

SMARTMIX_KERNEL_INLINE Doubles load(const double* p) { return *reinterpret_cast<const DoublesAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(double* p, Doubles v) { *reinterpret_cast<DoublesAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Doubles all(double x) { return Doubles{} + x; }
SMARTMIX_KERNEL_INLINE Doubles root_of(Doubles x) { return SMARTMIX_KERNEL_SQUARE_ROOT(x); }
SMARTMIX_KERNEL_INLINE Doubles root_of_positive(Doubles x) { return root_of(x > 0.0 ? x : Doubles{}); }
SMARTMIX_KERNEL_INLINE Doubles square(Doubles x) { return x * x; }

// Sums of x^n / n! with every second n: the series of cosine and sine, to 1e-11 up to pi / 2.
SMARTMIX_KERNEL_INLINE Doubles series(Doubles x2, int last) {
    Doubles sum = all(1.0);
    for (int n = last; n > 1; n -= 2) sum = 1.0 - sum * x2 * (1.0 / (n * (n - 1)));
    return sum;
}

// tan^2 of half the angle (0 .. pi).
SMARTMIX_KERNEL_INLINE Doubles warped(Doubles radians) {
    const Doubles x2 = square(0.5 * radians);
    return x2 * square(series(x2, 19) / series(x2, 18));
}

// e^x for x in 0 .. 1.5: its series for a quarter of x, squared twice; to 1e-10.
SMARTMIX_KERNEL_INLINE Doubles exponential(Doubles x) {
    const Doubles quarter = 0.25 * x;
    Doubles sum = all(1.0);
    for (int n = 9; n > 0; --n) sum = 1.0 + sum * quarter * (1.0 / n);
    return square(square(sum));
}

struct Ratio {
    Doubles product, sum, low, slope, high;
};

SMARTMIX_KERNEL_INLINE Ratio reciprocal(const Ratio& r) {
    return {r.low * r.product / r.high, r.slope / r.high, 1.0 / r.low, r.sum / r.high, 1.0 / r.high};
}

SMARTMIX_KERNEL_INLINE Ratio chosen(Doubles gain_db, const Ratio& boost, const Ratio& cut) {
    const auto lifts = gain_db > 0.0;
    return {lifts ? boost.product : cut.product, lifts ? boost.sum : cut.sum, lifts ? boost.low : cut.low,
            lifts ? boost.slope : cut.slope, lifts ? boost.high : cut.high};
}

// 0 dB is exactly neutral, with the poles of the smallest boost.
SMARTMIX_KERNEL_INLINE void realise(const Ratio& boost, const Ratio& cut, Doubles gain_db, MatchedBatch& batch, int at) {
    const Ratio r = chosen(gain_db, boost, cut);
    const auto neutral = gain_db == 0.0;
    const Doubles g = root_of(neutral ? boost.product : r.product);
    const Doubles k = (neutral ? boost.sum : r.sum) / g;
    store(batch.g.of + at, g);
    store(batch.k.of + at, k);
    store(batch.m0.of + at, neutral ? all(1.0) : r.high);
    store(batch.m1.of + at, neutral ? Doubles{} : r.slope / g - r.high * k);
    store(batch.m2.of + at, neutral ? Doubles{} : r.low - r.high);
}

struct Frequency {
    Doubles radians, x, far;
};

SMARTMIX_KERNEL_INLINE Frequency frequency_at(Doubles radians) {
    const Doubles n = square(pi / radians);
    return {radians, warped(radians), square(1.0 - n) / n};
}

struct BandPass {
    Doubles product, sum, along, high, root;
};

SMARTMIX_KERNEL_INLINE BandPass match_band_pass(const Frequency& f, Doubles k) {
    const Doubles k2 = square(k);
    const Doubles far = bell_ease * f.far;
    const Doubles high = k2 / (k2 + far);
    const Doubles rest = far / (k2 + far);
    const Doubles root = root_of(rest);
    const Doubles span = root_edge * k;
    const Doubles x = warped(f.radians * 2.0 / (span + root_of(square(span) + 4.0)));
    const Doubles along = square(f.x - x) * rest / (edge * x) - high * x;
    const Doubles sum = root_of(along + 2.0 * f.x * root * high / (1.0 + root));
    return {f.x * root, sum, along, high, root};
}

SMARTMIX_KERNEL_INLINE Ratio match_peak(const Frequency& f, Doubles peak, Doubles k) {
    const BandPass band = match_band_pass(f, k);
    const Doubles high = root_of_positive(1.0 + (peak - 1.0) * band.high);
    const Doubles slope = root_of_positive(peak * band.along + 2.0 * band.product * (high - band.root));
    return {band.product, band.sum, all(1.0), slope, high};
}

SMARTMIX_KERNEL_INLINE Doubles shelf_power(Doubles root, Doubles k2, Doubles x) {
    const Doubles above = square(root - x) + root * k2 * x;
    const Doubles below = square(1.0 - root * x) + root * k2 * x;
    return square(root) * above / below;
}

SMARTMIX_KERNEL_INLINE Ratio match_low_shelf(Doubles radians, Doubles root, Doubles k) {
    const Doubles gain = square(root);
    const Doubles k2 = square(k);
    const Doubles half_gain = root_of(root);
    const BandPass pole = match_band_pass(frequency_at(radians / half_gain), k);
    const Doubles over = radians * half_gain;
    const Frequency above = frequency_at(over < topmost_zero ? over : all(topmost_zero));
    const BandPass zero = match_band_pass(above, k);
    const Doubles resonant = root_of(above.far / (resonance * k2 + above.far));

    const Doubles met = root_of(shelf_power(root, k2, square(shelf_ease * pi / radians)));
    const Doubles kept = gain * pole.product / zero.product;
    Doubles missing = (met - kept) / (met + kept);
    missing = missing > most_missing ? all(most_missing) : missing;
    missing = missing < -most_missing ? all(-most_missing) : missing;
    const Doubles apart = spread * missing * k / (1.0 + spread_q * k);
    const Doubles up = (1.0 + apart) / (1.0 - apart);
    const Doubles product = square(up) * pole.product;
    const Doubles sum = up * pole.sum;
    const Doubles scale = square(square(up)) * kept;
    const Doubles high = met + resonant * (scale - met);

    const Doubles x = warped(shelf_node * radians);
    const Doubles power = shelf_power(root, k2, all(shelf_node * shelf_node));
    const Doubles below = square(x - product) + square(sum) * x;
    const Doubles slope = root_of_positive((power * below - square(high * x - gain * product)) / x);
    return {product, sum, gain, slope + resonant * (scale * zero.sum / up - slope), high};
}

SMARTMIX_KERNEL_INLINE Doubles root_gain(Doubles gain_db) {
    return exponential((gain_db < 0.0 ? -gain_db : gain_db) * log_10_of_40th);
}

SMARTMIX_KERNEL_INLINE Ratio scaled(const Ratio& r, Doubles gain) {
    return {r.product, r.sum, gain * r.low, gain * r.slope, gain * r.high};
}

void bells(MatchedBatch& batch, int count) {
    for (int at = 0; at < count; at += width) {
        const Doubles gain_db = load(batch.gain_db.of + at);
        const Doubles root = root_gain(gain_db);
        const Frequency f = frequency_at(load(batch.radians.of + at));
        const Ratio boost = match_peak(f, square(square(root)), 1.0 / (load(batch.q.of + at) * root));
        realise(boost, reciprocal(boost), gain_db, batch, at);
    }
}

void low_shelves(MatchedBatch& batch, int count) {
    for (int at = 0; at < count; at += width) {
        const Doubles gain_db = load(batch.gain_db.of + at);
        const Ratio boost = match_low_shelf(load(batch.radians.of + at), root_gain(gain_db), 1.0 / load(batch.q.of + at));
        realise(boost, reciprocal(boost), gain_db, batch, at);
    }
}

void high_shelves(MatchedBatch& batch, int count) {
    for (int at = 0; at < count; at += width) {
        const Doubles gain_db = load(batch.gain_db.of + at);
        const Doubles root = root_gain(gain_db);
        const Ratio low = match_low_shelf(load(batch.radians.of + at), root, 1.0 / load(batch.q.of + at));
        const Ratio cut = scaled(low, 1.0 / square(root));
        const Ratio boost = scaled(reciprocal(low), square(root));
        realise({gain_db == 0.0 ? low.product : boost.product, gain_db == 0.0 ? low.sum : boost.sum, boost.low, boost.slope,
                 boost.high},
                cut, gain_db, batch, at);
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const MatchedKernels matched;
const MatchedKernels matched = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &bells, &low_shelves, &high_shelves};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
