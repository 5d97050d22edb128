#include "dsp/equaliser.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "dsp/gain.hpp"
#include "dsp/ringing.hpp"

namespace smartmix::dsp {
namespace {

constexpr int tile_frames = 2048;  // sections are run one after the other on a piece that stays in the nearest cache
// Up to here, channels are run pair by pair with the bands in the lanes; beyond, with the channels in the lanes.
constexpr int most_streamed_channels = 4;
// How far apart a moving band is designed: what lies between two designs is straight in the coefficients. A band that goes
// so fast that this would be heard is designed more often.
constexpr int cell_frames_slow = 64;
constexpr int cell_frames_fast = 16;
constexpr double most_db = 6.0;      // in 64 frames, and
constexpr double most_log = 0.0578;  // of frequency and q: a semitone, 6 %
constexpr std::uint32_t every_band = (1U << Equaliser::band_count) - 1;

bool has_gain(BandShape shape) noexcept {
    return shape == BandShape::bell || shape == BandShape::low_shelf || shape == BandShape::high_shelf ||
           shape == BandShape::tilt;
}

}  // namespace

bool Equaliser::Band::neutral() const noexcept {
    return shape == BandShape::off || (has_gain(shape) && !gain_db.moving() && gain_db.target() == 0.0);
}

int Equaliser::Band::frames_to_grid() const noexcept {
    const auto goes_fast = [](const Ramp& ramp, double most) {
        return ramp.moving() && std::abs(ramp.slope()) * cell_frames_slow > most;
    };
    const bool fast = goes_fast(gain_db, most_db) || goes_fast(hz, most_log) || goes_fast(q, most_log);
    int frames = fast ? cell_frames_fast : cell_frames_slow;
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
    busy_ = every_band;
}

void Equaliser::prepare(double sample_rate, int channels) {
    if (channels <= most_streamed_channels) {
        own_ = std::make_unique<EqualiserLanes>();
        prepare(sample_rate, channels, *own_, 0);
        return;
    }
    wide_ = std::make_unique<WideLanes>();
    wide_->prepare(channels);
    begin(sample_rate, channels);
}

void Equaliser::prepare(double sample_rate, int channels, EqualiserLanes& shared, int first_lane) {
    wide_.reset();
    lanes_ = &shared;
    first_lane_ = first_lane;
    begin(sample_rate, channels);
}

void Equaliser::begin(double sample_rate, int channels) noexcept {
    sample_rate_ = sample_rate;
    channels_ = channels;
    for (Band& band : bands_) {
        band.running = band.from().known = band.to().known = false;
        band.placed = 0;
    }
    for (int b = 0; b < band_count; ++b) touch(b);
}

void Equaliser::clear() noexcept {
    if (wide_) return wide_->silence();
    for (int c = 0; c < channels_; ++c) lanes_->silence(first_lane_ + c);
}

void Equaliser::touch(int band) noexcept {
    bands_[static_cast<std::size_t>(band)].changed = true;
    busy_ |= 1U << band;
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

void Equaliser::put_section(int place, const SectionWay& way) noexcept {
    if (wide_) return wide_->put(place, way);
    lanes_->put(place, first_lane_, channels_, way);
}

void Equaliser::remove_section(int place) noexcept {
    if (wide_) return wide_->remove(place);
    for (int c = 0; c < channels_; ++c) lanes_->remove(place, first_lane_ + c);
}

void Equaliser::place_band(Band& band, int index) noexcept {
    const BandSections& from = band.from().made;
    const BandSections& to = band.to().made;
    const int sections = band.running ? from.count : 0;
    const int place = index * max_sections_per_band;
    for (int s = 0; s < sections; ++s) {
        const auto at = static_cast<std::size_t>(s);
        put_section(place + s, band.cell_frames > 0 ? SectionWay(from.section[at], to.section[at], band.cell_frames)
                                                    : SectionWay(from.section[at]));
    }
    for (int s = sections; s < band.placed; ++s) remove_section(place + s);
    band.placed = sections;
}

void Equaliser::ask(Design& design, const BandSettings& settings) noexcept {
    design.of = settings;
    design.known = true;
    designs().ask(settings, sample_rate_, design.made);
}

// Called at an event and wherever a piece of the grid ends, never for a block's sake. Where one piece ends the next
// begins, and an event finds the settings it was on its way to: what is known is not designed again.
void Equaliser::begin_cell(Band& band) noexcept {
    const bool carries_on = band.running && !band.changed;
    band.running = !band.neutral();
    band.cell_frames = band.ramping() ? band.frames_to_grid() : 0;
    band.cell_done = 0;
    band.changed = false;
    if (!band.running) return;
    const BandSettings now = carries_on ? band.to().of : band.settings_after(0);
    if (band.to().is(now)) {
        band.swapped = !band.swapped;
    } else if (!band.from().is(now)) {
        ask(band.from(), now);
    }
    if (band.cell_frames == 0) return;
    const BandSettings then = band.settings_after(band.cell_frames);
    if (!band.to().is(then)) ask(band.to(), then);
}

int Equaliser::begin_piece(int frames) noexcept {
    int piece = frames;
    for (std::uint32_t left = busy_; left != 0; left &= left - 1) {
        const int b = std::countr_zero(left);
        const std::uint32_t bit = 1U << b;
        Band& band = bands_[static_cast<std::size_t>(b)];
        if (band.changed || (band.cell_frames > 0 && band.cell_done == band.cell_frames)) {
            begin_cell(band);
            begun_ |= bit;
        }
        if (band.cell_frames > 0) piece = std::min(piece, band.cell_frames - band.cell_done);
        sounding_ = band.running ? sounding_ | bit : sounding_ & ~bit;
        if (!band.running && band.cell_frames == 0) busy_ &= ~bit;
    }
    return piece;
}

void Equaliser::place_sections() noexcept {
    if (begun_ == 0) return;
    designs().make();
    for (; begun_ != 0; begun_ &= begun_ - 1) {
        const int b = std::countr_zero(begun_);
        place_band(bands_[static_cast<std::size_t>(b)], b);
    }
}

void Equaliser::end_piece(int frames) noexcept {
    for (std::uint32_t left = busy_; left != 0; left &= left - 1) {
        Band& band = bands_[static_cast<std::size_t>(std::countr_zero(left))];
        if (band.cell_frames == 0) continue;
        band.cell_done += frames;
        for (Ramp* ramp : {&band.hz, &band.gain_db, &band.q}) ramp->advance(frames);
    }
}

void Equaliser::process(float* const* channels, int frames) noexcept {
    int done = 0;
    while (done < frames && !idle()) {
        const int piece = begin_piece(std::min(frames - done, tile_frames));
        place_sections();
        if (sounding()) run(channels, done, piece);
        end_piece(piece);
        done += piece;
    }
}

void Equaliser::run(float* const* channels, int first, int frames) noexcept {
    if (wide_) return wide_->run(channels, first, frames);
    const kernels::SectionKernels& kernel = kernels::section_kernels();
    for (int c = 0; c < channels_; c += 2) {
        const int count = std::min(2, channels_ - c);
        float* heads[2] = {channels[c] + first, count == 2 ? channels[c + 1] + first : nullptr};
        kernel.stream(lanes_->sections(), lanes_->count(), first_lane_ + c, count, heads, frames);
    }
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

int Equaliser::ring_frames() const {
    std::vector<SvfCoefficients> sections;
    for (const Band& band : bands_) {
        if (band.neutral()) continue;
        const BandSections designed = design_band(
            {band.shape, band.hz.target(), band.gain_db.target(), band.q.target(), band.slope_db_oct}, sample_rate_);
        sections.insert(sections.end(), designed.section.begin(), designed.section.begin() + designed.count);
    }
    return dsp::ring_frames(sections);
}

}  // namespace smartmix::dsp
