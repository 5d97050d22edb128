#pragma once
#include <array>
#include <vector>

#include "kernels/lane_fft.hpp"

namespace smartmix {

// The spectrum a masking meter hears: three Hann windows on one centre, long for the low end and short for the top, each bin
// through the outer and middle ear, bins gathered into components at most a quarter of an auditory filter wide. Where two
// windows meet, both are heard, the one fading into the other, so that a tone that lies there keeps its power.
//
//   window at 48 kHz   171 ms (8192)   85 ms (4096)   21 ms (1024)
//   from, to           17, 95..145 Hz  ..950..1350    ..17 kHz
//
// The two long ones are taken of the signal at an eighth and a thirty-second of its rate.
struct MaskingSpectrumDesign {
    struct Part {
        kernels::LaneFftTables fft;
        std::vector<float> window;
        std::vector<int> first;      // bins of each component, as LaneFftKernels::power_sums takes them
        std::vector<float> weights;  // of each bin
        int first_component = 0;
        int late_hops = 0;  // after how many hops the longest window has its centre where this one has it now
    };
    std::vector<Part> parts;                 // low, middle, high
    std::vector<double> hz;                  // of each component
    std::array<std::vector<float>, 2> taps;  // to an eighth; from there to a thirty-second

    int components() const { return static_cast<int>(hz.size()); }
};

inline constexpr int masking_hop = 512;
// What a hop tells lies this many frames before its end.
inline constexpr int masking_latency_frames = 4267;

// For rates of 44.1 to 48 kHz.
MaskingSpectrumDesign design_masking_spectrum(double sample_rate);

// The spectra of up to 16 channels, two to a lane.
class MaskingSpectrum {
public:
    static constexpr int channels = 2 * kernels::lane_fft_lanes;

    explicit MaskingSpectrum(const MaskingSpectrumDesign& design);

    void reset() noexcept;
    // Frame `at` of the hop that is being gathered; samples that are no numbers are silence.
    void put(int channel, int at, const float* samples, int frames) noexcept;
    // Takes in the hop gathered. Then power(part, channel)[s * lane_fft_lanes] is the power of that part's component s.
    void take_hop() noexcept;
    const float* power(int part, int channel) const noexcept;

private:
    using Lanes = std::vector<float>;

    void transform_part(int part) noexcept;

    const MaskingSpectrumDesign* design_;
    // Newest last, real and imaginary parts of the transforms to come; of the whole rate, an eighth, a thirty-second.
    std::array<std::array<Lanes, 2>, 3> past_;
    std::array<Lanes, 2> work_;
    std::array<std::array<Lanes, 2>, 3> powers_;
};

}  // namespace smartmix
