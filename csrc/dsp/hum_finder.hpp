#pragma once
#include <array>
#include <vector>

#include "dsp/real_fft.hpp"

namespace smartmix::dsp {

inline constexpr int hum_harmonics = 20;

// What there is of mains hum in one or two channels: amplitude of each harmonic (0: not there).
struct HumLines {
    double mains_hz = 0.0;  // 0: no hum
    std::array<std::array<float, hum_harmonics>, 2> amplitude{};
};

// Finds the lines of mains hum, 50 or 60 Hz and multiples, within 0.6 Hz of the nominal frequency (1.2 % : notes tuned to
// A = 440 Hz are further away). What counts is the lowest tenth of each bin over the last eight seconds: hum is there all
// the time, notes are not. docs/dsp/hum_removal.md
class HumFinder {
public:
    void prepare(double sample_rate, int channels);
    void clear() noexcept;
    int hop_frames() const noexcept { return hop * step_; }
    // `frames` of each channel, not beyond the next multiple of hop_frames(). True at a multiple, when there was enough
    // to judge: `lines` is new.
    bool push(const float* const* channels, int frames) noexcept;
    const HumLines& lines() const noexcept { return lines_; }

private:
    static constexpr int window = 8192, hop = 2048, kept = 24, fewest = 8;
    struct Channel {
        std::vector<float> past;      // at the rate that comes in, for the decimator
        std::vector<float> low;       // a window at the lower rate
        std::vector<float> spectra;   // kept rows of powers
        std::vector<float> lowest;    // tenth part of each bin
    };
    struct Line {
        bool found = false;
        double hz = 0.0;
        float amplitude = 0.0F;
        float over_db = 0.0F;  // its surroundings
    };

    void decimate(Channel& channel, const float* x, int frames) noexcept;
    void analyse(Channel& channel) noexcept;
    void judge() noexcept;
    HumLines sight() const noexcept;
    void settle(const HumLines& seen) noexcept;
    bool is_hum(double mains_hz) const noexcept;
    double search() const noexcept;
    double refined(double mains_hz) const noexcept;
    Line line_at(const Channel& channel, double hz, float least_over) const noexcept;

    double low_rate_ = 6000.0, bin_hz_ = 1.0;
    int step_ = 8, bins_ = 0;
    std::vector<Channel> channels_;
    std::vector<float> smooth_, shape_, frame_, re_, im_;
    std::vector<RealFft::Work> work_;
    RealFft fft_{window};
    int frames_in_ = 0;  // since the last multiple of the hop
    int spectra_ = 0;    // so far
    int ring_ = 0;       // where the next sample of the past goes
    int sightings_ = 0, misses_ = 0;
    double last_hz_ = 0.0;
    HumLines lines_;
};

}  // namespace smartmix::dsp
