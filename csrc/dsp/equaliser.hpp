#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include "dsp/equaliser_lanes.hpp"
#include "dsp/ramp.hpp"
#include "dsp/svf_design.hpp"
#include "dsp/wide_lanes.hpp"

namespace smartmix::dsp {

// Bands of SVF sections in series, for any number of channels, each setting movable in a straight line (frequency and q
// in their logarithm, gain in dB). A moving band is designed on a grid of 64 frames counted from the last event of that
// band (16 where it goes by more than 6 dB or a semitone in 64), and goes straight from one design to the next
// in (g, k, m), sample by sample. A band that does nothing (off, or a bell, shelf or tilt resting at 0 dB) is not run,
// and begins from silence when it is needed again.
class Equaliser {
public:
    static constexpr int band_count = EqualiserLanes::band_count;

    Equaliser();

    // Allocates. An equaliser has lanes of its own, or shares those of others (up to eight channels in all): then the
    // owner of the lanes runs them, between begin_piece and end_piece, and process is not called.
    void prepare(double sample_rate, int channels);
    void prepare(double sample_rate, int channels, EqualiserLanes& shared, int first_lane);
    void clear() noexcept;  // audio memory only

    void set_shape(int band, BandShape shape) noexcept;
    void set_slope(int band, int slope_db_oct) noexcept;
    void move_hz(int band, double hz, int frames) noexcept;
    void move_gain_db(int band, double gain_db, int frames) noexcept;
    void move_q(int band, double q, int frames) noexcept;

    bool idle() const noexcept { return busy_ == 0; }         // nothing to run, now or later, without another setting
    bool sounding() const noexcept { return sounding_ != 0; }  // sections are run in the piece begun
    void process(float* const* channels, int frames) noexcept;

    // Brings every band to the present frame; how many of the next `frames` frames until something new begins. What begins
    // is designed with all that begins in the lanes at this frame, and lies there after place_sections.
    int begin_piece(int frames) noexcept;
    void place_sections() noexcept;
    void end_piece(int frames) noexcept;

    // Of the settings that the bands have or are going to, in dB.
    double response_db(double hz) const;
    // Of the same settings: frames until what full scale has left behind is under -120 dB (dsp/ringing.hpp).
    int ring_frames() const;

private:
    struct Design {
        bool known = false;
        BandSettings of;
        BandSections made;
        bool is(const BandSettings& settings) const noexcept { return known && of == settings; }
    };

    struct Band {
        BandShape shape = BandShape::off;
        int slope_db_oct = 12;
        Ramp hz{Scale::log};
        Ramp gain_db{Scale::db};
        Ramp q{Scale::log};
        bool changed = true;    // an event came: the grid begins anew
        bool running = false;   // sections are run
        int placed = 0;         // sections that lie in the lanes
        int cell_frames = 0;    // length of the piece of the grid we are in; 0 while nothing moves
        int cell_done = 0;
        Design design[2];
        bool swapped = false;

        Design& from() noexcept { return design[swapped ? 1 : 0]; }
        Design& to() noexcept { return design[swapped ? 0 : 1]; }
        bool ramping() const noexcept { return hz.moving() || gain_db.moving() || q.moving(); }
        bool neutral() const noexcept;
        int frames_to_grid() const noexcept;
        BandSettings settings_after(int frames) const noexcept;
    };

    void begin(double sample_rate, int channels) noexcept;
    void touch(int band) noexcept;
    void ask(Design& design, const BandSettings& settings) noexcept;
    void begin_cell(Band& band) noexcept;
    void place_band(Band& band, int index) noexcept;
    void run(float* const* channels, int first, int frames) noexcept;
    BandDesigns& designs() noexcept { return wide_ ? wide_->designs() : lanes_->designs(); }
    void put_section(int place, const SectionWay& way) noexcept;
    void remove_section(int place) noexcept;

    double sample_rate_ = 48000.0;
    int channels_ = 0;
    std::uint32_t busy_ = 0;      // a bit for each band that runs, ramps or changed
    std::uint32_t sounding_ = 0;  // ... that runs
    std::uint32_t begun_ = 0;     // ... that is to be placed
    std::array<Band, band_count> bands_;
    // Where the sections lie: in lanes, our own or shared with others, or, of many channels, once for all of them.
    std::unique_ptr<EqualiserLanes> own_;
    std::unique_ptr<WideLanes> wide_;
    EqualiserLanes* lanes_ = nullptr;
    int first_lane_ = 0;
};

}  // namespace smartmix::dsp
