#include "processors/dynamic_eq.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "dsp/ringing.hpp"

namespace smartmix {
namespace {

enum Field { shape, freq_hz, q, threshold, range, ratio, knee, attack, release, detector, detector_hz, detector_q, fields };

constexpr std::array<double, DynamicEq::band_count> default_hz{120.0, 450.0, 2500.0, 7000.0};

std::vector<ParameterInfo> all_parameters() {
    std::vector<ParameterInfo> infos;
    const std::vector<std::string> shapes{"off", "bell", "low_shelf", "high_shelf"};
    const double widest = dsp::DynamicBand::widest_range_db;
    for (int band = 0; band < DynamicEq::band_count; ++band) {
        const std::string id = "band" + std::to_string(band + 1) + ".";
        const std::string name = "Band " + std::to_string(band + 1) + " ";
        const double hz = default_hz[static_cast<std::size_t>(band)];
        infos.push_back({id + "shape", name + "shape", "", 0.0, 3.0, 1.0, Scale::choice, shapes});
        infos.push_back({id + "freq_hz", name + "frequency", "Hz", 10.0, 24000.0, hz, Scale::log, {}});
        infos.push_back({id + "q", name + "Q", "", 0.1, 30.0, 1.0, Scale::log, {}});
        infos.push_back({id + "threshold_db", name + "threshold", "dB", -80.0, 0.0, -30.0, Scale::db, {}});
        infos.push_back({id + "range_db", name + "range", "dB", -widest, widest, 0.0, Scale::db, {}});
        infos.push_back({id + "ratio", name + "ratio", "", 1.0, 20.0, 3.0, Scale::linear, {}});
        infos.push_back({id + "knee_db", name + "knee", "dB", 0.0, 24.0, 6.0, Scale::db, {}});
        infos.push_back({id + "attack_ms", name + "attack", "ms", 0.1, 500.0, 10.0, Scale::log, {}});
        infos.push_back({id + "release_ms", name + "release", "ms", 5.0, 2500.0, 150.0, Scale::log, {}});
        infos.push_back({id + "detector", name + "detector", "", 0.0, 1.0, 0.0, Scale::choice, {"band", "own"}});
        infos.push_back({id + "detector_hz", name + "detector frequency", "Hz", 10.0, 24000.0, hz, Scale::log, {}});
        infos.push_back({id + "detector_q", name + "detector Q", "", 0.1, 30.0, 1.0, Scale::log, {}});
    }
    return infos;
}

}  // namespace

DynamicEq::DynamicEq() : Processor(all_parameters()) {
    for (int b = 0; b < band_count; ++b) bands_[static_cast<std::size_t>(b)].share(detectors_, b);
}

bool DynamicEq::rests() const noexcept {
    return std::all_of(bands_.begin(), bands_.end(), [](const dsp::DynamicBand& band) { return band.rests(); });
}

int DynamicEq::tail_frames() const noexcept {
    std::vector<dsp::SvfCoefficients> sections;
    for (const dsp::DynamicBand& band : bands_) {
        const std::vector<dsp::SvfCoefficients> ends = band.ends();
        sections.insert(sections.end(), ends.begin(), ends.end());
    }
    return dsp::ring_frames(sections);
}

Reduction DynamicEq::reduction() const {
    double now_db = 0.0;
    for (const dsp::DynamicBand& band : bands_) now_db = std::max(now_db, band.movement_db());
    return {now_db, log_.max_db(), log_.mean_db()};
}

Reduction DynamicEq::reduction_of(int part) const {
    static_cast<void>(Processor::reduction_of(part));  // refuses what is no band
    const auto at = static_cast<std::size_t>(part);
    return {bands_[at].movement_db(), logs_[at].max_db(), logs_[at].mean_db()};
}

void DynamicEq::on_prepare(const PrepareSpec& spec) {
    for (dsp::DynamicBand& band : bands_) band.prepare(spec.sample_rate, spec.channels);
    listeners_.clear();
    for (std::size_t b = 0; b < bands_.size(); ++b) {
        const Part part = parts_ ? (*parts_)[b] : Part{0, spec.side_chain_channels};
        if (part.first < 0 || part.channels < 0 || part.first + part.channels > spec.side_chain_channels) {
            throw std::invalid_argument("band " + std::to_string(b + 1) + " listens to channels " +
                                        std::to_string(part.first) + " to " + std::to_string(part.first + part.channels) +
                                        " of a side chain of " + std::to_string(spec.side_chain_channels));
        }
        auto same = std::find_if(listeners_.begin(), listeners_.end(), [&](const Listeners& l) { return l.part == part; });
        if (same == listeners_.end()) {
            const int channels = part.channels > 0 ? part.channels : spec.channels;
            same = listeners_.insert(same, {part, {}, std::vector<kernels::HearingLanes>(static_cast<std::size_t>((channels + 1) / 2))});
        }
        same->bands[b] = true;
    }
}

void DynamicEq::on_reset() noexcept {
    for (dsp::DynamicBand& band : bands_) band.clear();
    logs_.fill({});
    log_.clear();
    cells_.restart();
}

void DynamicEq::on_parameter(int index, double value, int ramp_frames) noexcept {
    using Band = dsp::DynamicBand;
    cells_.restart();
    Band& band = bands_[static_cast<std::size_t>(index / fields)];
    switch (static_cast<Field>(index % fields)) {
        case shape: band.set_shape(static_cast<dsp::BandShape>(static_cast<int>(value))); break;
        case freq_hz: band.move(Band::hz, value, ramp_frames); break;
        case q: band.move(Band::q, value, ramp_frames); break;
        case threshold: band.move(Band::threshold, value, ramp_frames); break;
        case range: band.move(Band::range, value, ramp_frames); break;
        case ratio: band.move(Band::ratio, value, ramp_frames); break;
        case knee: band.move(Band::knee, value, ramp_frames); break;
        case attack: band.move(Band::attack, value, ramp_frames); break;
        case release: band.move(Band::release, value, ramp_frames); break;
        case detector: band.set_own_detector(value != 0.0); break;
        case detector_hz: band.move(Band::detector_hz, value, ramp_frames); break;
        case detector_q: band.move(Band::detector_q, value, ramp_frames); break;
        case fields: break;
    }
}

void DynamicEq::on_process(BlockView io) noexcept {
    const BlockView side_chain = heard(io);
    cells_.walk(io.frames, [&] { return begin_cell(); },
                [&](int first, int frames) { run_cell(io, side_chain, first, frames); });
}

int DynamicEq::begin_cell() noexcept {
    int frames = dsp::longest_cell_frames;
    for (dsp::DynamicBand& band : bands_) frames = std::min(frames, band.begin_cell());
    hear_anew();
    return frames;
}

void DynamicEq::hear_anew() noexcept {
    for (int b = 0; b < band_count; ++b) {
        dsp::DynamicBand& band = bands_[static_cast<std::size_t>(b)];
        const kernels::Hearing* hearing = band.take_hearing();
        for (Listeners& listeners : listeners_) {
            for (kernels::HearingLanes& ears : listeners.ears) {
                if (hearing != nullptr) ears.set(b, *hearing);
                if (band.begins_to_listen()) ears.clear(b);
            }
        }
    }
}

// Levels of the bands that listen, into their rows.
void DynamicEq::hear(BlockView io, BlockView side_chain, int first, int frames, float* const* rows) noexcept {
    for (Listeners& listeners : listeners_) {
        float* mine[band_count];
        int count = 0;  // bands up to the last that listens to this
        for (int b = 0; b < band_count; ++b) {
            const bool hears = listeners.bands[static_cast<std::size_t>(b)];
            mine[b] = hears ? rows[b] : unheard_.data();
            if (hears && bands_[static_cast<std::size_t>(b)].listening()) count = b + 1;
        }
        if (count == 0) continue;
        const Part part = listeners.part;
        const float* const* channels = part.channels > 0 ? side_chain.channels + part.first : io.channels;
        const int channel_count = part.channels > 0 ? part.channels : io.channel_count;
        for (int c = 0; c < channel_count; c += 2) {
            const float* left = channels[c] + first;
            const float* right = c + 1 < channel_count ? channels[c + 1] + first : left;
            kernels::hearing_kernels().levels(listeners.ears[static_cast<std::size_t>(c / 2)], count, left, right, mine, frames);
        }
    }
}

void DynamicEq::listen(BlockView io, BlockView side_chain, int first, int frames) noexcept {
    float* rows[band_count];
    bool listening = false;
    for (int b = 0; b < band_count; ++b) {
        rows[b] = bands_[static_cast<std::size_t>(b)].row();
        std::fill_n(rows[b], frames, 0.0F);
        listening = listening || bands_[static_cast<std::size_t>(b)].listening();
    }
    if (!listening) return;
    hear(io, side_chain, first, frames, rows);
    bool wanted = false;
    for (int b = 0; b < band_count; ++b) {
        dsp::DynamicBand& band = bands_[static_cast<std::size_t>(b)];
        const bool wants = band.listening() && band.want(frames);
        wanted = wanted || wants;
        if (!wants) rows[b] = silent_.data();
    }
    if (!wanted) return;
    kernels::dynamics_kernels().detect(detectors_, rows, band_count, frames);
    for (dsp::DynamicBand& band : bands_) {
        if (band.movements_db() != nullptr) band.read(frames);
    }
}

// All bands listen before anything changes: without a side chain what is heard is `io` itself.
void DynamicEq::run_cell(BlockView io, BlockView side_chain, int first, int frames) noexcept {
    std::array<dsp::DynamicBand*, band_count> running;
    std::size_t runners = 0;
    for (dsp::DynamicBand& band : bands_) {
        if (band.running()) running[runners++] = &band;
    }
    listen(io, side_chain, first, frames);
    note(frames);
    dsp::DynamicBand::filter(std::span(running).first(runners), io, first, frames);
    for (dsp::DynamicBand& band : bands_) band.advance(frames);
}

void DynamicEq::note(int frames) noexcept {
    bool still = true;
    for (std::size_t b = 0; b < bands_.size(); ++b) {
        const float* movements_db = bands_[b].movements_db();
        trace_reduction(movements_db, frames, static_cast<int>(b));
        if (movements_db == nullptr) continue;
        logs_[b].add(movements_db, frames);
        if (still) std::fill_n(furthest_.begin(), frames, 0.0F);
        still = false;
        for (int i = 0; i < frames; ++i) {
            float& db = furthest_[static_cast<std::size_t>(i)];
            db = std::max(db, movements_db[i]);
        }
    }
    if (!still) log_.add(furthest_.data(), frames);
}

}  // namespace smartmix
