// Included once per instruction set, with SMARTMIX_KERNEL_ISA, SMARTMIX_KERNEL_BYTES, SMARTMIX_KERNEL_MULTIPLY_ADD (a b + c)
// and SMARTMIX_KERNEL_MULTIPLY_SUBTRACT (c - a b) defined, as kernels/sections.inl. No standard containers.
//
// The transform is T. Stockham's (told in W. Cochran et al., "What is the fast Fourier transform?", Proc. IEEE 55, 1967),
// with radix 4 and at most one radix 2: it sorts itself on the way, from one array into the other. Complex number i of
// eight lanes: re at x[16 i], im at x[16 i + 8].
#define SMARTMIX_KERNEL_INLINE inline __attribute__((always_inline))

namespace smartmix::kernels::SMARTMIX_KERNEL_ISA {
namespace {

typedef float Floats __attribute__((vector_size(SMARTMIX_KERNEL_BYTES)));
typedef Floats FloatsAnywhere __attribute__((aligned(4), may_alias));

constexpr int width = SMARTMIX_KERNEL_BYTES / 4;
constexpr int lanes = fft_lanes;
constexpr int pair = 2 * lanes;  // floats of a complex number of eight lanes

SMARTMIX_KERNEL_INLINE Floats load(const float* p) { return *reinterpret_cast<const FloatsAnywhere*>(p); }
SMARTMIX_KERNEL_INLINE void store(float* p, Floats v) { *reinterpret_cast<FloatsAnywhere*>(p) = v; }
SMARTMIX_KERNEL_INLINE Floats muladd(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_ADD(a, b, c); }
SMARTMIX_KERNEL_INLINE Floats mulsub(Floats a, Floats b, Floats c) { return SMARTMIX_KERNEL_MULTIPLY_SUBTRACT(a, b, c); }
SMARTMIX_KERNEL_INLINE Floats all(float x) { return Floats{} + x; }

struct Complex {
    Floats re, im;
};

SMARTMIX_KERNEL_INLINE Complex load_pair(const float* p) { return {load(p), load(p + lanes)}; }
SMARTMIX_KERNEL_INLINE void store_pair(float* p, Complex z) {
    store(p, z.re);
    store(p + lanes, z.im);
}
SMARTMIX_KERNEL_INLINE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
SMARTMIX_KERNEL_INLINE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
SMARTMIX_KERNEL_INLINE Complex times(Complex a, Floats re, Floats im) {
    return {mulsub(a.im, im, a.re * re), muladd(a.re, im, a.im * re)};
}
SMARTMIX_KERNEL_INLINE Complex minus_i(Complex a) { return {a.im, -a.re}; }

struct Quad {
    Complex of[4];
};

SMARTMIX_KERNEL_INLINE Quad four_points(Complex a, Complex b, Complex c, Complex d) {
    const Complex ac = a + c, a_c = a - c, bd = b + d, b_d = minus_i(b - d);
    return {{ac + bd, a_c + b_d, ac - bd, a_c - b_d}};
}

// turns: re and im of w, w^2, w^3 for each p.
SMARTMIX_KERNEL_INLINE void pass_of_four(const float* from, float* to, const float* turns, int m, int stride) {
    for (int p = 0; p < m; ++p, turns += 6) {
        const float* a = from + pair * stride * p;
        float* y = to + pair * stride * 4 * p;
        const Floats r1 = all(turns[0]), i1 = all(turns[1]), r2 = all(turns[2]), i2 = all(turns[3]), r3 = all(turns[4]),
                     i3 = all(turns[5]);
        const int step = pair * stride;
        for (int q = 0; q < step; q += pair) {
            const Quad z = four_points(load_pair(a + q), load_pair(a + q + m * step), load_pair(a + q + 2 * m * step),
                                       load_pair(a + q + 3 * m * step));
            store_pair(y + q, z.of[0]);
            store_pair(y + q + step, times(z.of[1], r1, i1));
            store_pair(y + q + 2 * step, times(z.of[2], r2, i2));
            store_pair(y + q + 3 * step, times(z.of[3], r3, i3));
        }
    }
}

// The last pass of all has no turns.
SMARTMIX_KERNEL_INLINE void last_of_four(const float* from, float* to, int stride) {
    const int step = pair * stride;
    for (int q = 0; q < step; q += pair) {
        const Quad z = four_points(load_pair(from + q), load_pair(from + q + step), load_pair(from + q + 2 * step),
                                   load_pair(from + q + 3 * step));
        for (int i = 0; i < 4; ++i) store_pair(to + q + i * step, z.of[i]);
    }
}

SMARTMIX_KERNEL_INLINE void last_of_two(const float* from, float* to, int stride) {
    const int step = pair * stride;
    for (int q = 0; q < step; q += pair) {
        const Complex a = load_pair(from + q), b = load_pair(from + q + step);
        store_pair(to + q, a + b);
        store_pair(to + q + step, a - b);
    }
}

// Complex transforms of n >= 2 points in the lanes; the result lies in what is returned, x or y.
float* transform(float* x, float* y, const float* turns, int n) {
    float* from = x;
    float* to = y;
    for (int part = 0; part < lanes; part += width) {
        from = x;
        to = y;
        const float* t = turns;
        int left = n;
        int stride = 1;
        for (; left > 4; left /= 4, stride *= 4) {
            pass_of_four(from + part, to + part, t, left / 4, stride);
            t += 6 * (left / 4);
            float* const was = from;
            from = to;
            to = was;
        }
        if (left == 4) last_of_four(from + part, to + part, stride);
        if (left == 2) last_of_two(from + part, to + part, stride);
    }
    return to;
}

#include "kernels/fft_shuffles.inl"

// Eight rows of `count` floats to x[i][lane].
SMARTMIX_KERNEL_INLINE void to_lanes(const float* const* rows, float* x, int count) {
    int i = 0;
    for (; i + width <= count; i += width) {
        for (int l = 0; l < lanes; l += width) {
            Square m;
            for (int k = 0; k < width; ++k) m.row[k] = load(rows[l + k] + i);
            m = transposed(m);
            for (int k = 0; k < width; ++k) store(x + (i + k) * lanes + l, m.row[k]);
        }
    }
    for (; i < count; ++i) {
        for (int l = 0; l < lanes; ++l) x[i * lanes + l] = rows[l][i];
    }
}

// ... and back. `exchange` = 1 exchanges neighbours (re and im).
SMARTMIX_KERNEL_INLINE void from_lanes(const float* x, float* const* rows, int count, int exchange) {
    int i = 0;
    for (; i + width <= count; i += width) {
        for (int l = 0; l < lanes; l += width) {
            Square m;
            for (int k = 0; k < width; ++k) m.row[k] = load(x + (i + (k ^ exchange)) * lanes + l);
            m = transposed(m);
            for (int k = 0; k < width; ++k) store(rows[l + k] + i, m.row[k]);
        }
    }
    for (; i < count; ++i) {
        for (int l = 0; l < lanes; ++l) rows[l][i] = x[(i ^ exchange) * lanes + l];
    }
}

struct Two {
    Complex low, high;
};

// X[k] and X[h - k] of the samples whose even and odd ones were the parts of z.
SMARTMIX_KERNEL_INLINE Two unfolded(Complex z, Complex mirror, Floats re, Floats im) {
    const Floats half = all(0.5F);
    const Complex even = {half * (z.re + mirror.re), half * (z.im - mirror.im)};
    const Complex odd = times({half * (z.im + mirror.im), half * (mirror.re - z.re)}, re, im);
    const Complex low = even + odd, high = even - odd;
    return {low, {high.re, -high.im}};
}

// The way back, with the parts exchanged, so that a transform forwards is one backwards.
SMARTMIX_KERNEL_INLINE Two folded(Complex z, Complex mirror, Floats re, Floats im, Floats scale) {
    const Complex even = {scale * (z.re + mirror.re), scale * (z.im - mirror.im)};
    const Complex odd = times({scale * (z.re - mirror.re), scale * (z.im + mirror.im)}, re, -im);
    return {{even.im + odd.re, even.re - odd.im}, {odd.re - even.im, even.re + odd.im}};
}

void unfold_lanes(const FftTables& t, const float* z, float* x) {
    const int h = t.size / 2;
    for (int part = 0; part < lanes; part += width) {
        const Complex first = load_pair(z + part);
        store_pair(x + part, {first.re + first.im, Floats{}});
        store_pair(x + part + pair * h, {first.re - first.im, Floats{}});
        for (int k = 1; k <= h / 2; ++k) {
            const Two two = unfolded(load_pair(z + part + pair * k), load_pair(z + part + pair * (h - k)),
                                     all(t.unfold_re[k]), all(t.unfold_im[k]));
            store_pair(x + part + pair * (h - k), two.high);
            store_pair(x + part + pair * k, two.low);
        }
    }
}

void fold_lanes(const FftTables& t, const float* x, float* z) {
    const int h = t.size / 2;
    const Floats scale = all(1.0F / static_cast<float>(t.size));
    for (int part = 0; part < lanes; part += width) {
        const Floats first = load(x + part), last = load(x + part + pair * h);
        store_pair(z + part, {scale * (first - last), scale * (first + last)});
        for (int k = 1; k <= h / 2; ++k) {
            const Two two = folded(load_pair(x + part + pair * k), load_pair(x + part + pair * (h - k)),
                                   all(t.unfold_re[k]), all(t.unfold_im[k]), scale);
            store_pair(z + part + pair * (h - k), two.high);
            store_pair(z + part + pair * k, two.low);
        }
    }
}

void forward_rows(const FftTables& t, const float* const* rows, float* const* spectra, float* work) {
    float* x = work;
    float* y = work + lanes * (t.size + 2);
    to_lanes(rows, x, t.size);
    float* z = transform(x, y, t.half, t.size / 2);
    float* spectrum = z == x ? y : x;
    unfold_lanes(t, z, spectrum);
    from_lanes(spectrum, spectra, t.size + 2, 0);
}

void inverse_rows(const FftTables& t, const float* const* spectra, float* const* rows, float* work) {
    float* x = work;
    float* y = work + lanes * (t.size + 2);
    to_lanes(spectra, x, t.size + 2);
    fold_lanes(t, x, y);
    from_lanes(transform(y, x, t.half, t.size / 2), rows, t.size, 1);
}

#include "kernels/fft_single.inl"

void multiply_add(float* sum_re, float* sum_im, const float* a_re, const float* a_im, const float* b_re, const float* b_im,
                  int count) {
    int i = 0;
    for (; i + width <= count; i += width) {
        const Floats ar = load(a_re + i), ai = load(a_im + i), br = load(b_re + i), bi = load(b_im + i);
        store(sum_re + i, mulsub(ai, bi, muladd(ar, br, load(sum_re + i))));
        store(sum_im + i, muladd(ai, br, muladd(ar, bi, load(sum_im + i))));
    }
    for (; i < count; ++i) {
        const float ar = a_re[i], ai = a_im[i], br = b_re[i], bi = b_im[i];
        sum_re[i] = sum_re[i] + ar * br - ai * bi;
        sum_im[i] = sum_im[i] + ar * bi + ai * br;
    }
}

}  // namespace

#define SMARTMIX_NAME_OF(name) #name
#define SMARTMIX_NAME(name) SMARTMIX_NAME_OF(name)
extern const FftKernels fft;
const FftKernels fft = {SMARTMIX_NAME(SMARTMIX_KERNEL_ISA), &forward_rows, &inverse_rows, &forward, &inverse, &multiply_add};
#undef SMARTMIX_KERNEL_INLINE
#undef SMARTMIX_NAME
#undef SMARTMIX_NAME_OF

}  // namespace smartmix::kernels::SMARTMIX_KERNEL_ISA
