#include "processors/multiband_compressor.hpp"

#include <algorithm>
#include <cmath>

#include "dsp/ringing.hpp"
#include <string>

namespace smartmix {
namespace {

enum Index { bands, crossover1, crossover2, crossover3, lookahead, mix, detection, auto_times, first_band };
enum Field { threshold, ratio, knee, attack, release, makeup, bypass, fields };

constexpr double slowest_attack_ms = 250.0;
constexpr double glide_ms = 10.0;  // a crossover does not jump
constexpr double warm_ms = 25.0, fade_ms = 30.0;
constexpr double cold = -warm_ms / fade_ms;

constexpr std::array<double, 3> crossover_hz{120.0, 1000.0, 6000.0};

std::vector<ParameterInfo> all_parameters() {
    std::vector<ParameterInfo> infos;
    infos.push_back({"bands", "Bands", "", 0.0, 2.0, 2.0, Scale::choice, {"2", "3", "4"}});
    for (int i = 0; i < 3; ++i) {
        const std::string number = std::to_string(i + 1);
        infos.push_back({"crossover" + number + "_hz", "Crossover " + number, "Hz", 20.0, 20000.0,
                         crossover_hz[static_cast<std::size_t>(i)], Scale::log, {}});
    }
    infos.push_back({"lookahead_ms", "Look-ahead", "ms", 0.0, 10.0, 0.0, Scale::linear, {}});
    infos.push_back({"mix", "Mix", "", 0.0, 1.0, 1.0, Scale::linear, {}});
    infos.push_back({"detection", "Detection", "", 0.0, 1.0, 0.0, Scale::choice, {"peak", "rms"}});
    infos.push_back({"auto_times", "Automatic times", "", 0.0, 1.0, 0.0, Scale::toggle, {}});
    for (int band = 1; band <= MultibandCompressor::most_bands; ++band) {
        const std::string id = "band" + std::to_string(band) + ".";
        const std::string name = "Band " + std::to_string(band) + " ";
        infos.push_back({id + "threshold_db", name + "threshold", "dB", -80.0, 0.0, -24.0, Scale::db, {}});
        infos.push_back({id + "ratio", name + "ratio", "", 1.0, 20.0, 1.0, Scale::linear, {}});
        infos.push_back({id + "knee_db", name + "knee", "dB", 0.0, 24.0, 6.0, Scale::db, {}});
        infos.push_back({id + "attack_ms", name + "attack", "ms", 0.05, slowest_attack_ms, 15.0, Scale::log, {}});
        infos.push_back({id + "release_ms", name + "release", "ms", 5.0, 2500.0, 150.0, Scale::log, {}});
        infos.push_back({id + "makeup_db", name + "make-up", "dB", -24.0, 24.0, 0.0, Scale::db, {}});
        infos.push_back({id + "bypass", name + "bypass", "", 0.0, 1.0, 0.0, Scale::toggle, {}});
    }
    return infos;
}

int frames_of(double ms, double sample_rate) noexcept { return static_cast<int>(std::lround(0.001 * ms * sample_rate)); }

}  // namespace

MultibandCompressor::MultibandCompressor() : Processor(all_parameters()) { wet_.jump(cold); }

int MultibandCompressor::tail_frames() const noexcept {
    if (neutral()) return latency_frames_;
    std::vector<dsp::SvfCoefficients> passes;  // each crossover is a Butterworth pass twice
    for (int split = 0; split + 1 < wanted_bands_; ++split) {
        passes.insert(passes.end(), 2, dsp::design_high_pass(sample_rate_, parameter(crossover1 + split), std::sqrt(0.5)));
    }
    return latency_frames_ + dsp::ring_frames(passes);
}

Reduction MultibandCompressor::reduction() const {
    double now_db = 0.0;
    for (const dsp::BandCompressor& band : compressors_) now_db = std::max(now_db, band.reduction_db());
    return {now_db, log_.max_db(), log_.mean_db()};
}

Reduction MultibandCompressor::reduction_of(int part) const {
    static_cast<void>(Processor::reduction_of(part));  // refuses what is no band
    const auto at = static_cast<std::size_t>(part);
    return {compressors_[at].reduction_db(), logs_[at].max_db(), logs_[at].mean_db()};
}

void MultibandCompressor::Bands::prepare(int channels) {
    const auto rows_needed = static_cast<std::size_t>(most_bands * channels);
    samples.assign(rows_needed * dsp::longest_cell_frames, 0.0F);
    rows.resize(rows_needed);
    for (std::size_t i = 0; i < rows_needed; ++i) rows[i] = samples.data() + i * dsp::longest_cell_frames;
}

void MultibandCompressor::on_prepare(const PrepareSpec& spec) {
    sample_rate_ = spec.sample_rate;
    latency_frames_ = frames_of(parameter(lookahead), spec.sample_rate);
    crossover_.prepare(spec.sample_rate, spec.channels);
    bands_.prepare(spec.channels);
    heard_crossover_.prepare(spec.sample_rate, spec.side_chain_channels);
    heard_bands_.prepare(spec.side_chain_channels);
    for (auto& compressor : compressors_) compressor.prepare(spec.sample_rate, spec.heard_channels());
    delays_.assign(static_cast<std::size_t>(spec.channels), {});
    for (auto& delay : delays_) delay.prepare(latency_frames_);
    band_delays_.assign(bands_.rows.size(), {});
    for (auto& delay : band_delays_) delay.prepare(latency_frames_);
}

void MultibandCompressor::on_reset() noexcept {
    for (auto& delay : delays_) delay.clear();
    begin_running();
    logs_.fill({});
    log_.clear();
    cells_.restart();
    fresh_ = true;
    running_ = false;
    wet_.jump(cold);
    wet_wanted_ = false;
}

void MultibandCompressor::on_parameter(int index, double value, int ramp_frames) noexcept {
    cells_.restart();
    if (index >= first_band) {
        on_band_parameter((index - first_band) / fields, (index - first_band) % fields, value, ramp_frames);
        return;
    }
    switch (static_cast<Index>(index)) {
        case bands: wanted_bands_ = 2 + static_cast<int>(value); break;
        case crossover1:
        case crossover2:
        case crossover3: {
            const int frames = fresh_ ? ramp_frames : std::max(ramp_frames, frames_of(glide_ms, sample_rate_));
            crossover_.move_hz(index - crossover1, value, frames);
            heard_crossover_.move_hz(index - crossover1, value, frames);
            break;
        }
        case mix: mix_.move(value, ramp_frames); break;
        case detection: detection_.rms = value != 0.0; break;
        case auto_times: detection_.auto_times = value != 0.0; break;
        case lookahead:  // from the next prepare on
        case first_band: break;
    }
    for (auto& compressor : compressors_) compressor.set_detection(detection_);
}

void MultibandCompressor::on_band_parameter(int band, int field, double value, int ramp_frames) noexcept {
    using Band = dsp::BandCompressor;
    Band& compressor = compressors_[static_cast<std::size_t>(band)];
    switch (static_cast<Field>(field)) {
        case threshold: compressor.move(Band::threshold, value, ramp_frames); break;
        case ratio: compressor.move(Band::ratio, value, ramp_frames); break;
        case knee: compressor.move(Band::knee, value, ramp_frames); break;
        case attack: compressor.move(Band::attack, value, ramp_frames); break;
        case release: compressor.move(Band::release, value, ramp_frames); break;
        case makeup: compressor.move_makeup(value, ramp_frames); break;
        case bypass: compressor.set_bypass(value != 0.0, fresh_); break;
        case fields: break;
    }
}

void MultibandCompressor::on_process(BlockView io) noexcept {
    const BlockView side_chain = heard(io);
    cells_.walk(io.frames, [&] { return begin_cell(); },
                [&](int first, int frames) { run_cell(io, side_chain, first, frames); });
}

bool MultibandCompressor::neutral() const noexcept {
    if (mix_.value() == 0.0 && !mix_.moving()) return true;
    for (int band = 0; band < wanted_bands_; ++band) {
        if (!compressors_[static_cast<std::size_t>(band)].neutral()) return false;
    }
    return true;
}

// Everything that runs with the crossovers begins from silence.
void MultibandCompressor::begin_running() noexcept {
    crossover_.set_bands(wanted_bands_);
    heard_crossover_.set_bands(wanted_bands_);
    for (auto& compressor : compressors_) compressor.clear();
    for (auto& delay : band_delays_) delay.clear();
}

// Whether the crossovers run, and how much of them is heard. Another number of bands goes by way of the input.
void MultibandCompressor::decide() noexcept {
    const bool same = !running_ || crossover_.bands() == wanted_bands_;
    const bool wanted = !neutral() && same;
    const double whole_frames = frames_of(warm_ms + fade_ms, sample_rate_);
    if (wanted != wet_wanted_) {
        const double to = wanted ? 1.0 : cold;
        const double way = std::fabs(to - wet_.value()) / (1.0 - cold);
        wet_.move(to, fresh_ ? 0 : static_cast<int>(std::lround(way * whole_frames)));
        wet_wanted_ = wanted;
    }
    fresh_ = false;
    if (running_ && !wet_wanted_ && wet_.value() <= 0.0) {
        wet_.jump(cold);
        running_ = false;
        for (auto& compressor : compressors_) compressor.clear();
    }
    if (!running_ && wet_wanted_) {
        begin_running();
        running_ = true;
    }
}

int MultibandCompressor::begin_cell() noexcept {
    decide();
    int frames = dsp::cell_length({&wet_, 1}, dsp::longest_cell_frames, dsp::moving_cell_frames);
    frames = dsp::cell_length({&mix_, 1}, frames, frames);
    for (const auto& compressor : compressors_) frames = std::min(frames, compressor.cell_frames());
    if (crossover_.moving()) frames = std::min({frames, dsp::moving_cell_frames, crossover_.frames_left()});
    crossover_.begin_cell(frames);
    heard_crossover_.begin_cell(frames);
    for (auto& compressor : compressors_) compressor.begin_cell();
    return frames;
}

// What is heard is read before anything changes: without a side chain it is `io` itself.
void MultibandCompressor::run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept {
    fill_shares(frames);
    if (running_) {
        compress(io, side_chain, first, frames);
    } else {
        for (auto& compressor : compressors_) {  // its ramps go on
            compressor.want({}, frames);
            compressor.finish(mixes_.data(), frames);
        }
    }
    note(frames);
    for (int c = 0; c < io.channel_count; ++c) {
        delays_[static_cast<std::size_t>(c)].run(io.channels[c] + first, frames);
    }
    if (running_) join(io, first, frames);
    crossover_.advance(frames);
    heard_crossover_.advance(frames);
    mix_.advance(frames);
    wet_.advance(frames);
}

void MultibandCompressor::fill_shares(int frames) noexcept {
    const auto fill = [frames](dsp::CellValues& values, const dsp::Ramp& ramp) {
        const auto at = [&ramp](int i) { return static_cast<float>(std::max(ramp.value_after(i), 0.0)); };
        if (!ramp.moving()) {
            std::fill_n(values.begin(), frames, at(0));
            return;
        }
        for (int i = 0; i < frames; ++i) values[static_cast<std::size_t>(i)] = at(i);
    };
    fill(mixes_, mix_);
    fill(wets_, wet_);
}

void MultibandCompressor::compress(BlockView io, BlockView side_chain, int first, int frames) noexcept {
    crossover_.split(io, first, frames, bands_.rows.data());
    const bool keyed = spec_.side_chain_channels > 0;
    if (keyed) heard_crossover_.split(side_chain, first, frames, heard_bands_.rows.data());
    for (int b = 0; b < most_bands; ++b) {
        const bool used = b < crossover_.bands();
        const BlockView heard_band = keyed ? heard_bands_.band(b, spec_.side_chain_channels, frames)
                                           : bands_.band(b, spec_.channels, frames);
        compressors_[static_cast<std::size_t>(b)].want(used ? heard_band : BlockView{}, frames);
    }
    detect(frames);
    for (auto& compressor : compressors_) compressor.finish(mixes_.data(), frames);
    if (latency_frames_ == 0) return;
    for (int row = 0; row < crossover_.bands() * spec_.channels; ++row) {
        const auto at = static_cast<std::size_t>(row);
        band_delays_[at].run(bands_.rows[at], frames);
    }
}

// The detectors of all bands side by side. A band that is quiet wants nothing and says so: its lane stays at 0.
void MultibandCompressor::detect(int frames) noexcept {
    const auto quiet = [](const dsp::BandCompressor& each) { return each.quiet(); };
    if (std::all_of(compressors_.begin(), compressors_.end(), quiet)) return;
    std::array<float*, most_bands> rows;
    for (std::size_t b = 0; b < rows.size(); ++b) rows[b] = compressors_[b].reductions_db().data();
    kernels::dynamics_kernels().detect(detectors_, rows.data(), most_bands, frames);
}

void MultibandCompressor::note(int frames) noexcept {
    std::fill_n(deepest_.begin(), frames, 0.0F);
    for (int b = 0; b < most_bands; ++b) {
        const auto at = static_cast<std::size_t>(b);
        const bool reducing = running_ && b < crossover_.bands() && compressors_[at].reducing();
        const float* reductions_db = reducing ? compressors_[at].reductions_db().data() : nullptr;
        trace_reduction(reductions_db, frames, b);
        if (!reducing) continue;
        logs_[at].add(reductions_db, frames);
        for (int i = 0; i < frames; ++i) {
            float& db = deepest_[static_cast<std::size_t>(i)];
            db = std::max(db, reductions_db[i]);
        }
    }
    log_.add(deepest_.data(), frames);
}

// The bands, each times its factor, and where they are not alone yet the input under them.
void MultibandCompressor::join(BlockView io, int first, int frames) noexcept {
    const bool alone = wet_.value() == 1.0 && !wet_.moving();
    for (int c = 0; c < io.channel_count; ++c) {
        float* x = io.channels[c] + first;
        dsp::CellValues sum;
        std::fill_n(sum.begin(), frames, 0.0F);
        for (int b = 0; b < crossover_.bands(); ++b) {
            const float* band = bands_.rows[static_cast<std::size_t>(b * spec_.channels + c)];
            const float* factors = compressors_[static_cast<std::size_t>(b)].factors().data();
            for (int i = 0; i < frames; ++i) sum[static_cast<std::size_t>(i)] += band[i] * factors[i];
        }
        if (alone) {
            std::copy_n(sum.data(), frames, x);
            continue;
        }
        for (int i = 0; i < frames; ++i) {
            const float wet = wets_[static_cast<std::size_t>(i)];
            if (wet > 0.0F) x[i] += wet * (sum[static_cast<std::size_t>(i)] - x[i]);
        }
    }
}

}  // namespace smartmix
