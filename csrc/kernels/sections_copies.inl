// Included by sections.inl: planar channels to frames of eight lanes and back, four frames of a vector's channels at a time.

struct Square {
    Floats row[4];
};

// Of each sixteen bytes: the low (high) two of both by turns, and the low (high) two of one beside those of the other.
#if SMARTMIX_KERNEL_BYTES == 16
SMARTMIX_KERNEL_INLINE Floats low(Floats p, Floats q) { return __builtin_shufflevector(p, q, 0, 4, 1, 5); }
SMARTMIX_KERNEL_INLINE Floats high(Floats p, Floats q) { return __builtin_shufflevector(p, q, 2, 6, 3, 7); }
SMARTMIX_KERNEL_INLINE Floats lows(Floats p, Floats q) { return __builtin_shufflevector(p, q, 0, 1, 4, 5); }
SMARTMIX_KERNEL_INLINE Floats highs(Floats p, Floats q) { return __builtin_shufflevector(p, q, 2, 3, 6, 7); }
SMARTMIX_KERNEL_INLINE Floats load_halves(const float* first, const float*) { return load4(first); }
#else
SMARTMIX_KERNEL_INLINE Floats low(Floats p, Floats q) {
    return __builtin_shufflevector(p, q, 0, 8, 1, 9, 4, 12, 5, 13);
}
SMARTMIX_KERNEL_INLINE Floats high(Floats p, Floats q) {
    return __builtin_shufflevector(p, q, 2, 10, 3, 11, 6, 14, 7, 15);
}
SMARTMIX_KERNEL_INLINE Floats lows(Floats p, Floats q) {
    return __builtin_shufflevector(p, q, 0, 1, 8, 9, 4, 5, 12, 13);
}
SMARTMIX_KERNEL_INLINE Floats highs(Floats p, Floats q) {
    return __builtin_shufflevector(p, q, 2, 3, 10, 11, 6, 7, 14, 15);
}
// Four samples from `first`, and four from `second` in the upper half.
SMARTMIX_KERNEL_INLINE Floats load_halves(const float* first, const float* second) {
    return __builtin_shufflevector(load4(first), load4(second), 0, 1, 2, 3, 4, 5, 6, 7);
}
#endif

// Rows and columns of four by four, in each sixteen bytes of the vectors.
SMARTMIX_KERNEL_INLINE Square turned(const Square& a) {
    const Floats low01 = low(a.row[0], a.row[1]);
    const Floats high01 = high(a.row[0], a.row[1]);
    const Floats low23 = low(a.row[2], a.row[3]);
    const Floats high23 = high(a.row[2], a.row[3]);
    return {{lows(low01, low23), highs(low01, low23), lows(high01, high23), highs(high01, high23)}};
}

// Vector v of a frame holds channels v width ..., four of them in each half.
void to_lanes(const float* const* heads, float* x, int frames) {
    for (int first = 0; first < section_lanes; first += width) {
        const float* const* in = heads + first;
        float* out = x + first;
        int i = 0;
        for (; i + 4 <= frames; i += 4) {
            Square channels;
            for (int c = 0; c < 4; ++c) channels.row[c] = load_halves(in[c] + i, in[width - 4 + c] + i);
            const Square t = turned(channels);
            for (int r = 0; r < 4; ++r) store(out + (i + r) * section_lanes, t.row[r]);
        }
        for (; i < frames; ++i) {
            for (int l = 0; l < width; ++l) out[i * section_lanes + l] = in[l][i];
        }
    }
}

// Four channels of as many frames as a vector has samples.
void from_lanes(const float* x, float* const* heads, int frames) {
    for (int first = 0; first < section_lanes; first += 4) {
        const float* in = x + first;
        float* const* out = heads + first;
        int i = 0;
        for (; i + width <= frames; i += width) {
            const float* at = in + i * section_lanes;
            Square rows;
            for (int r = 0; r < 4; ++r) {
                rows.row[r] = load_halves(at + r * section_lanes, at + (width - 4 + r) * section_lanes);
            }
            const Square t = turned(rows);
            for (int r = 0; r < 4; ++r) store(out[r] + i, t.row[r]);
        }
        for (; i < frames; ++i) {
            for (int l = 0; l < 4; ++l) out[l][i] = in[i * section_lanes + l];
        }
    }
}
