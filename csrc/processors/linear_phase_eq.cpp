#include "processors/linear_phase_eq.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "processors/equaliser_parameters.hpp"

namespace smartmix {
namespace {

constexpr double least_s = 0.34;
constexpr int partitions = 32;
constexpr int steps = 8;            // partitions to a period
constexpr int magnitude_steps = 5;  // then one for the taps, and the rest for their spectra
constexpr int spectra_step = magnitude_steps + 1;

// The power of two next above 0.34 s: 16384 at 44.1 and 48 kHz, at most what one transform takes.
int taps_for(double sample_rate) {
    const auto least = static_cast<unsigned>(std::ceil(least_s * sample_rate));
    return std::min(static_cast<int>(std::bit_ceil(least)), dsp::RealFft::largest);
}

bool sounds(const dsp::BandSettings& band) noexcept {
    if (band.shape == dsp::BandShape::off) return false;
    const bool filter = band.shape == dsp::BandShape::high_pass || band.shape == dsp::BandShape::low_pass ||
                        band.shape == dsp::BandShape::notch;
    return filter || band.gain_db != 0.0;
}

std::vector<ParameterInfo> all_parameters() {
    std::vector<ParameterInfo> infos;
    append_equaliser_parameters(infos, "", LinearPhaseEq::band_count);
    return infos;
}

}  // namespace

LinearPhaseEq::LinearPhaseEq() : Processor(all_parameters()) {
    for (Band& band : bands_) {
        band.hz.jump(1000.0);
        band.gain_db.jump(0.0);
        band.q.jump(dsp::BandSettings{}.q);
    }
}

void LinearPhaseEq::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    taps_ = taps_for(spec.sample_rate);
    convolver_.prepare(taps_ / partitions, partitions, spec.channels);
    designer_ = std::make_unique<Designer>(taps_);
    told_.reset();
}

void LinearPhaseEq::on_reset() noexcept {
    convolver_.clear();
    step_ = 0;
    started_ = designing_ = ready_ = false;
}

void LinearPhaseEq::on_parameter(int index, double value, int ramp_frames) noexcept {
    Band& band = bands_[static_cast<std::size_t>(index / parameters_per_band)];
    switch (static_cast<BandField>(index % parameters_per_band)) {
        case BandField::shape: band.shape = static_cast<dsp::BandShape>(static_cast<int>(value)); break;
        case BandField::freq_hz: band.hz.move(value, ramp_frames); break;
        case BandField::gain_db: band.gain_db.move(value, ramp_frames); break;
        case BandField::q: band.q.move(value, ramp_frames); break;
        case BandField::slope: band.slope_db_oct = slope_db_oct_of(value); break;
    }
}

LinearPhaseEq::Settings LinearPhaseEq::settings() const noexcept {
    Settings now;
    for (std::size_t b = 0; b < now.size(); ++b) {
        const Band& band = bands_[b];
        now[b] = {band.shape, band.hz.value(), band.gain_db.value(), band.q.value(), band.slope_db_oct};
    }
    return now;
}

void LinearPhaseEq::Designer::begin(const Settings& settings, double sample_rate) noexcept {
    magnitude.clear();
    for (const dsp::BandSettings& band : settings) {
        if (sounds(band)) magnitude.add(dsp::design_band(band, sample_rate));
    }
}

void LinearPhaseEq::on_process(BlockView io) noexcept {
    float* heads[64];
    for (int done = 0; done < io.frames;) {
        const int partition = convolver_.latency_frames();
        if (convolver_.frames_to_boundary() == partition) begin_partition();
        const int piece = std::min(io.frames - done, convolver_.frames_to_boundary());
        const bool fills = piece == convolver_.frames_to_boundary();
        if (fills) work(step_);
        for (int c = 0; c < io.channel_count; ++c) heads[c] = io.channels[c] + done;
        convolver_.process(heads, piece);
        for (Band& band : bands_) {
            for (dsp::Ramp* ramp : {&band.hz, &band.gain_db, &band.q}) ramp->advance(piece);
        }
        if (fills) step_ = (step_ + 1) % steps;
        done += piece;
    }
}

void LinearPhaseEq::begin_partition() noexcept {
    if (step_ != 0) return;
    if (!started_) {
        begin_first();
    } else {
        designing_ = waiting_ != designed_;
        designed_ = waiting_;
        waiting_ = settings();
    }
}

// The first filter has to be there with the first frame: all steps at once.
void LinearPhaseEq::begin_first() noexcept {
    started_ = true;
    waiting_ = designed_ = settings();
    for (int step = 0; step < steps; ++step) design_step(step);
    convolver_.use_next();
}

void LinearPhaseEq::work(int step) noexcept {
    if (step == 0 && ready_) {
        convolver_.fade_to_next();
        ready_ = false;
    }
    if (!designing_) return;
    design_step(step);
    if (step == steps - 1) {
        designing_ = false;
        ready_ = true;
    }
}

// A period's work in parts, each the same at most: an eighth of the grid or a transform or a few small ones.
void LinearPhaseEq::design_step(int step) noexcept {
    if (std::none_of(designed_.begin(), designed_.end(), sounds)) {
        if (step == steps - 1) convolver_.make_next_delay(taps_ / 2);
        return;
    }
    if (step == 0) designer_->begin(designed_, sample_rate_);
    if (step < magnitude_steps) {
        const int bins = designer_->magnitude.bins();
        const int part = (bins + magnitude_steps - 1) / magnitude_steps;
        designer_->magnitude.evaluate(part * step, std::min(part * (step + 1), bins), designer_->bins.data());
    } else if (step < spectra_step) {
        designer_->fir.linear_phase(designer_->bins.data(), designer_->taps.data());
    } else {
        constexpr int count = partitions / (steps - spectra_step);
        convolver_.load_next(designer_->taps.data(), (step - spectra_step) * count, count);
    }
}

double LinearPhaseEq::response_db(double hz) const {
    Settings asked;
    for (std::size_t b = 0; b < asked.size(); ++b) {
        const Band& band = bands_[b];
        asked[b] = {band.shape, band.hz.target(), band.gain_db.target(), band.q.target(), band.slope_db_oct};
    }
    if (std::none_of(asked.begin(), asked.end(), sounds)) return 0.0;
    if (!told_ || told_settings_ != asked) {
        auto designer = std::make_unique<Designer>(taps_ > 0 ? taps_ : taps_for(sample_rate_));
        designer->begin(asked, sample_rate_);
        designer->magnitude.evaluate(0, designer->magnitude.bins(), designer->bins.data());
        designer->fir.linear_phase(designer->bins.data(), designer->taps.data());
        told_ = std::move(designer);
        told_settings_ = asked;
    }
    const std::vector<float>& taps = told_->taps;
    const std::size_t middle = taps.size() / 2;
    const double angle = 2.0 * std::numbers::pi * std::min(hz / sample_rate_, 0.5);
    double sum = taps[middle];
    for (std::size_t i = 1; i < middle; ++i) sum += 2.0 * taps[middle + i] * std::cos(angle * static_cast<double>(i));
    return 20.0 * std::log10(std::abs(sum));
}

}  // namespace smartmix
