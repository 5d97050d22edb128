// Included once per instruction set, with SMARTMIX_KERNEL_ISA, SMARTMIX_KERNEL_BYTES, SMARTMIX_KERNEL_MULTIPLY_ADD (a b + c)
// and SMARTMIX_KERNEL_MULTIPLY_SUBTRACT (c - a b) defined, as kernels/sections.inl. No standard containers.
//
// The transform is T. Stockham's, "High-speed convolution and correlation" (1966), with radix 4 and one radix 2: it sorts
// itself on the way, from one array into the other. Complex number i of eight lanes: re at x[16 i], im at x[16 i + 8].
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

// `width` by `width` numbers turned over. Whole vectors in and out: a vector read right after its halves were written waits.
struct Square {
    Floats row[width];
};

#if SMARTMIX_KERNEL_BYTES == 32
typedef int Ints __attribute__((vector_size(32)));

SMARTMIX_KERNEL_INLINE Square transposed(const Square& m) {
    Square a, b, c;
    for (int i = 0; i < 8; i += 2) {
        a.row[i] = __builtin_shuffle(m.row[i], m.row[i + 1], Ints{0, 8, 1, 9, 4, 12, 5, 13});
        a.row[i + 1] = __builtin_shuffle(m.row[i], m.row[i + 1], Ints{2, 10, 3, 11, 6, 14, 7, 15});
    }
    for (int i = 0; i < 8; i += 4) {
        for (int k = 0; k < 2; ++k) {
            b.row[i + 2 * k] = __builtin_shuffle(a.row[i + k], a.row[i + k + 2], Ints{0, 1, 8, 9, 4, 5, 12, 13});
            b.row[i + 2 * k + 1] = __builtin_shuffle(a.row[i + k], a.row[i + k + 2], Ints{2, 3, 10, 11, 6, 7, 14, 15});
        }
    }
    for (int i = 0; i < 4; ++i) {
        c.row[i] = __builtin_shuffle(b.row[i], b.row[i + 4], Ints{0, 1, 2, 3, 8, 9, 10, 11});
        c.row[i + 4] = __builtin_shuffle(b.row[i], b.row[i + 4], Ints{4, 5, 6, 7, 12, 13, 14, 15});
    }
    return c;
}
SMARTMIX_KERNEL_INLINE Floats reversed(Floats v) { return __builtin_shuffle(v, Ints{7, 6, 5, 4, 3, 2, 1, 0}); }
SMARTMIX_KERNEL_INLINE Floats evens(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{0, 2, 4, 6, 8, 10, 12, 14}); }
SMARTMIX_KERNEL_INLINE Floats odds(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{1, 3, 5, 7, 9, 11, 13, 15}); }
SMARTMIX_KERNEL_INLINE Floats lower(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{0, 8, 1, 9, 2, 10, 3, 11}); }
SMARTMIX_KERNEL_INLINE Floats upper(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{4, 12, 5, 13, 6, 14, 7, 15}); }
#else
typedef int Ints __attribute__((vector_size(16)));

SMARTMIX_KERNEL_INLINE Square transposed(const Square& m) {
    const Floats a = __builtin_shuffle(m.row[0], m.row[1], Ints{0, 4, 1, 5});
    const Floats b = __builtin_shuffle(m.row[0], m.row[1], Ints{2, 6, 3, 7});
    const Floats c = __builtin_shuffle(m.row[2], m.row[3], Ints{0, 4, 1, 5});
    const Floats d = __builtin_shuffle(m.row[2], m.row[3], Ints{2, 6, 3, 7});
    return {{__builtin_shuffle(a, c, Ints{0, 1, 4, 5}), __builtin_shuffle(a, c, Ints{2, 3, 6, 7}),
             __builtin_shuffle(b, d, Ints{0, 1, 4, 5}), __builtin_shuffle(b, d, Ints{2, 3, 6, 7})}};
}
SMARTMIX_KERNEL_INLINE Floats reversed(Floats v) { return __builtin_shuffle(v, Ints{3, 2, 1, 0}); }
SMARTMIX_KERNEL_INLINE Floats evens(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{0, 2, 4, 6}); }
SMARTMIX_KERNEL_INLINE Floats odds(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{1, 3, 5, 7}); }
SMARTMIX_KERNEL_INLINE Floats lower(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{0, 4, 1, 5}); }
SMARTMIX_KERNEL_INLINE Floats upper(Floats a, Floats b) { return __builtin_shuffle(a, b, Ints{2, 6, 3, 7}); }
#endif

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

// Eight points, one in each vector, in place.
SMARTMIX_KERNEL_INLINE void eight_points(Complex* x) {
    const Quad even = four_points(x[0], x[2], x[4], x[6]);
    const Quad odd = four_points(x[1], x[3], x[5], x[7]);
    const Floats root = all(0.70710678118654752F);
    const Complex o1 = {root * (odd.of[1].re + odd.of[1].im), root * (odd.of[1].im - odd.of[1].re)};
    const Complex o2 = minus_i(odd.of[2]);
    const Complex o3 = {root * (odd.of[3].im - odd.of[3].re), -(root * (odd.of[3].re + odd.of[3].im))};
    const Complex turned[4] = {odd.of[0], o1, o2, o3};
    for (int i = 0; i < 4; ++i) {
        x[i] = even.of[i] + turned[i];
        x[i + 4] = even.of[i] - turned[i];
    }
}

