#include "processors/match_eq.hpp"

#include <algorithm>
#include <cmath>

namespace smartmix {
namespace {

constexpr int partitions = 32;
constexpr int curve_steps = 3;  // source, reference, the way from one to the other
constexpr double small_step_db = 0.05;    // what is on its way need not be exact
constexpr double close_enough_db = 0.002;  // the rest of the way is gone at once
constexpr double enough_heard_s = 3.0;

std::vector<ParameterInfo> all_parameters() {
    return {
        {"amount_percent", "Amount", "%", 0.0, 150.0, 100.0, Scale::linear, {}},
        {"limit_db", "Limit", "dB", 1.0, 12.0, 6.0, Scale::linear, {}},
        {"morph_s", "Morph time", "s", 0.05, 10.0, 1.0, Scale::log, {}},
        {"learn_source", "Learn source", "", 0.0, 1.0, 0.0, Scale::toggle, {}},
        {"learn_reference", "Learn reference", "", 0.0, 1.0, 0.0, Scale::toggle, {}},
        {"hold", "Hold", "", 0.0, 1.0, 0.0, Scale::toggle, {}},
        {"target", "Target", "", 0.0, 1.0, 0.0, Scale::choice, {"a", "b"}},
        {"channels", "Channels", "", 0.0, 2.0, 0.0, Scale::choice, {"together", "left_right", "mid_side"}},
        {"phase", "Phase", "", 0.0, 1.0, 0.0, Scale::choice, {"minimum", "linear"}},
    };
}

std::vector<CurveInfo> all_curves() {
    using dsp::Tone;
    std::vector<CurveInfo> curves{{"point_hz", "Frequencies", "Hz", dsp::tone_points, 0.0, 30000.0, 0.0, false}};
    const std::string ids[] = {"source", "reference_a", "reference_b"};
    const std::string names[] = {"Source", "Reference A", "Reference B"};
    const std::string parts[] = {"_1", "_2"};
    for (int of = 0; of < 3; ++of) {
        for (int part = 0; part < 2; ++part) {
            curves.push_back({ids[of] + parts[part] + "_db", names[of], "dB", dsp::tone_points, Tone::no_band_db, 200.0,
                              Tone::no_band_db, true});
            curves.push_back({ids[of] + parts[part] + "_heard_s", names[of] + " heard for", "s", 1, 0.0, 1e7, enough_heard_s, true});
            curves.push_back({ids[of] + parts[part] + "_lufs", names[of] + " loudness", "LUFS", 1, Tone::no_loudness, 200.0,
                              Tone::no_loudness, true});
        }
    }
    for (const std::string& part : parts) {
        curves.push_back({"correction" + part + "_db", "Correction", "dB", dsp::tone_points, -12.0, 12.0, 0.0, false});
    }
    return curves;
}

double furthest(const dsp::ToneRow& a, const dsp::ToneRow& b) noexcept {
    double most = 0.0;
    for (std::size_t j = 0; j < a.size(); ++j) most = std::max(most, std::abs(a[j] - b[j]));
    return most;
}

bool is_flat(const dsp::ToneRow& row) noexcept {
    return std::all_of(row.begin(), row.end(), [](double db) { return db == 0.0; });
}

int top_of(const dsp::Tone& tone) noexcept {
    int top = dsp::tone_points - 1;
    while (top > 0 && !tone.has(top)) --top;
    return top;
}

}  // namespace

MatchEq::MatchEq() : Processor(all_parameters(), all_curves()) {
    amount_.jump(100.0);
    limit_db_.jump(6.0);
    morph_s_.jump(1.0);
    dsp::ToneRow hz;
    for (std::size_t j = 0; j < hz.size(); ++j) hz[j] = dsp::tone_hz(static_cast<double>(j));
    tell(0, hz);
}

void MatchEq::on_prepare(const PrepareSpec& spec) {
    if (spec.channels > most_parts) {
        throw std::invalid_argument(std::to_string(spec.channels) + " channels: expected 1 or 2");
    }
    sample_rate_ = spec.sample_rate;
    phase_ = parameter(phase) > 0.5 ? dsp::TonePhase::linear : dsp::TonePhase::minimum;
    stereo_ = spec.channels > 1;
    fir_ = std::make_unique<dsp::ToneFir>(sample_rate_, phase_);
    delay_ = fir_->delay_frames();
    convolver_.prepare(fir_->tap_count() / partitions, partitions, spec.channels, spec.channels);
    source_listener_.prepare(sample_rate_, spec.channels);
    reference_listener_.prepare(sample_rate_, spec.heard_channels());
    told_fir_.reset();
}

void MatchEq::on_reset() noexcept {
    convolver_.clear();
    started_ = ready_ = false;
    learns_source_ = learns_reference_ = false;
    step_ = 0;
}

void MatchEq::on_parameter(int index, double value, int ramp_frames) noexcept {
    const bool on = value > 0.5;
    stale_ = true;
    switch (static_cast<Index>(index)) {
        case amount: amount_.move(value, ramp_frames); break;
        case limit: limit_db_.move(value, ramp_frames); break;
        case morph: morph_s_.move(value, ramp_frames); break;
        case learn_source:
        case learn_reference: set_learning(static_cast<Index>(index), on); break;
        case hold:
            if (on && !holds_) {
                source_listener_.pause();
                reference_listener_.pause();
            }
            holds_ = on;
            break;
        case target:
            if (on != target_b_) reference_listener_.begin(asked_layout_);
            target_b_ = on;
            break;
        case channels: choose_channels(static_cast<dsp::FilterLayout>(static_cast<int>(value))); break;
        case phase: break;  // from the next prepare on
    }
}

// Switched on, it begins anew: what was heard before is in force until as much has been heard again.
void MatchEq::set_learning(Index which, bool on) noexcept {
    bool& learns = which == learn_source ? learns_source_ : learns_reference_;
    if (on && !learns) (which == learn_source ? source_listener_ : reference_listener_).begin(asked_layout_);
    if (on && !learns) {
        for (Part& part : voices_) {
            for (int r = 0; r < recordings; ++r) {
                if ((r == source) == (which == learn_source)) part.held[static_cast<std::size_t>(r)].learned = false;
            }
        }
    }
    learns = on;
}

void MatchEq::choose_channels(dsp::FilterLayout layout) noexcept {
    const dsp::FilterLayout now = stereo_ ? layout : dsp::FilterLayout::together;
    if (now == asked_layout_) return;
    asked_layout_ = now;
    source_listener_.begin(now);
    reference_listener_.begin(now);
    for (Part& part : voices_) {
        for (Held& held : part.held) held.learned = false;
    }
}

// A tone that is written or recalled is in force until one is learned that was heard as long.
void MatchEq::on_curve(int index, std::span<const float> values) noexcept {
    stale_ = true;
    const int place = index - 1;
    const int which = place / (curves_per_tone * most_parts);
    if (place < 0 || which >= recordings) return;
    Part& part = voices_[static_cast<std::size_t>(place / curves_per_tone % most_parts)];
    Held& held = part.held[static_cast<std::size_t>(which)];
    switch (place % curves_per_tone) {
        case 0: std::copy(values.begin(), values.end(), held.tone.power_db.begin()); break;
        case 1: held.tone.heard_s = values[0]; break;
        default: held.tone.loudness_lufs = values[0]; break;
    }
    held.learned = false;
    held.new_shape = true;
    if (which == source) source_listener_.begin(asked_layout_);
    if (which == chosen()) reference_listener_.begin(asked_layout_);
}

// Whatever is known by now is heard from the first frame on.
void MatchEq::on_restored() noexcept {
    jumps_ = true;
    layout_ = asked_layout_;
    const int steps = round_steps();
    for (int step = 0; step < steps; ++step) round_step(step);
    convolver_.use_next();
    jumps_ = stale_ = ready_ = false;
}

int MatchEq::tail_frames() const noexcept {
    const int taps = sounds_neutral_ && neutral_ ? delay_ : convolver_.max_taps();
    return taps + convolver_.latency_frames();
}

void MatchEq::on_process(BlockView io) noexcept {
    float* heads[most_parts];
    for (int done = 0; done < io.frames;) {
        if (!started_) {
            if (stale_) on_restored();
            started_ = true;
        }
        const int piece = std::min(io.frames - done, convolver_.frames_to_boundary());
        const bool fills = piece == convolver_.frames_to_boundary();
        listen(io, done, piece);
        if (fills) work();
        for (int c = 0; c < io.channel_count; ++c) heads[c] = io.channels[c] + done;
        convolver_.process(heads, piece);
        for (dsp::Ramp* ramp : {&amount_, &limit_db_, &morph_s_}) ramp->advance(piece);
        done += piece;
    }
}

void MatchEq::listen(BlockView io, int first, int frames) noexcept {
    if (holds_) return;
    float* heads[64];
    const auto give = [&](BlockView heard, dsp::ToneListener& listener) {
        for (int c = 0; c < heard.channel_count; ++c) heads[c] = heard.channels[c] + first;
        listener.listen({heads, heard.channel_count, frames});
    };
    if (learns_source_) give(io, source_listener_);
    if (learns_reference_) give(heard(io), reference_listener_);
}

// With the last frame of a partition.
void MatchEq::work() noexcept {
    source_listener_.work();
    reference_listener_.work();
    if (step_ == 0) {
        if (ready_) convolver_.fade_to_next();
        ready_ = false;
        layout_ = asked_layout_;
    }
    round_step(step_);
    step_ = (step_ + 1) % round_steps();
}

// With both phases a round is about a tenth of a second, or two where two parts have filters of their own.
int MatchEq::load_steps() const noexcept { return phase_ == dsp::TonePhase::linear ? 4 : 8; }

int MatchEq::round_steps() const noexcept { return parts() * (curve_steps + fir_->steps() + load_steps()); }

void MatchEq::round_step(int step) noexcept {
    const int curves = parts() * curve_steps;
    if (step < curves) {
        curve_step(step / curve_steps, step % curve_steps);
        if (step == curves - 1) makes_ = has_to_be_made();
        return;
    }
    if (!makes_) return;
    const int per_part = fir_->steps() + load_steps();
    filter_step((step - curves) / per_part, (step - curves) % per_part);
    if (step == round_steps() - 1) finish_round();
}

void MatchEq::curve_step(int of, int step) noexcept {
    Part& part = voices_[static_cast<std::size_t>(of)];
    if (step == 0) {
        if (learns_source_) take_learned(part, of, source);
        refresh(part.held[source]);
    } else if (step == 1) {
        if (learns_reference_) take_learned(part, of, chosen());
        refresh(part.held[static_cast<std::size_t>(chosen())]);
    } else {
        move_curve(part, of);
    }
}

void MatchEq::take_learned(Part& part, int of, Recording which) noexcept {
    dsp::Tone heard;
    if (!(which == source ? source_listener_ : reference_listener_).read(of, heard)) return;
    Held& held = part.held[static_cast<std::size_t>(which)];
    const double before_s = held.tone.known() ? std::min(held.tone.heard_s, enough_heard_s) : 0.0;
    if (!held.learned && heard.heard_s < before_s) return;
    held.tone = heard;
    held.learned = held.new_shape = true;
    tell(curve_of(which, of), heard.power_db);
    const auto heard_s = static_cast<float>(heard.heard_s);
    const auto lufs = static_cast<float>(heard.loudness_lufs);
    tell_curve(curve_of(which, of) + 1, std::span(&heard_s, 1));
    tell_curve(curve_of(which, of) + 2, std::span(&lufs, 1));
}

void MatchEq::refresh(Held& held) noexcept {
    if (!held.new_shape) return;
    held.shape = dsp::shape_of(held.tone);
    held.new_shape = false;
}

dsp::ToneRow MatchEq::goal_of(const Part& part) const noexcept {
    const Held& from = part.held[source];
    const Held& to = part.held[static_cast<std::size_t>(chosen())];
    return dsp::match_curve(from.tone, from.shape, to.tone, to.shape,
                            {limit_db_.value(), lowest_rate_hz(from.tone, to.tone)});
}

// A tone that was recalled may come from another sample rate, which its highest band tells.
double MatchEq::lowest_rate_hz(const dsp::Tone& a, const dsp::Tone& b) const noexcept {
    const int top = std::min(top_of(a), top_of(b));
    const double known_to_hz = dsp::tone_hz(top + 0.5);
    const bool own = top == dsp::tone_points - 1 || dsp::tone_hz(top + 1.5) > 0.49 * sample_rate_;
    return own ? sample_rate_ : std::min(sample_rate_, known_to_hz / 0.49);
}

void MatchEq::move_curve(Part& part, int of) noexcept {
    const dsp::ToneRow before = part.goal;
    part.goal = goal_of(part);
    const double round_s = round_steps() * convolver_.latency_frames() / sample_rate_;
    const double share = jumps_ ? 1.0 : 1.0 - std::exp(-round_s / morph_s_.value());
    for (std::size_t j = 0; j < part.curve.size(); ++j) part.curve[j] += share * (part.goal[j] - part.curve[j]);
    const bool there = jumps_ || furthest(part.curve, part.goal) < close_enough_db;
    if (there) part.curve = part.goal;
    const double part_of_it = 0.01 * amount_.value();
    for (std::size_t j = 0; j < part.curve.size(); ++j) part.wanted_db[j] = part_of_it * part.curve[j];
    part.arrived = there && part.goal == before && !amount_.moving();
    tell(correction_of(of), part.curve);
}

void MatchEq::tell(int index, const dsp::ToneRow& row) noexcept {
    std::transform(row.begin(), row.end(), told_.begin(), [](double x) { return static_cast<float>(x); });
    tell_curve(index, told_);
}

bool MatchEq::has_to_be_made() const noexcept {
    if (jumps_) return true;
    bool flat = true;
    bool differs = layout_ != sounding_layout_;
    for (int p = 0; p < parts(); ++p) {
        const Part& part = voices_[static_cast<std::size_t>(p)];
        flat = flat && is_flat(part.wanted_db);
        const double apart_db = furthest(part.wanted_db, part.designed_db);
        differs = differs || (part.arrived ? apart_db > 0.0 : apart_db > small_step_db);
    }
    return flat ? !sounds_neutral_ : differs;
}

void MatchEq::filter_step(int of, int step) noexcept {
    Part& part = voices_[static_cast<std::size_t>(of)];
    if (step == 0) {
        part.designed_db = part.wanted_db;
        neutral_ = (of == 0 || neutral_) && is_flat(part.wanted_db);
    }
    if (step < fir_->steps()) return fir_->step(step, part.designed_db);
    const int count = partitions / load_steps();
    convolver_.load_next(fir_->taps(), (step - fir_->steps()) * count, count, of);
}

void MatchEq::finish_round() noexcept {
    convolver_.lay_out_next(layout_);
    if (neutral_) convolver_.make_next_delay(delay_);
    sounding_layout_ = layout_;
    sounds_neutral_ = neutral_;
    ready_ = true;
}

double MatchEq::response_db(double hz) const {
    Part asked = voices_[0];
    for (Held& held : asked.held) {
        if (held.new_shape) held.shape = dsp::shape_of(held.tone);
    }
    dsp::ToneRow db = goal_of(asked);
    for (double& x : db) x *= 0.01 * amount_.target();
    if (is_flat(db)) return 0.0;
    if (!told_fir_ || told_db_ != db) {
        if (!told_fir_) told_fir_ = std::make_unique<dsp::ToneFir>(sample_rate_, phase_);
        told_fir_->design(db);
        told_db_ = db;
    }
    return told_fir_->response_db(hz);
}

}  // namespace smartmix
