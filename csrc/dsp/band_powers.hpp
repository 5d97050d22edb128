#pragma once
#include <vector>

#include "dsp/real_fft.hpp"

namespace smartmix::dsp {

// Mean square of the middle (L + R) / 2, and of the side (L - R) / 2, in bands, of windows that lie side by side.
//
// Periodic windows of `size` frames, tapered by half a cosine at both ends (1: Hann; less of a taper looks at more of what
// was played, and sees less far down beside a peak). A band is what lies between two edges, counted in bins and half a bin up: whole
// bins, and of a bin an edge lies in the part that is inside. Frames that do not fill a window wait for the next call, so
// any cut into calls gives the same bits: every window is transformed in a lane of its own, whatever the others hold.
class BandPowers {
public:
    // `edges` rise; each is at least 0 and under size / 2 + 1. `parts` 1: the middle alone; 2: the side too.
    // `taper`: the share of a window that its two ends take, over 0 to 1.
    BandPowers(int size, std::vector<double> edges, int parts, double taper = 1.0);

    int bands() const noexcept { return static_cast<int>(edges_.size()) - 1; }
    int parts() const noexcept { return parts_; }
    int size() const noexcept { return fft_.size(); }
    bool waiting() const noexcept { return filled_ > 0; }

    // Takes in `frames`; `right` null: one channel, which is the middle. Appends powers (windows, parts, bands) to `out`.
    void process(const float* left, const float* right, int frames, std::vector<double>& out);
    // The window that is begun, filled up with silence; nothing waits afterwards.
    void finish(std::vector<double>& out);

private:
    struct Edge {
        int bin;
        float part;
    };

    void fill(const float* left, const float* right, int frames) noexcept;
    void window_done(std::vector<double>& out);
    void transform(std::vector<double>& out);
    void append(const float* spectrum, std::vector<double>& out);
    float* row(int number) noexcept { return rows_.data() + static_cast<long>(number) * fft_.size(); }

    RealFft fft_;
    RealFft::Work work_;
    int parts_;
    std::vector<Edge> edges_;
    std::vector<float> window_;
    double scale_;
    std::vector<float> rows_, spectra_, power_;  // a full set of lanes
    int row_ = 0, filled_ = 0;                   // the rows being filled, and how far
};

}  // namespace smartmix::dsp
