#pragma once
#include <array>
#include <vector>

#include "dsp/ramp.hpp"
#include "dsp/svf.hpp"

namespace smartmix::dsp {

// Bands of SVF sections in series, for any number of channels, each setting movable in a straight line (frequency and q
// in their logarithm, gain in dB). A moving band is designed on a grid of 32 frames counted from the last event of that
// band and goes straight from one design to the next in (g, k, m), sample by sample. A band that does nothing (off, or
// a bell or shelf resting at 0 dB) is not run, and begins from silence when it is needed again.
class Equaliser {
public:
    static constexpr int band_count = 24;

    Equaliser();

    void prepare(double sample_rate, int channels);  // allocates
    void clear() noexcept;                           // audio memory only

    void set_shape(int band, BandShape shape) noexcept;
    void set_slope(int band, int slope_db_oct) noexcept;
    void move_hz(int band, double hz, int frames) noexcept;
    void move_gain_db(int band, double gain_db, int frames) noexcept;
    void move_q(int band, double q, int frames) noexcept;

    bool idle() const noexcept { return work_ == 0; }  // nothing to run, now or later, without another setting
    void process(float* const* channels, int frames) noexcept;

    // Of the settings that the bands have or are going to, in dB.
    double response_db(double hz) const;

private:
    using Memory = std::array<SvfMemory, 2>;  // of the two channels of a pair

    struct Band {
        BandShape shape = BandShape::off;
        int slope_db_oct = 12;
        Ramp hz{Scale::log};
        Ramp gain_db{Scale::db};
        Ramp q{Scale::log};
        bool changed = true;    // an event came: the grid begins anew
        bool running = false;   // sections are run
        bool moving = false;    // ... along `from` -> `to`
        int cell_frames = 0;    // length of the piece of the grid we are in; 0 while nothing moves
        int cell_done = 0;
        BandSections from;
        BandSections to;
        std::array<SvfSection, max_sections_per_band> still;  // `from`, ready to run

        bool ramping() const noexcept { return hz.moving() || gain_db.moving() || q.moving(); }
        bool neutral() const noexcept;
        int frames_to_grid() const noexcept;
        BandSettings settings_after(int frames) const noexcept;
    };

    void touch(int band) noexcept;
    void begin_cell(Band& band, int index) noexcept;
    int begin_piece(int frames) noexcept;
    void run_pair(int pair, float* const* channels, int channel_count, int frames) noexcept;
    Memory& memory(int band, int section, int pair) noexcept;
    void silence(int band, int first_section) noexcept;

    double sample_rate_ = 48000.0;
    int channels_ = 0;
    int work_ = 0;  // bands that run, ramp or changed
    std::array<Band, band_count> bands_;
    std::vector<Memory> memory_;
};

}  // namespace smartmix::dsp
