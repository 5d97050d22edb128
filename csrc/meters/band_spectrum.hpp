#pragma once
#include <span>
#include <vector>

namespace smartmix {

// Power in bands of windowed pieces of sound. The window is filled up with zeros to the next power of two, so bands may have
// edges anywhere: a bin that straddles one is shared in proportion, and the bands add up to the power between the outer edges.
class BandSpectrum {
public:
    // `edges` count bins of a transform as long as the window, bin k from k to k + 1, so that a frequency f lies at
    // f * window / rate + 0.5; ascending. std::invalid_argument for a window of no or more than 131072 frames, or edges that
    // are not that, or lie past the highest bin.
    BandSpectrum(std::span<const float> window, std::span<const double> edges);

    int frames() const noexcept { return static_cast<int>(window_.size()); }
    int bands() const noexcept { return static_cast<int>(edges_.size()) - 1; }

    // |X|^2 of the windowed frames summed over each band, as of a transform as long as the window. Allocates the transform
    // when a thread asks for its size first: hundreds of these may live at once, and each would need a megabyte to itself.
    void powers(const float* samples, double* bands) const;

private:
    std::vector<float> window_;
    std::vector<double> edges_;  // of bins of the longer transform
    int size_;
    double scale_;
};

}  // namespace smartmix
