#pragma once
#include <array>
#include <vector>

#include "dsp/hum_finder.hpp"

namespace smartmix::dsp {

// Follows the harmonics of one fundamental in one or two channels and tells what they add up to: an adaptive canceller with
// a sine and a cosine for each (B. Widrow and others, Proc. IEEE 63, 1975), which is a notch of `width_hz` at each harmonic.
// What it hands out of a harmonic is never louder than `loudest` says: a note on the same frequency passes.
class HumCanceller {
public:
    static constexpr int cell_frames = 64;

    void prepare(double sample_rate, int channels);
    void clear() noexcept;

    bool active() const noexcept { return active_; }
    double mains_hz() const noexcept { return mains_hz_; }
    void set_mains(double hz) noexcept;
    void set_width(double hz) noexcept { width_hz_ = hz; }
    // Amplitudes that may be taken from each harmonic from now on; 0: none.
    void set_loudest(const HumLines& lines) noexcept;

    // `hum[c]` is what there is of hum in `x[c]`, for up to cell_frames frames; only while active.
    void run(const float* const* x, float* const* hum, int frames) noexcept;
    int frames_to_cell() const noexcept { return cell_frames - cell_done_; }

    // By how much the phases have turned since the last call, `frames` ago: corrects the fundamental.
    void follow(int frames) noexcept;

private:
    static constexpr std::size_t harmonics = hum_harmonics;
    using Row = std::array<double, harmonics>;
    struct Channel {
        Row a{}, b{};                // of the cosine and the sine
        Row share{}, share_step{};   // of it that is handed out, and how it moves within the cell
        Row share_to{};              // at the end of the cell
        Row loudest{};
        Row a_before{}, b_before{};  // when last followed
    };

    void begin_cell() noexcept;
    void run_channel(Channel& channel, const float* x, float* hum, int frames) noexcept;
    double wanted_share(const Channel& channel, std::size_t h) const noexcept;

    double sample_rate_ = 48000.0, mains_hz_ = 50.0, first_hz_ = 50.0, width_hz_ = 1.0;
    std::vector<Channel> channels_;
    std::array<Row, cell_frames> cosines_{}, sines_{};  // of the cell
    double phase_ = 0.0;  // of the fundamental at the start of the cell, in turns
    double pull_ = 0.0;   // towards the error, per frame
    std::int64_t age_ = 0;
    int cell_done_ = 0;
    bool active_ = false;
};

}  // namespace smartmix::dsp