// x[k][lane] of `width` numbers k, turned by join, to one vector over k for each lane.
SMARTMIX_KERNEL_INLINE void gather_lanes(const float* x, const float* join, Complex* lane) {
    for (int part = 0; part < lanes; part += width) {
        Square re, im;
        for (int k = 0; k < width; ++k) {
            const Complex turn = load_pair(join + k * pair + part);
            const Complex z = times(load_pair(x + k * pair + part), turn.re, turn.im);
            re.row[k] = z.re;
            im.row[k] = z.im;
        }
        re = transposed(re);
        im = transposed(im);
        for (int l = 0; l < width; ++l) lane[part + l] = {re.row[l], im.row[l]};
    }
}

// The complex transform of h numbers, number 8 j + lane at place j of the lanes in x: parts in arrays of their own.
SMARTMIX_KERNEL_INLINE void transform_single(const FftTables& t, float* x, float* y, float* re, float* im) {
    const int m = t.size / 16;
    const float* z = transform(x, y, t.eighth, m);
    for (int k = 0; k < m; k += width) {
        Complex lane[lanes];
        gather_lanes(z + k * pair, t.join + k * pair, lane);
        eight_points(lane);
        for (int l = 0; l < lanes; ++l) {
            store(re + l * m + k, lane[l].re);
            store(im + l * m + k, lane[l].im);
        }
    }
}

SMARTMIX_KERNEL_INLINE Floats mirrored(const float* p) { return reversed(load(p)); }
SMARTMIX_KERNEL_INLINE void store_mirrored(float* p, Floats v) { store(p, reversed(v)); }

// Pairs of samples to the lanes.
SMARTMIX_KERNEL_INLINE void split(const float* samples, float* x, int h) {
    for (int j = 0; j < h; j += width) {
        const Floats a = load(samples + 2 * j), b = load(samples + 2 * j + width);
        store_pair(x + j / lanes * pair + j % lanes, {evens(a, b), odds(a, b)});
    }
}

// Small transforms: the first of eight lanes, the others silent.
void forward_small(const FftTables& t, const float* samples, float* re, float* im, float* work) {
    float* x = work;
    float* y = work + lanes * (t.size + 2);
    for (int i = 0; i < t.size * lanes; ++i) x[i] = i % lanes == 0 ? samples[i / lanes] : 0.0F;
    float* z = transform(x, y, t.half, t.size / 2);
    float* spectrum = z == x ? y : x;
    unfold_lanes(t, z, spectrum);
    for (int k = 0; k <= t.size / 2; ++k) {
        re[k] = spectrum[k * pair];
        im[k] = spectrum[k * pair + lanes];
    }
}

void inverse_small(const FftTables& t, const float* re, const float* im, float* samples, float* work) {
    float* x = work;
    float* y = work + lanes * (t.size + 2);
    for (int i = 0; i < (t.size + 2) * lanes; ++i) x[i] = 0.0F;
    for (int k = 0; k <= t.size / 2; ++k) {
        x[k * pair] = re[k];
        x[k * pair + lanes] = im[k];
    }
    fold_lanes(t, x, y);
    const float* z = transform(y, x, t.half, t.size / 2);
    for (int i = 0; i < t.size; ++i) samples[i] = z[(i ^ 1) * lanes];
}

void forward(const FftTables& t, const float* samples, float* re, float* im, float* work) {
    if (t.size < smallest_single_fft) return forward_small(t, samples, re, im, work);
    const int h = t.size / 2;
    float* x = work;
    float* y = work + t.size;
    float* z_re = work + 2 * t.size;
    float* z_im = z_re + h;
    split(samples, x, h);
    transform_single(t, x, y, z_re, z_im);
    re[0] = z_re[0] + z_im[0];
    re[h] = z_re[0] - z_im[0];
    im[0] = im[h] = 0.0F;
    for (int k = 1; k <= h / 2; k += width) {
        const int other = h - k - width + 1;
        const Two two = unfolded({load(z_re + k), load(z_im + k)}, {mirrored(z_re + other), mirrored(z_im + other)},
                                 load(t.unfold_re + k), load(t.unfold_im + k));
        store_mirrored(re + other, two.high.re);
        store_mirrored(im + other, two.high.im);
        store(re + k, two.low.re);
        store(im + k, two.low.im);
    }
}

void inverse(const FftTables& t, const float* re, const float* im, float* samples, float* work) {
    if (t.size < smallest_single_fft) return inverse_small(t, re, im, samples, work);
    const int h = t.size / 2;
    float* x = work;
    float* y = work + t.size;
    float* z_re = work + 2 * t.size;
    float* z_im = z_re + h;
    const float scale = 1.0F / static_cast<float>(t.size);
    z_re[0] = scale * (re[0] - re[h]);
    z_im[0] = scale * (re[0] + re[h]);
    for (int k = 1; k <= h / 2; k += width) {
        const int other = h - k - width + 1;
        const Two two = folded({load(re + k), load(im + k)}, {mirrored(re + other), mirrored(im + other)},
                               load(t.unfold_re + k), load(t.unfold_im + k), all(scale));
        store_mirrored(z_re + other, two.high.re);
        store_mirrored(z_im + other, two.high.im);
        store(z_re + k, two.low.re);
        store(z_im + k, two.low.im);
    }
    for (int j = 0; j < h; j += width) store_pair(x + j / lanes * pair + j % lanes, {load(z_re + j), load(z_im + j)});
    transform_single(t, x, y, z_re, z_im);
    for (int j = 0; j < h; j += width) {  // the parts are exchanged
        const Floats even = load(z_im + j), odd = load(z_re + j);
        store(samples + 2 * j, lower(even, odd));
        store(samples + 2 * j + width, upper(even, odd));
    }
}

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
