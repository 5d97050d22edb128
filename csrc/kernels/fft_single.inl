// Included by fft.inl: one transform at a time.

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
