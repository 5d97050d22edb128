#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/masking.hpp"
#include "meters/masking_spectrum.hpp"

namespace smartmix {

// Who covers whom. Tracks heard together, each as loud as the model of dsp/loudness_model.hpp has it: alone, beside all the
// others, and beside each single other one; and how much a track would win if one other left. The filters of the ear take the
// shape the sum of all tracks gives them. A sound covers others for a while after its end, and less where it is steady
// (dsp/covering.hpp); loudness is integrated as in Glasberg & Moore 2002.
//
// Hops of 512 frames are gathered into cells; process() neither allocates nor locks, and any cut of the tracks into blocks
// gives the same cells.
class MaskingMeter {
public:
    static constexpr int bands = 40;
    static constexpr int cell_hops = 24;
    static constexpr int freed_every = 4;  // hops; what leaving wins is asked that often
    static constexpr int most_tracks = 64;
    static constexpr int kept_cells = 32;  // so many wait to be taken; older ones are lost
    static constexpr double first_cam = 1.75, last_cam = 38.95;

    // Figures of a cell, each the mean of its hops unless it says otherwise. Bands are equally wide in cams.
    struct Layout {
        explicit Layout(int tracks);
        int excitation;  // [track][band], power at the cochlea re a 1 kHz tone of 0 dB SPL
        int covering;    // [track][band], excitation of a noise that covers others as much as the track does
        int alone;       // [track][band], sone
        int beside_all;  // [track][band], sone left beside the sum of the others
        int beside;      // [covered track][covering track][band], sone left beside that one
        int freed;       // [covered track][covering track][band], sone won beside the sum of the others if that one left
        int integrated;  // [track][4]: short-term loudness alone and beside all, long-term loudness alone and beside all at
                         // the cell's end
        int floats;
    };

    // `channels` of each track, 1 or 2; a mono track sounds from both sides. `full_scale_db_spl` is the level of a signal of
    // mean square 1. std::invalid_argument outside 44.1 to 48 kHz and 1 to 64 tracks.
    MaskingMeter(double sample_rate, std::span<const int> channels, double full_scale_db_spl);

    int tracks() const noexcept { return static_cast<int>(channels_.size()); }
    int channel_count() const noexcept { return channel_count_; }
    const Layout& layout() const noexcept { return layout_; }
    static double band_edge_hz(int edge) noexcept;  // 0 to `bands`

    void reset() noexcept;
    // All tracks' channels one after another.
    void process(const float* const* channels, std::int64_t frames) noexcept;
    // The tracks end here: what is still under way is heard, and the last cell closed. Then only reset() makes sense.
    void finish() noexcept;

    int waiting() const noexcept { return waiting_; }
    std::int64_t lost_cells() const noexcept { return lost_; }
    // Copies the oldest waiting cell and drops it; 0 hops when none waits.
    int take(float* cell) noexcept;

private:
    using Row = std::vector<float>;
    struct Slot {
        int group, lane_channel;
        float share;
    };

    void place_channels(double full_scale_db_spl);
    void design_roex();
    void design_cover();
    double noise_variance(int place) const noexcept;
    void make_room();
    void hear_hop() noexcept;
    void gather_powers() noexcept;
    void excite() noexcept;
    void hear_tracks() noexcept;
    void hear_beside(int track, const kernels::HeardMasker& masker, const float* both, float* sum) noexcept;
    kernels::HeardSound heard(int track) const noexcept;
    void hear_pairs() noexcept;
    void hear_freed() noexcept;
    void integrate() noexcept;
    void end_cell() noexcept;
    float* powers(int slot, int track) noexcept;
    float* row(Row& rows, int index) noexcept {
        return rows.data() + static_cast<std::ptrdiff_t>(index) * kernels::ear_places;
    }
    void write_bands(const float* places, double weight, float* to) const noexcept;

    double sample_rate_;
    std::vector<int> channels_;
    int channel_count_ = 0;
    Layout layout_;
    MaskingSpectrumDesign design_;
    std::vector<MaskingSpectrum> spectra_;
    std::vector<Slot> slots_;         // of each channel
    std::vector<int> first_channel_;  // of each track
    kernels::EarPlaces ear_{};
    double step_cam_;
    Row around_, fixed_, moving_, weights_;                              // tables of the filters
    Row steepness_, mix_, level_;                                        // of components
    Row ring_;                                                           // [8][track][component]: powers still to come
    Row excitation_, covering_, rest_, total_, left_, both_, without_;   // of places
    kernels::CoverTable cover_{};
    std::vector<kernels::CoverState> cover_states_;
    std::vector<kernels::HeardSignal> signals_;
    std::vector<kernels::HeardMasker> maskers_, rests_;
    kernels::HeardMasker fewer_{};
    Row sum_excitation_, sum_covering_, sum_alone_, sum_all_, sum_beside_, sum_freed_, sum_freed_base_;
    std::vector<double> integrated_, integrated_sum_;  // [track][short alone, short beside, long alone, long beside]
    Row cells_;
    std::vector<int> cell_hops_;
    int waiting_ = 0, oldest_ = 0;
    std::int64_t lost_ = 0;
    int gathered_ = 0;       // frames of the hop that is coming in
    std::int64_t hops_ = 0;  // taken in
    int hops_in_cell_ = 0, freed_in_cell_ = 0;
};

}  // namespace smartmix
