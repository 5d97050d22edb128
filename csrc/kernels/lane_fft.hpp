#pragma once
#include <string_view>
#include <vector>

namespace smartmix::kernels {

// Spectra of many signals that stay side by side from the samples to the band powers: value i of lane l lies at
// [i * lane_fft_lanes + l], two signals to a lane. kernels/fft.hpp transforms rows and gives whole spectra in order; here
// nothing is turned over or sorted, because only sums of powers come out.
inline constexpr int lane_fft_lanes = 8;

// What a transform of `size` points (a power of two, 16 to 4096) needs to know. Frequencies come out of order: bin k lies
// at point where[k].
struct LaneFftPlan {
    int size = 0;
    const float* twiddles = nullptr;  // cos, -sin of 2 pi k / size
    const int* where = nullptr;
};
class LaneFftTables {
public:
    explicit LaneFftTables(int size);
    LaneFftPlan plan() const { return {static_cast<int>(where_.size()), twiddles_.data(), where_.data()}; }

private:
    std::vector<float> twiddles_;
    std::vector<int> where_;
};

struct LaneFftKernels {
    const char* isa;

    // out[i] = x[i] * window[i] for `size` points of all lanes.
    void (*windowed)(const float* x, const float* window, float* out, int size);

    // Every `factor`-th value of the convolution of x with `taps`: out[o] = sum of taps[t] * x[o * factor + t].
    void (*decimate)(const float* x, const float* taps, int tap_count, int factor, float* out, int count);

    // Complex transform in place.
    void (*transform)(const LaneFftPlan& plan, float* re, float* im);

    // Power sums over bins of the two real signals that were sent through one transform as its real and imaginary part:
    // sum s is over the bins from first[s] to below first[s + 1], starting with first[0], each times its weight.
    // Bins lie below half the size and above 0.
    void (*power_sums)(const LaneFftPlan& plan, const float* re, const float* im, const int* first, int sums,
                       const float* weights, float* power_re, float* power_im);
};

const LaneFftKernels& lane_fft_kernels();
const LaneFftKernels* lane_fft_kernels_for(std::string_view isa);

}  // namespace smartmix::kernels
