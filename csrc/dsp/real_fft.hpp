#pragma once
#include <memory>
#include <vector>

#include "kernels/fft.hpp"

namespace smartmix::dsp {

// The discrete Fourier transform of real samples, sizes 32 to 131072 (powers of two), float32 with an error of about 1e-7
// of the largest value. Made once (allocates); then any number of threads may use it, each with a work space of its own.
class RealFft {
public:
    static constexpr int smallest = 32;
    static constexpr int largest = 131072;

    class Work {  // scratch for one thread
    public:
        explicit Work(const RealFft& fft);
        float* data() noexcept { return aligned_; }

    private:
        std::vector<float> floats_;
        float* aligned_;
    };

    explicit RealFft(int size);  // throws std::invalid_argument for another size
    RealFft(const RealFft&) = delete;
    RealFft& operator=(const RealFft&) = delete;

    int size() const noexcept { return tables_.size; }
    int bins() const noexcept { return tables_.size / 2 + 1; }

    // `size` samples to `bins` real and `bins` imaginary parts; numpy's rfft and irfft.
    void forward(const float* samples, float* re, float* im, Work& work) const noexcept {
        kernels_->forward(tables_, samples, re, im, work.data());
    }
    void inverse(const float* re, const float* im, float* samples, Work& work) const noexcept {
        kernels_->inverse(tables_, re, im, samples, work.data());
    }

    // Any number of rows at once; spectra of complex numbers, re and im in turn. Faster than one by one.
    void forward_rows(const float* const* rows, float* const* spectra, int count, Work& work) const;
    void inverse_rows(const float* const* spectra, float* const* rows, int count, Work& work) const;

private:
    kernels::FftTables tables_{};
    const kernels::FftKernels* kernels_;
    std::vector<float> half_, eighth_, join_, unfold_re_, unfold_im_;
};

}  // namespace smartmix::dsp
