// Included once per instruction set, with SMARTMIX_KERNEL_ISA and SMARTMIX_KERNEL_BYTES defined.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef double Doubles __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Doubles DoublesAnywhere __attribute__((aligned(8), may_alias));
constexpr int width = SMARTMIX_KERNEL_BYTES / 8;
constexpr int lanes = 4;  // sums run in four lanes in every set, whatever the vectors hold: the same bits
constexpr int vectors = lanes / width;
constexpr int together = 4;  // columns that share what is loaded

using Powers = BandSlopeKernels::Powers;

SMARTMIX_KERNEL_INLINE Doubles load(const double* p) { return *reinterpret_cast<const DoublesAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(double* p, Doubles v) { *reinterpret_cast<DoublesAnywhere*>(p) = v; }

void section(const double* t, int count, const Powers& at, const BandSlopeKernels::Slopes& by, double* ratio,
             double* const* column) {
    for (int i = 0; i < count; i += width) {
        const Doubles x = load(t + i);
        const Doubles w = x * at.per_g2;
        const Doubles a = at.low - at.high * w;
        const Doubles b = 1.0 - w;
        const Doubles above = a * a + at.slope2 * w;
        const Doubles below = b * b + at.k2 * w;
        const Doubles per_both = 1.0 / (above * below);
        const Doubles per_above = per_both * below;
        const Doubles per_below = per_both * above;
        store(ratio + i, load(ratio + i) * (above * per_below));
        const Doubles on_low = 2.0 * a * per_above;
        const Doubles on_high = -w * on_low;
        const Doubles on_slope = w * per_above;
        const Doubles on_k = -w * per_below;
        const Doubles on_g = x * ((at.slope2 - 2.0 * at.high * a) * per_above - (at.k2 - 2.0 * b) * per_below);
        for (int of = 0; of < 3; ++of) {
            const Powers& d = by.of[of];
            store(column[of] + i,
                  on_g * d.per_g2 + on_low * d.low + on_high * d.high + on_slope * d.slope2 + on_k * d.k2);
        }
    }
}

SMARTMIX_KERNEL_INLINE double total(const Doubles (&sum)[vectors]) {
    double lane[lanes];
    for (int v = 0; v < vectors; ++v) store(lane + v * width, sum[v]);
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

// Sums of x times each of `number` columns that lie `count` apart.
template <int number>
SMARTMIX_KERNEL_INLINE void dots(const double* x, const double* columns, int count, double* into) {
    Doubles sum[number][vectors] = {};
    for (int i = 0; i < count; i += lanes) {
        for (int v = 0; v < vectors; ++v) {
            const Doubles given = load(x + i + v * width);
            for (int c = 0; c < number; ++c) sum[c][v] += given * load(columns + c * count + i + v * width);
        }
    }
    for (int c = 0; c < number; ++c) into[c] = total(sum[c]);
}

void products(const double* columns, int settings, int count, const double* weight, const double* rest, double* scratch,
              double* slope, double* matrix) {
    for (int a = 0; a < settings; ++a) {
        const double* column = columns + a * count;
        for (int i = 0; i < count; i += width) store(scratch + i, load(weight + i) * load(column + i));
        dots<1>(scratch, rest, count, slope + a);
        double* row = matrix + a * settings;
        int b = 0;
        for (; b + together <= a + 1; b += together) dots<together>(scratch, columns + b * count, count, row + b);
        for (; b <= a; ++b) dots<1>(scratch, columns + b * count, count, row + b);
        for (b = 0; b < a; ++b) matrix[b * settings + a] = row[b];
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const BandSlopeKernels band_slopes;
const BandSlopeKernels band_slopes = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &section, &products};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
