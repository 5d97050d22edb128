#pragma once
#include <string>

namespace smartmix::kernels {

inline constexpr int fft_lanes = 8;
inline constexpr int smallest_single_fft = 128;  // below, one transform is eight in the lanes of which one is used

// What a real transform of `size` samples (a power of two) reads. It is a complex one of h = size / 2 pairs; a single one
// is eight complex ones of h / 8 in the lanes, joined. All angles are computed in double; dsp/real_fft.cpp makes them.
struct FftTables {
    int size;
    const float* half;         // turns of the complex transform of h, pass by pass
    const float* eighth;       // ... of h / 8
    const float* join;         // [h / 8][re, im][8]: exp(-2 pi i k lane / h)
    const float* unfold_re;    // exp(-2 pi i k / size), k = 0 .. h / 2
    const float* unfold_im;
};

// Transforms without normalisation forwards, by 1 / size backwards, as numpy's rfft and irfft. `work` holds
// fft_work_floats(size) floats on a boundary of 32 bytes. The same bits in any lane; forward and forward_rows may differ.
struct FftKernels {
    const char* isa;

    // Eight rows of `size` samples; eight spectra of size / 2 + 1 complex numbers (re, im, re, im ...).
    void (*forward_rows)(const FftTables& tables, const float* const* rows, float* const* spectra, float* work);
    void (*inverse_rows)(const FftTables& tables, const float* const* spectra, float* const* rows, float* work);

    // One transform with the real and the imaginary parts in arrays of their own, size / 2 + 1 each.
    void (*forward)(const FftTables& tables, const float* samples, float* re, float* im, float* work);
    void (*inverse)(const FftTables& tables, const float* re, const float* im, float* samples, float* work);

    // sum += a b, for `count` complex numbers. In order of the calls: the same bits however the calls are spread in time.
    void (*multiply_add)(float* sum_re, float* sum_im, const float* a_re, const float* a_im, const float* b_re,
                         const float* b_im, int count);
};

constexpr int fft_work_floats(int size) { return 2 * fft_lanes * (size + 2); }

const FftKernels& fft_kernels();                                // the fastest, or that of SMARTMIX_ISA
const FftKernels* fft_kernels_for(const std::string& isa);      // nullptr when there is none; for tests

}  // namespace smartmix::kernels
