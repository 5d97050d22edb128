// Included by sections.inl: planar channels to frames of eight lanes and back.

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

void to_lanes(const float* const* heads, float* x, int frames) {
    for (int first = 0; first < section_lanes; first += 4) {
        const float* const* in = heads + first;
        float* out = x + first;
        int i = 0;
        for (; i + 4 <= frames; i += 4) {
            const Square t = turned({{load4(in[0] + i), load4(in[1] + i), load4(in[2] + i), load4(in[3] + i)}});
            for (int r = 0; r < 4; ++r) store4(out + (i + r) * section_lanes, t.row[r]);
        }
        for (; i < frames; ++i) {
            for (int l = 0; l < 4; ++l) out[i * section_lanes + l] = in[l][i];
        }
    }
}

void from_lanes(const float* x, float* const* heads, int frames) {
    for (int first = 0; first < section_lanes; first += 4) {
        const float* in = x + first;
        float* const* out = heads + first;
        int i = 0;
        for (; i + 4 <= frames; i += 4) {
            const float* at = in + i * section_lanes;
            const Square t = turned({{load4(at), load4(at + section_lanes), load4(at + 2 * section_lanes),
                                      load4(at + 3 * section_lanes)}});
            for (int r = 0; r < 4; ++r) store4(out[r] + i, t.row[r]);
        }
        for (; i < frames; ++i) {
            for (int l = 0; l < 4; ++l) out[l][i] = in[i * section_lanes + l];
        }
    }
}
