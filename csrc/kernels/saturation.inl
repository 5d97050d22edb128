// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up) and SMARTMIX_KERNEL_BYTES (vector width) defined. No standard containers in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));

typedef float OneFloat __attribute__((vector_size(4)));  // the same arithmetic for what is left over

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int padded_frames = most_oversampled_frames + 1;  // the sample before comes first
constexpr float least_drive = 1e-6F;  // an undriven curve adds nothing; this keeps a division a number

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }

template <int Strands>
SMARTMIX_KERNEL_INLINE void convolve_vectors(const float* x, const float* taps, int count, bool add, float* y) {
    Floats sum[Strands] = {};
    for (int k = 0; k < count; ++k) {
#pragma GCC unroll 4
        for (int s = 0; s < Strands; ++s) sum[s] += load(x - k + s * width) * taps[k];
    }
#pragma GCC unroll 4
    for (int s = 0; s < Strands; ++s) store(y + s * width, add ? load(y + s * width) + sum[s] : sum[s]);
}

void convolve(const float* x, const float* taps, int count, bool add, float* y, int frames) {
    constexpr int strands = 4;
    int i = 0;
    for (; i + strands * width <= frames; i += strands * width) convolve_vectors<strands>(x + i, taps, count, add, y + i);
    for (; i + width <= frames; i += width) convolve_vectors<1>(x + i, taps, count, add, y + i);
    for (; i < frames; ++i) {
        float sum = 0.0F;
        for (int k = 0; k < count; ++k) sum += x[i - k] * taps[k];
        y[i] = add ? y[i] + sum : sum;
    }
}

// With w = drive u + bias, s = sqrt(1 + w^2), s0 = s of the bias alone, the mean of w / s between two samples a and b is
// (wa + wb) / (sa + sb): no small difference is divided by another. Taking the offset away and dividing by the drive is
// worked out by hand as well, with r = u (drive u + 2 bias) / (s + s0) = (s - s0) / drive.
void bend(const CurveSettings& curve, CurveMemory& memory, float* u, int frames) {
    float x[padded_frames], s[padded_frames], r[padded_frames];
    const int done = curve.done;
    const float drive = curve.drive, step = curve.drive_step, bias = curve.bias, twice_bias = 2.0F * curve.bias;
    const float s0 = __builtin_sqrtf(1.0F + bias * bias);
    const float scale = s0 * s0;
    x[0] = memory.u, s[0] = memory.s, r[0] = memory.r;
    for (int i = 0; i < frames; ++i) {
        const float driven = (drive + step * static_cast<float>(done + i)) * u[i];
        const float w = driven + bias;
        const float root = __builtin_sqrtf(1.0F + w * w);
        x[i + 1] = u[i];
        s[i + 1] = root;
        r[i + 1] = u[i] * (driven + twice_bias) / (root + s0);
    }
    memory = {x[frames], s[frames], r[frames]};
    for (int i = 0; i < frames; ++i) {
        const float both = x[i] + x[i + 1];
        const float mean = scale * (both * s0 - bias * (r[i] + r[i + 1])) / (s[i] + s[i + 1]);
        const float kept = curve.kept + curve.kept_step * static_cast<float>(done + i);
        u[i] = mean - kept * (0.5F * both);
    }
}

// Inside the knees the quotient of differences is a polynomial; outside the curve is straight. A step across a knee is shared
// between the two by lengths whose differences are exact. `a` and `b` are driven; the result is not.
template <class V>
SMARTMIX_KERNEL_INLINE V clip_mean(V a, V b, V drive) {
    const V knee = V{} + 1.5F;
    const V ca = a > knee ? knee : (a < -knee ? -knee : a);
    const V cb = b > knee ? knee : (b < -knee ? -knee : b);
    const V da = a - ca, db = b - cb;
    const V beyond = (da > -da ? da : -da) - (db > -db ? db : -db);
    const V polynomial = 0.5F * (ca + cb) * (1.0F - (2.0F / 27.0F) * (ca * ca + cb * cb));
    const V apart = a - b;
    const V quotient = (ca - cb) * polynomial + beyond;
    const V one = V{} + 1.0F;
    return (apart == 0.0F ? polynomial : quotient) / ((apart == 0.0F ? one : apart) * drive);
}

template <class V>
SMARTMIX_KERNEL_INLINE V clip_added(V x, V before, V drive, V kept) {
    return clip_mean(drive * before, drive * x, drive) - kept * (0.5F * (before + x));
}

void clip(const CurveSettings& curve, CurveMemory& memory, float* u, int frames) {
    float x[padded_frames], drive[padded_frames], kept[padded_frames];
    x[0] = memory.u;
    for (int i = 0; i < frames; ++i) {
        x[i + 1] = u[i];
        const auto j = static_cast<float>(curve.done + i);
        const float driven = curve.drive + curve.drive_step * j;
        kept[i] = curve.kept + curve.kept_step * j;
        drive[i] = driven > least_drive ? driven : least_drive;
    }
    memory.u = x[frames];
    int i = 0;
    for (; i + width <= frames; i += width) {
        store(u + i, clip_added(load(x + i + 1), load(x + i), load(drive + i), load(kept + i)));
    }
    for (; i < frames; ++i) {
        const OneFloat added = clip_added(OneFloat{x[i + 1]}, OneFloat{x[i]}, OneFloat{drive[i]}, OneFloat{kept[i]});
        u[i] = added[0];
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(isa) #isa
#define SMARTMIX_NAME(isa) SMARTMIX_NAME_OF(isa)
extern const SaturationKernels saturation;
const SaturationKernels saturation = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &convolve, &bend, &clip};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
