// Included by fft.inl: vectors turned over, split and joined.

// `width` by `width` numbers turned over. Whole vectors in and out: a vector read right after its halves were written waits.
struct Square {
    Floats row[width];
};

#if SMARTMIX_KERNEL_BYTES == 32
SMARTMIX_KERNEL_INLINE Square transposed(const Square& m) {
    Square a, b, c;
    for (int i = 0; i < 8; i += 2) {
        a.row[i] = __builtin_shufflevector(m.row[i], m.row[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        a.row[i + 1] = __builtin_shufflevector(m.row[i], m.row[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4) {
        for (int k = 0; k < 2; ++k) {
            b.row[i + 2 * k] = __builtin_shufflevector(a.row[i + k], a.row[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            b.row[i + 2 * k + 1] = __builtin_shufflevector(a.row[i + k], a.row[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    for (int i = 0; i < 4; ++i) {
        c.row[i] = __builtin_shufflevector(b.row[i], b.row[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        c.row[i + 4] = __builtin_shufflevector(b.row[i], b.row[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    return c;
}
SMARTMIX_KERNEL_INLINE Floats reversed(Floats v) { return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0); }
SMARTMIX_KERNEL_INLINE Floats evens(Floats a, Floats b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14); }
SMARTMIX_KERNEL_INLINE Floats odds(Floats a, Floats b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15); }
SMARTMIX_KERNEL_INLINE Floats lower(Floats a, Floats b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
SMARTMIX_KERNEL_INLINE Floats upper(Floats a, Floats b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
#else
SMARTMIX_KERNEL_INLINE Square transposed(const Square& m) {
    const Floats a = __builtin_shufflevector(m.row[0], m.row[1], 0, 4, 1, 5);
    const Floats b = __builtin_shufflevector(m.row[0], m.row[1], 2, 6, 3, 7);
    const Floats c = __builtin_shufflevector(m.row[2], m.row[3], 0, 4, 1, 5);
    const Floats d = __builtin_shufflevector(m.row[2], m.row[3], 2, 6, 3, 7);
    return {{__builtin_shufflevector(a, c, 0, 1, 4, 5), __builtin_shufflevector(a, c, 2, 3, 6, 7),
             __builtin_shufflevector(b, d, 0, 1, 4, 5), __builtin_shufflevector(b, d, 2, 3, 6, 7)}};
}
SMARTMIX_KERNEL_INLINE Floats reversed(Floats v) { return __builtin_shufflevector(v, v, 3, 2, 1, 0); }
SMARTMIX_KERNEL_INLINE Floats evens(Floats a, Floats b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6); }
SMARTMIX_KERNEL_INLINE Floats odds(Floats a, Floats b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7); }
SMARTMIX_KERNEL_INLINE Floats lower(Floats a, Floats b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
SMARTMIX_KERNEL_INLINE Floats upper(Floats a, Floats b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
#endif
