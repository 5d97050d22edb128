// Included once per instruction set, with SMARTMIX_KERNEL_ISA (a namespace of its own, so that no linker can mix the sets
// up) and SMARTMIX_KERNEL_BYTES (vector width) defined. No standard containers are made in here for the same reason.
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
static_assert(lane_fft_lanes % width == 0);

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }

struct Complex {
    Floats re, im;
    SMARTMIX_KERNEL_INLINE Complex operator+(const Complex& o) const { return {re + o.re, im + o.im}; }
    SMARTMIX_KERNEL_INLINE Complex operator-(const Complex& o) const { return {re - o.re, im - o.im}; }
    SMARTMIX_KERNEL_INLINE Complex times(const float* w) const { return {re * w[0] - im * w[1], re * w[1] + im * w[0]}; }
};

// One lane set of a transform in place.
struct Points {
    float* re;
    float* im;
    SMARTMIX_KERNEL_INLINE Complex get(int i) const { return {load(re + i * lane_fft_lanes), load(im + i * lane_fft_lanes)}; }
    SMARTMIX_KERNEL_INLINE void set(int i, const Complex& v) const {
        store(re + i * lane_fft_lanes, v.re);
        store(im + i * lane_fft_lanes, v.im);
    }
};

SMARTMIX_KERNEL_INLINE void radix4(const Points& x, int at, int apart, const float* w1, const float* w2, const float* w3) {
    const Complex a = x.get(at), b = x.get(at + apart), c = x.get(at + 2 * apart), d = x.get(at + 3 * apart);
    const Complex even = a + c, odd = b + d, far = a - c, turned = b - d;
    const Complex minus_i = {turned.im, -turned.re};
    x.set(at, even + odd);
    x.set(at + apart, (far + minus_i).times(w1));
    x.set(at + 2 * apart, (even - odd).times(w2));
    x.set(at + 3 * apart, (far - minus_i).times(w3));
}

// Decimation in frequency: each pass splits blocks of `length` points in four, the last one perhaps in two.
void transform(const LaneFftPlan& plan, float* re, float* im) {
    const float* twiddles = plan.twiddles;
    for (int lane = 0; lane < lane_fft_lanes; lane += width) {
        const Points x = {re + lane, im + lane};
        int length = plan.size;
        for (; length >= 4; length /= 4) {
            const int apart = length / 4, turn = 2 * (plan.size / length);
            for (int j = 0; j < apart; ++j) {
                const float *w1 = twiddles + j * turn, *w2 = twiddles + 2 * j * turn, *w3 = twiddles + 3 * j * turn;
                for (int block = j; block < plan.size; block += length) radix4(x, block, apart, w1, w2, w3);
            }
        }
        if (length == 2) {
            for (int i = 0; i < plan.size; i += 2) {
                const Complex a = x.get(i), b = x.get(i + 1);
                x.set(i, a + b);
                x.set(i + 1, a - b);
            }
        }
    }
}

void windowed(const float* x, const float* window, float* out, int size) {
    for (int i = 0; i < size; ++i) {
        for (int lane = 0; lane < lane_fft_lanes; lane += width) {
            store(out + i * lane_fft_lanes + lane, load(x + i * lane_fft_lanes + lane) * window[i]);
        }
    }
}

void decimate(const float* x, const float* taps, int tap_count, int factor, float* out, int count) {
    for (int o = 0; o < count; ++o) {
        for (int lane = 0; lane < lane_fft_lanes; lane += width) {
            const float* from = x + o * factor * lane_fft_lanes + lane;
            Floats even = {}, odd = {};
            for (int t = 0; t < tap_count; t += 2) {
                even += load(from + t * lane_fft_lanes) * taps[t];
                odd += load(from + (t + 1) * lane_fft_lanes) * taps[t + 1];
            }
            store(out + o * lane_fft_lanes + lane, even + odd);
        }
    }
}

void power_sums(const LaneFftPlan& plan, const float* re, const float* im, const int* first, int sums, const float* weights,
                float* power_re, float* power_im) {
    for (int s = 0; s < sums; ++s) {
        for (int lane = 0; lane < lane_fft_lanes; lane += width) {
            Floats a = {}, b = {};
            for (int k = first[s]; k < first[s + 1]; ++k) {
                const int up = plan.where[k] * lane_fft_lanes + lane;
                const int down = plan.where[plan.size - k] * lane_fft_lanes + lane;
                const Floats even_re = load(re + up) + load(re + down), odd_im = load(im + up) - load(im + down);
                const Floats even_im = load(im + up) + load(im + down), odd_re = load(re + up) - load(re + down);
                const float weight = 0.25F * weights[k - first[0]];
                a += (even_re * even_re + odd_im * odd_im) * weight;
                b += (even_im * even_im + odd_re * odd_re) * weight;
            }
            store(power_re + s * lane_fft_lanes + lane, a);
            store(power_im + s * lane_fft_lanes + lane, b);
        }
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(isa) #isa
#define SMARTMIX_NAME(isa) SMARTMIX_NAME_OF(isa)
extern const LaneFftKernels lane_fft;
const LaneFftKernels lane_fft = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &windowed, &decimate, &transform, &power_sums};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
