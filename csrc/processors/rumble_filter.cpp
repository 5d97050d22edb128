#include "processors/rumble_filter.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "dsp/ringing.hpp"

namespace smartmix {
namespace {

constexpr double glide_ms = 10.0;     // into and out of delta
constexpr double fade_ms = 200.0;     // of the filter that comes or goes
constexpr double span_ms = 250.0;
constexpr int fewest_spans = 4;       // a second
constexpr double watched_part = 0.7;  // of the frequency: the lowest notes are far over it
constexpr double release_db = 6.0;    // under the threshold, until the filter goes again

}  // namespace

RumbleFilter::RumbleFilter()
    : Processor({{"amount", "Amount", "", 0.0, 1.0, 0.0, Scale::linear, {}},
                 {"freq_hz", "Frequency", "Hz", 5.0, 120.0, 20.0, Scale::log, {}},
                 {"slope_db_oct", "Slope", "dB/oct", 0.0, 1.0, 0.0, Scale::choice, {"12", "24"}},
                 {"threshold_db", "Threshold", "dB", -100.0, 0.0, -60.0, Scale::db, {}},
                 {"engage", "Engage", "", 0.0, 1.0, 0.0, Scale::choice, {"automatic", "always"}},
                 {"delta", "Delta", "", 0.0, 1.0, 0.0, Scale::toggle, {}}}) {}

dsp::BandSections RumbleFilter::pass_design(double hz) const {
    dsp::BandSettings settings;
    settings.shape = dsp::BandShape::high_pass;
    settings.hz = hz;
    settings.slope_db_oct = slope_db_oct_;
    return dsp::design_band(settings, sample_rate_);
}

bool RumbleFilter::wanted() const noexcept { return always_ || found_; }

int RumbleFilter::tail_frames() const noexcept {
    if (parameter(amount) == 0.0 || !(wanted() || share_.moving())) return 0;
    const dsp::BandSections design = pass_design(parameter(freq));
    return dsp::ring_frames({design.section.data(), static_cast<std::size_t>(design.count)});
}

void RumbleFilter::on_prepare(const PrepareSpec& spec) {
    if (spec.channels > most_channels) {
        throw std::invalid_argument(std::to_string(spec.channels) + " channels: rumble is found in 1 or 2");
    }
    sample_rate_ = spec.sample_rate;
    const auto frames_of = [&](double ms) { return static_cast<int>(std::lround(0.001 * ms * sample_rate_)); };
    glide_frames_ = frames_of(glide_ms);
    fade_frames_ = frames_of(fade_ms);
    span_frames_ = frames_of(span_ms);
    channels_.assign(static_cast<std::size_t>(spec.channels), {});
    designed_hz_ = 0.0;
}

void RumbleFilter::on_reset() noexcept {
    std::fill(channels_.begin(), channels_.end(), Channel{});
    spans_ = {};
    power_ = 0.0;
    span_done_ = spans_seen_ = cell_done_ = 0;
    designed_hz_ = 0.0;
    found_ = started_ = false;
    share_.jump(0.0);
}

void RumbleFilter::on_parameter(int index, double value, int ramp_frames) noexcept {
    switch (static_cast<Index>(index)) {
        case amount: amount_.move(value, ramp_frames); break;
        case freq: freq_.move(value, ramp_frames); break;
        case slope: slope_db_oct_ = value == 0.0 ? 12 : 24; break;
        case threshold: threshold_db_.move(value, ramp_frames); break;
        case delta: delta_.move(value, started_ ? glide_frames_ : 0); break;
        case engage:
            always_ = value != 0.0;
            share_.move(wanted() ? 1.0 : 0.0, started_ ? fade_frames_ : 0);
            break;
    }
}

// The settings count from the next cell on; cells are counted from reset.
void RumbleFilter::begin_cell() noexcept {
    const double hz = freq_.value();
    if (hz == designed_hz_ && slope_db_oct_ == designed_slope_) return;
    const auto section_of = [](const dsp::SvfCoefficients& c) {
        return Section{c.g, c.g + c.k, c.g / (1.0 + c.g * (c.g + c.k)), c.m0, c.m1, c.m2};
    };
    const dsp::BandSections design = pass_design(hz);
    pass_count_ = design.count;
    for (int i = 0; i < design.count; ++i) {
        pass_[static_cast<std::size_t>(i)] = section_of(design.section[static_cast<std::size_t>(i)]);
    }
    dsp::BandSettings low;
    low.shape = dsp::BandShape::low_pass;
    low.hz = watched_part * hz;
    low.slope_db_oct = 48;
    const dsp::BandSections watched = dsp::design_band(low, sample_rate_);
    for (std::size_t i = 0; i < watch_sections; ++i) watch_[i] = section_of(watched.section[i]);
    if (slope_db_oct_ != designed_slope_) {
        for (Channel& channel : channels_) channel.pass[1] = {};
    }
    designed_hz_ = hz;
    designed_slope_ = slope_db_oct_;
}

void RumbleFilter::on_process(BlockView io) noexcept {
    for (int done = 0; done < io.frames;) {
        if (cell_done_ == 0) begin_cell();
        const int frames = std::min({io.frames - done, cell_frames - cell_done_, span_frames_ - span_done_});
        run(io, done, frames);
        for (dsp::Ramp* ramp : {&amount_, &freq_, &threshold_db_, &delta_, &share_}) ramp->advance(frames);
        started_ = true;
        done += frames;
        cell_done_ = (cell_done_ + frames) % cell_frames;
        span_done_ += frames;
        if (span_done_ == span_frames_) end_span();
    }
}

void RumbleFilter::run(BlockView io, int first, int frames) noexcept {
    const bool dry = delta_.target() == 0.0 && !delta_.moving();
    const bool filters = (share_.moving() || share_.target() > 0.0) && (amount_.moving() || amount_.target() > 0.0);
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        float* x = io.channels[c] + first;
        for (int i = 0; i < frames; ++i) {
            watch(channels_[c], x[i]);
            const float low = removed(channels_[c], x[i]);
            if (dry && !filters) continue;
            const auto part = static_cast<float>(amount_.value_after(i) * share_.value_after(i));
            const float taken = part * low;
            const auto share = static_cast<float>(delta_.value_after(i));
            x[i] = (1.0F - share) * (x[i] - taken) + share * taken;
        }
    }
}

