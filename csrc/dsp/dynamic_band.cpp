#include "dsp/dynamic_band.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/band_hearing.hpp"
#include "dsp/detector_times.hpp"
#include "dsp/fast_log.hpp"

namespace smartmix::dsp {
namespace {

constexpr double butterworth_q = 0.70710678118654752;
constexpr double smallest_range_db = 1e-6;

double between(double a, double b, double share) noexcept { return a + (b - a) * share; }

SvfCoefficients between(const SvfCoefficients& a, const SvfCoefficients& b, double share) noexcept {
    return {between(a.g, b.g, share), between(a.k, b.k, share), between(a.m0, b.m0, share), between(a.m1, b.m1, share),
            between(a.m2, b.m2, share)};
}

// Where the middle of what is heard lies, against the frequency of the band, and the length of the mean in its periods.
struct Middle {
    double factor;
    double periods;
};

Middle middle_of(BandShape shape) noexcept {
    switch (shape) {
        case BandShape::low_shelf: return {0.25, 0.5};
        case BandShape::high_shelf: return {2.0, 1.0};
        default: return {1.0, 0.5};
    }
}

}  // namespace

kernels::Hearing design_hearing(BandShape shape, double hz, double q, double sample_rate) noexcept {
    const Middle middle = middle_of(shape);
    const double middle_hz = std::min(middle.factor * hz, 0.49 * sample_rate);
    SvfCoefficients filter;
    switch (shape) {
        case BandShape::low_shelf: filter = design_low_pass(sample_rate, hz, butterworth_q); break;
        case BandShape::high_shelf: filter = design_high_pass(sample_rate, hz, butterworth_q); break;
        default:  // the band output of a low pass, 0 dB in the middle
            filter = design_low_pass(sample_rate, hz, q);
            filter.m1 = filter.k;
            filter.m2 = 0.0;
    }
    kernels::Hearing hearing = design_ear(filter, keep_per_frame(1000.0 * middle.periods / middle_hz, sample_rate));
    const double g = std::tan(std::numbers::pi * middle_hz / sample_rate);
    hearing.step = 2.0 * g / (1.0 + g);
    hearing.twice = true;
    return hearing;
}

void DynamicBand::share(kernels::DetectorLanes& detectors, int lane) noexcept {
    detectors_ = &detectors;
    lane_ = lane;
}

void DynamicBand::prepare(double sample_rate, int channels) {
    sample_rate_ = sample_rate;
    memory_.assign(static_cast<std::size_t>((channels + 1) / 2), {});
}

void DynamicBand::clear() noexcept {
    std::fill(memory_.begin(), memory_.end(), BandFilter{});
    share_now() = 0.0;
    glide_from_db_ = glide_to_db_ = 0.0;
    cell_done_ = 0;
    running_ = false;
    idle_ = true;
    controls_changed_ = true;
}

void DynamicBand::set_shape(BandShape shape) noexcept {
    shape_ = shape;
    controls_changed_ = true;
}

void DynamicBand::set_own_detector(bool own) noexcept {
    own_detector_ = own;
    controls_changed_ = true;
}

void DynamicBand::move(Control control, double value, int frames) noexcept {
    controls_[control].move(value, frames);
    controls_changed_ = true;
}

double DynamicBand::movement_db() const noexcept { return detectors_->value.lane[lane_] * std::fabs(range_db()); }

int DynamicBand::begin_cell() noexcept {
    const bool moving = any_moving(controls_);
    if (controls_changed_ || moving) set_controls();
    controls_changed_ = moving;
    if (!moving && movement_db() < settled_db) share_now() = 0.0;
    const bool nothing =
        shape_ == BandShape::off || (!moving && (controls_[range].value() == 0.0 || curve_.slope == 0.0F));
    if (shape_ == BandShape::off) share_now() = 0.0;
    begin_glide(share_now() * controls_[range].value());
    const bool listened = !idle_;
    idle_ = nothing && share_now() == 0.0;
    begins_ = !idle_ && !listened;
    return idle_ && !running_ ? longest_cell_frames : cell_length(controls_, cell_frames, cell_frames);
}

void DynamicBand::set_controls() noexcept {
    ++knots_of_;
    const double heard_hz = controls_[own_detector_ ? detector_hz : hz].value();
    const double heard_q = controls_[own_detector_ ? detector_q : q].value();
    hearing_ = design_hearing(shape_, heard_hz, heard_q, sample_rate_);
    hearing_changed_ = true;
    set_curve();
    set_detector_times(*detectors_, lane_, controls_[attack].value(), controls_[release].value(), sample_rate_);
}

// In shares of the range: the curve goes no further than where it asks for all of it.
void DynamicBand::set_curve() noexcept {
    const CompressionCurve curve(controls_[threshold].value(), controls_[ratio].value(), controls_[knee].value());
    const double half_knee_db = 0.5 * controls_[knee].value();
    const double size_db = std::max(std::fabs(controls_[range].value()), smallest_range_db);
    const double line_db = curve.slope > 0.0F ? size_db / static_cast<double>(curve.slope) : curve.loudest_over_db;
    const double full_over_db =
        line_db >= half_knee_db ? line_db : std::sqrt(4.0 * half_knee_db * line_db) - half_knee_db;
    curve_ = {db_per_octave_of_power, curve.threshold_db, static_cast<float>(static_cast<double>(curve.slope) / size_db),
              curve.half_knee_db, curve.half_over_knee,
              static_cast<float>(std::min(full_over_db, static_cast<double>(curve.loudest_over_db)))};
    const double knee_begins_db = controls_[threshold].value() - half_knee_db;
    quiet_power_ = static_cast<float>(std::pow(10.0, 0.1 * (knee_begins_db - 0.01)));
}

// From where the filter is to where the detector is now.
void DynamicBand::begin_glide(double to_db) noexcept {
    const bool ran = running_;
    if (ran) {
        const double share = static_cast<double>(cell_done_) / glide_.frames;
        glide_.from = between(glide_.from, glide_.to, share);
        glide_from_db_ = between(glide_from_db_, glide_to_db_, share);
    } else if (to_db != 0.0) {
        glide_.from = design(0.0);
        glide_from_db_ = 0.0;
    }
    running_ = shape_ != BandShape::off && (to_db != 0.0 || (ran && glide_from_db_ != 0.0));
    if (ran && !running_) std::fill(memory_.begin(), memory_.end(), BandFilter{});
    glide_to_db_ = to_db;
    if (running_) glide_.to = design(to_db);
    glide_.frames = cell_frames;
    cell_done_ = 0;
}

const SvfCoefficients& DynamicBand::knot(int index) noexcept {
    Knot& knot = knots_[static_cast<std::size_t>(index)];
    if (knot.made_in != knots_of_) {
        const double gain_db = static_cast<double>(index - knots_up) / knots_per_db;
        knot.design = design_band({shape_, controls_[hz].value(), gain_db, controls_[q].value()}, sample_rate_).section[0];
        knot.made_in = knots_of_;
    }
    return knot.design;
}

std::vector<SvfCoefficients> DynamicBand::ends() const {
    std::vector<SvfCoefficients> ends;
    const double far_db = controls_[range].target();
    if (shape_ == BandShape::off || far_db == 0.0) return ends;
    for (const double gain_db : {0.0, far_db}) {
        ends.push_back(design_band({shape_, controls_[hz].target(), gain_db, controls_[q].target()}, sample_rate_).section[0]);
    }
    return ends;
}

SvfCoefficients DynamicBand::design(double gain_db) noexcept {
    const double at = std::clamp(gain_db, -widest_range_db, widest_range_db) * knots_per_db + knots_up;
    const int below = std::min(static_cast<int>(at), 2 * knots_up - 1);
    const double share = at - below;
    if (share == 0.0) return knot(below);
    return between(knot(below), knot(below + 1), share);
}

void DynamicBand::advance(int frames) noexcept {
    for (Ramp& ramp : controls_) ramp.advance(frames);
    cell_done_ += frames;
}

}  // namespace smartmix::dsp
