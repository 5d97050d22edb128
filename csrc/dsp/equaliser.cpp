#include "dsp/equaliser.hpp"

#include <algorithm>

#include "dsp/gain.hpp"

namespace smartmix::dsp {
namespace {

constexpr int tile_frames = 512;  // bands are run one after the other on a piece that stays in the nearest cache

bool has_gain(BandShape shape) noexcept {
    return shape == BandShape::bell || shape == BandShape::low_shelf || shape == BandShape::high_shelf;
}

}  // namespace

bool Equaliser::Band::neutral() const noexcept {
    return shape == BandShape::off || (has_gain(shape) && !gain_db.moving() && gain_db.target() == 0.0);
}

int Equaliser::Band::frames_to_grid() const noexcept {
    int frames = ramp_grid_frames;
    for (const Ramp* ramp : {&hz, &gain_db, &q}) {
        if (ramp->moving()) frames = std::min(frames, ramp->frames_left());
    }
    return frames;
}

BandSettings Equaliser::Band::settings_after(int frames) const noexcept {
    return {shape, hz.value_after(frames), gain_db.value_after(frames), q.value_after(frames), slope_db_oct};
}

Equaliser::Equaliser() {
    for (Band& band : bands_) {
        band.hz.jump(1000.0);
        band.gain_db.jump(0.0);
        band.q.jump(BandSettings{}.q);
    }
    work_ = band_count;
}

void Equaliser::prepare(double sample_rate, int channels) {
    sample_rate_ = sample_rate;
    channels_ = channels;
    const auto pairs = static_cast<std::size_t>((channels + 1) / 2);
    memory_.assign(pairs * band_count * max_sections_per_band, Memory{});
    for (int b = 0; b < band_count; ++b) touch(b);
}

void Equaliser::clear() noexcept { std::fill(memory_.begin(), memory_.end(), Memory{}); }

void Equaliser::touch(int band) noexcept {
    bands_[static_cast<std::size_t>(band)].changed = true;
    work_ = band_count;
}

void Equaliser::set_shape(int band, BandShape shape) noexcept {
    bands_[static_cast<std::size_t>(band)].shape = shape;
    touch(band);
}

void Equaliser::set_slope(int band, int slope_db_oct) noexcept {
    bands_[static_cast<std::size_t>(band)].slope_db_oct = slope_db_oct;
    touch(band);
}

void Equaliser::move_hz(int band, double hz, int frames) noexcept {
    bands_[static_cast<std::size_t>(band)].hz.move(hz, frames);
    touch(band);
}

void Equaliser::move_gain_db(int band, double gain_db, int frames) noexcept {
    bands_[static_cast<std::size_t>(band)].gain_db.move(gain_db, frames);
    touch(band);
}

void Equaliser::move_q(int band, double q, int frames) noexcept {
    bands_[static_cast<std::size_t>(band)].q.move(q, frames);
    touch(band);
}

Equaliser::Memory& Equaliser::memory(int band, int section, int pair) noexcept {
    const int at = (pair * band_count + band) * max_sections_per_band + section;
    return memory_[static_cast<std::size_t>(at)];
}

void Equaliser::silence(int band, int first_section) noexcept {
    for (int pair = 0; pair < (channels_ + 1) / 2; ++pair) {
        for (int s = first_section; s < max_sections_per_band; ++s) memory(band, s, pair) = Memory{};
    }
}

// Called at an event and wherever a piece of the grid ends, never for a block's sake.
void Equaliser::begin_cell(Band& band, int index) noexcept {
    const bool was_running = band.running;
    band.running = !band.neutral();
    const bool ramping = band.ramping();
    band.cell_frames = ramping ? band.frames_to_grid() : 0;
    band.cell_done = 0;
    band.moving = band.running && ramping;
    if (band.running) {
        const bool carry_on = was_running && !band.changed;  // `to` is the design of this very frame
        band.from = carry_on ? band.to : design_band(band.settings_after(0), sample_rate_);
        if (band.moving) band.to = design_band(band.settings_after(band.cell_frames), sample_rate_);
        for (std::size_t s = 0; s < band.still.size(); ++s) band.still[s] = SvfSection(band.from.section[s]);
        silence(index, band.from.count);
    } else if (was_running) {
        silence(index, 0);
    }
    band.changed = false;
}

// Brings every band to the present frame; how many frames from here nothing new begins.
int Equaliser::begin_piece(int frames) noexcept {
    int piece = std::min(frames, tile_frames);
    work_ = 0;
    for (int b = 0; b < band_count; ++b) {
        Band& band = bands_[static_cast<std::size_t>(b)];
        if (band.changed || (band.cell_frames > 0 && band.cell_done == band.cell_frames)) begin_cell(band, b);
        if (band.cell_frames > 0) piece = std::min(piece, band.cell_frames - band.cell_done);
        work_ += band.running || band.cell_frames > 0 ? 1 : 0;
    }
    return piece;
}

void Equaliser::process(float* const* channels, int frames) noexcept {
    int done = 0;
    while (done < frames && work_ > 0) {
        const int piece = begin_piece(frames - done);
        for (int pair = 0; 2 * pair < channels_; ++pair) {
            const int count = std::min(2, channels_ - 2 * pair);
            float* heads[2] = {channels[2 * pair] + done, count == 2 ? channels[2 * pair + 1] + done : nullptr};
            run_pair(pair, heads, count, piece);
        }
        for (Band& band : bands_) {
            if (band.cell_frames == 0) continue;
            band.cell_done += piece;
            for (Ramp* ramp : {&band.hz, &band.gain_db, &band.q}) ramp->advance(piece);
        }
        done += piece;
    }
}

// Still sections that follow one another are run together; a moving band cuts the row.
void Equaliser::run_pair(int pair, float* const* channels, int channel_count, int frames) noexcept {
    std::array<SvfSlot, band_count * max_sections_per_band> row;
    int in_row = 0;
    for (int b = 0; b < band_count; ++b) {
        const Band& band = bands_[static_cast<std::size_t>(b)];
        if (!band.running) continue;
        if (band.moving) {
            run_sections(row.data(), in_row, channels, channel_count, frames);
            in_row = 0;
        }
        for (int s = 0; s < band.from.count; ++s) {
            const auto at = static_cast<std::size_t>(s);
            if (band.moving) {
                const SvfGlide glide{band.from.section[at], band.to.section[at], band.cell_frames};
                run_glide(glide, band.cell_done, memory(b, s, pair), channels, channel_count, frames);
            } else {
                row[static_cast<std::size_t>(in_row++)] = {&band.still[at], &memory(b, s, pair)};
            }
        }
    }
    run_sections(row.data(), in_row, channels, channel_count, frames);
}

double Equaliser::response_db(double hz) const {
    double db = 0.0;
    for (const Band& band : bands_) {
        const BandSettings settings{band.shape, band.hz.target(), band.gain_db.target(), band.q.target(),
                                    band.slope_db_oct};
        if (band.shape != BandShape::off) db += dsp::response_db(design_band(settings, sample_rate_), sample_rate_, hz);
    }
    return db;
}

}  // namespace smartmix::dsp