float RumbleFilter::removed(Channel& channel, float x) noexcept {
    double y = static_cast<double>(x);
    for (std::size_t i = 0; i < static_cast<std::size_t>(pass_count_); ++i) {
        const Section& s = pass_[i];
        Memory& m = channel.pass[i];
        y = dsp::svf_tick(y, s.g, s.gk, s.a2, s.m0, s.m1, s.m2, m.s1, m.c1, m.s2, m.c2);
    }
    return static_cast<float>(static_cast<double>(x) - y);
}

void RumbleFilter::watch(Channel& channel, float x) noexcept {
    double y = static_cast<double>(x);
    for (std::size_t i = 0; i < watch_sections; ++i) {
        const Section& s = watch_[i];
        Memory& m = channel.watch[i];
        y = dsp::svf_tick(y, s.g, s.gk, s.a2, s.m0, s.m1, s.m2, m.s1, m.c1, m.s2, m.c2);
    }
    power_ += y * y;
}

// Rumble and DC are there all the time: the quietest span of the last two seconds tells.
void RumbleFilter::end_span() noexcept {
    spans_[static_cast<std::size_t>(spans_seen_ % watched_spans)] =
        power_ / (static_cast<double>(span_frames_) * static_cast<double>(channels_.size()));
    power_ = 0.0;
    span_done_ = 0;
    ++spans_seen_;
    if (spans_seen_ >= 2 * watched_spans) spans_seen_ -= watched_spans;  // for ever
    if (spans_seen_ < fewest_spans) return;
    const auto last = spans_.begin() + std::min(spans_seen_, watched_spans);
    const double level_db = 10.0 * std::log10(*std::min_element(spans_.begin(), last) + 1e-30);
    const bool now = level_db > threshold_db_.value() - (found_ ? release_db : 0.0);
    if (now == found_) return;
    found_ = now;
    share_.move(wanted() ? 1.0 : 0.0, fade_frames_);
}

}  // namespace smartmix
