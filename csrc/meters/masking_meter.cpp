#include "meters/masking_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "core/denormals.hpp"
#include "core/realtime.hpp"
#include "dsp/covering.hpp"
#include "dsp/ear.hpp"
#include "dsp/loudness_model.hpp"

namespace smartmix {
namespace {

constexpr int places = kernels::ear_places;
constexpr int lead_slots = 8;  // parts of the spectrum come in up to 7 hops before the longest window has got there
constexpr int late_hops = 8;   // so many hops pass before the first one is heard in full

// Place p is narrow channel 2 p of 80, and p + 40 its upper neighbour: so a band is the sum of two far elements and needs no
// shuffle.
double cam_of_place(int place, double step_cam) {
    const int channel = place < MaskingMeter::bands ? 2 * place : 2 * (place - MaskingMeter::bands) + 1;
    return MaskingMeter::first_cam + step_cam * (channel + 0.5);
}

kernels::EarPlaces design_ear(double step_cam) {
    kernels::EarPlaces ear{};
    for (int p = 0; p < places; ++p) {
        const dsp::EarChannel channel = dsp::design_ear_channel(dsp::hz_of_cam(cam_of_place(p, step_cam)));
        const double base = std::pow(channel.a, channel.alpha);
        ear.gain[p] = static_cast<float>(channel.gain);
        ear.a[p] = static_cast<float>(channel.a);
        ear.alpha[p] = static_cast<float>(channel.alpha);
        ear.base[p] = static_cast<float>(base);
        ear.k[p] = static_cast<float>(channel.k);
        ear.threshold[p] = static_cast<float>(channel.threshold);
        ear.at_threshold[p] =
            static_cast<float>(std::pow(channel.gain * channel.threshold + channel.a, channel.alpha) - base);
    }
    ear.scale = static_cast<float>(dsp::specific_loudness_scale);
    return ear;
}

// A sound counts as steady where its excitation varies by less than this share of the variance that noise has there.
constexpr double steady_share = 0.25;

// Over how long that is looked at: long against the window that is heard there.
double followed_s(double hz) { return hz < 120.0 ? 2.0 : hz < 1150.0 ? 1.0 : 0.5; }

// Correlation of the powers of noise in two bins of a Hann window, by their distance.
constexpr std::array bin_correlation = {1.0, 4.0 / 9.0, 1.0 / 36.0};

std::size_t count_of(int a, int b = 1, int c = 1) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

}  // namespace

MaskingMeter::Layout::Layout(int tracks) {
    const int row = tracks * bands;
    excitation = 0;
    covering = row;
    alone = 2 * row;
    beside_all = 3 * row;
    beside = 4 * row;
    freed = beside + tracks * row;
    integrated = freed + tracks * row;
    floats = integrated + 4 * tracks;
}

double MaskingMeter::band_edge_hz(int edge) noexcept {
    return dsp::hz_of_cam(first_cam + (last_cam - first_cam) * edge / bands);
}

MaskingMeter::MaskingMeter(double sample_rate, std::span<const int> channels, double full_scale_db_spl)
    : sample_rate_(sample_rate),
      channels_(channels.begin(), channels.end()),
      layout_(static_cast<int>(channels.size())),
      step_cam_((last_cam - first_cam) / places) {
    if (!(sample_rate >= 44100.0 && sample_rate <= 48000.0)) {
        throw std::invalid_argument("sample rate " + std::to_string(sample_rate) + " Hz: expected 44100 to 48000");
    }
    if (channels.empty() || channels.size() > most_tracks) {
        throw std::invalid_argument(std::to_string(channels.size()) + " tracks: expected 1 to " +
                                    std::to_string(most_tracks));
    }
    if (!(std::abs(full_scale_db_spl) <= 300.0)) throw std::invalid_argument("full_scale_db_spl: expected -300 to 300 dB");
    design_ = design_masking_spectrum(sample_rate);
    ear_ = design_ear(step_cam_);
    place_channels(full_scale_db_spl);
    design_roex();
    design_cover();
    make_room();
}

void MaskingMeter::place_channels(double full_scale_db_spl) {
    for (const int count : channels_) {
        if (count != 1 && count != 2) {
            throw std::invalid_argument("a track of " + std::to_string(count) + " channels: expected 1 or 2");
        }
        first_channel_.push_back(channel_count_);
        const auto share = static_cast<float>(std::pow(10.0, 0.1 * full_scale_db_spl) / count);
        for (int c = 0; c < count; ++c, ++channel_count_) {
            slots_.push_back({channel_count_ / MaskingSpectrum::channels, channel_count_ % MaskingSpectrum::channels, share});
        }
    }
    const int groups = (channel_count_ + MaskingSpectrum::channels - 1) / MaskingSpectrum::channels;
    for (int g = 0; g < groups; ++g) spectra_.emplace_back(design_);
}

void MaskingMeter::make_room() {
    const int n = tracks(), components = design_.components();
    for (Row* of_tracks : {&excitation_, &covering_, &rest_, &left_, &without_})
        of_tracks->assign(count_of(n, places), 0.0F);
    cover_states_.assign(count_of(n), {});
    for (Row* sums : {&sum_excitation_, &sum_covering_, &sum_alone_, &sum_all_, &sum_freed_base_})
        sums->assign(count_of(n, places), 0.0F);
    for (Row* of_pairs : {&sum_beside_, &sum_freed_}) of_pairs->assign(count_of(n, n, places), 0.0F);
    for (Row* single : {&total_, &both_}) single->assign(places, 0.0F);
    for (Row* of_components : {&steepness_, &mix_}) of_components->assign(count_of(components), 0.0F);
    ring_.assign(count_of(lead_slots, n, components), 0.0F);
    signals_.resize(count_of(n));
    maskers_.resize(count_of(n));
    rests_.resize(count_of(n));
    integrated_.assign(count_of(4, n), 0.0);
    integrated_sum_.assign(count_of(2, n), 0.0);
    cells_.assign(count_of(kept_cells, layout_.floats), 0.0F);
    cell_hops_.assign(kept_cells, 0);
}

void MaskingMeter::design_roex() {
    const int components = design_.components();
    const int filters = (components + places - 1) / places * places;
    around_.assign(count_of(filters, components), 0.0F);
    level_.assign(count_of(filters), 0.0F);
    for (Row* table : {&fixed_, &moving_, &weights_}) table->assign(count_of(components, places), 0.0F);
    for (int c = 0; c < components; ++c) {
        const double hz = design_.hz[static_cast<std::size_t>(c)];
        for (int f = 0; f < components; ++f) {  // the filter round component f, in blocks of `places` filters
            const double centre = design_.hz[static_cast<std::size_t>(f)];
            const double x = dsp::roex_slope(centre) * std::abs(hz / centre - 1.0);
            const std::size_t at =
                count_of(f / places, components, places) + count_of(c, places) + static_cast<std::size_t>(f % places);
            around_[at] = static_cast<float>((1.0 + x) * std::exp(-x));
        }
        for (int p = 0; p < places; ++p) {
            const double centre = dsp::hz_of_cam(cam_of_place(p, step_cam_));
            const auto x = static_cast<float>(dsp::roex_slope(centre) * std::abs(hz / centre - 1.0));
            (hz < centre ? moving_ : fixed_)[count_of(c, places) + static_cast<std::size_t>(p)] = x;
        }
    }
}

// Relative variance of the excitation that white noise has at a place, from the powers of the bins that reach it.
double MaskingMeter::noise_variance(int place) const noexcept {
    double sum = 0.0, squares = 0.0;
    for (const MaskingSpectrumDesign::Part& part : design_.parts) {
        double last[2] = {};
        for (std::size_t c = 0; c + 1 < part.first.size(); ++c) {
            const std::size_t at = (static_cast<std::size_t>(part.first_component) + c) * places + static_cast<std::size_t>(place);
            const auto x = static_cast<double>(fixed_[at] + moving_[at]);
            for (int bin = part.first[c]; bin < part.first[c + 1]; ++bin) {
                const double weight = (1.0 + x) * std::exp(-x) *
                                      static_cast<double>(part.weights[static_cast<std::size_t>(bin - part.first[0])]);
                sum += weight;
                squares += weight * (weight + 2.0 * (bin_correlation[1] * last[0] + bin_correlation[2] * last[1]));
                last[1] = last[0];
                last[0] = weight;
            }
        }
    }
    return squares / (sum * sum);
}

void MaskingMeter::design_cover() {
    const double hop_ms = 1000.0 * masking_hop / sample_rate_;
    for (int p = 0; p < places; ++p) {
        const double hz = dsp::hz_of_cam(cam_of_place(p, step_cam_));
        const auto k = static_cast<double>(ear_.k[p]), threshold = static_cast<double>(ear_.threshold[p]);
        cover_.per_threshold[p] = static_cast<float>(1.0 / threshold);
        cover_.after_scale[p] = static_cast<float>(threshold / k);
        cover_.slope[p] = static_cast<float>(dsp::forward_share(hz, 1.0) - dsp::forward_share(hz, 2.0));
        cover_.reach[p] = static_cast<float>((dsp::forward_reach_log10_ms - std::log10(hop_ms)) / std::log10(2.0));
        cover_.follow[p] = static_cast<float>(-std::expm1(-1e-3 * hop_ms / followed_s(hz)));
        cover_.unsteady[p] = static_cast<float>(1.0 / (steady_share * noise_variance(p)));
        cover_.drop[p] = static_cast<float>(dsp::steady_drop_db(hz, 10.0 * std::log10(k)) / (10.0 * std::log10(2.0)));
    }
}

void MaskingMeter::reset() noexcept {
    for (MaskingSpectrum& spectrum : spectra_) spectrum.reset();
    for (Row* row : {&ring_, &sum_excitation_, &sum_covering_, &sum_alone_, &sum_all_, &sum_freed_base_, &sum_beside_,
                     &sum_freed_}) {
        std::fill(row->begin(), row->end(), 0.0F);
    }
    for (std::vector<double>* row : {&integrated_, &integrated_sum_}) std::fill(row->begin(), row->end(), 0.0);
    std::fill(cover_states_.begin(), cover_states_.end(), kernels::CoverState{});
    waiting_ = oldest_ = gathered_ = hops_in_cell_ = freed_in_cell_ = 0;
    lost_ = hops_ = 0;
}

void MaskingMeter::process(const float* const* channels, std::int64_t frames) noexcept {
    const realtime::Scope realtime;
    const DenormalGuard no_denormals;
    for (std::int64_t done = 0; done < frames;) {
        const int piece = static_cast<int>(std::min<std::int64_t>(frames - done, masking_hop - gathered_));
        for (int c = 0; c < channel_count_; ++c) {
            const Slot& slot = slots_[static_cast<std::size_t>(c)];
            spectra_[static_cast<std::size_t>(slot.group)].put(slot.lane_channel, gathered_, channels[c] + done, piece);
        }
        gathered_ += piece;
        done += piece;
        if (gathered_ < masking_hop) break;
        gathered_ = 0;
        hear_hop();
    }
}

void MaskingMeter::finish() noexcept {
    const realtime::Scope realtime;
    const DenormalGuard no_denormals;
    static constexpr float silence[masking_hop] = {};
    const int more = late_hops + (gathered_ > 0 ? 1 : 0);
    for (int hop = 0; hop < more; ++hop) {
        for (const Slot& slot : slots_) {
            spectra_[static_cast<std::size_t>(slot.group)].put(slot.lane_channel, gathered_, silence,
                                                               masking_hop - gathered_);
        }
        gathered_ = 0;
        hear_hop();
    }
    if (hops_in_cell_ > 0) end_cell();
}

float* MaskingMeter::powers(int slot, int track) noexcept {
    return ring_.data() + (static_cast<std::ptrdiff_t>(slot) * tracks() + track) * design_.components();
}

void MaskingMeter::hear_hop() noexcept {
    for (MaskingSpectrum& spectrum : spectra_) spectrum.take_hop();
    gather_powers();
    if (hops_++ < late_hops) return;
    excite();
    hear_tracks();
    hear_pairs();
    if (hops_in_cell_ % freed_every == 0) hear_freed();
    integrate();
    if (++hops_in_cell_ == cell_hops) end_cell();
}

}  // namespace smartmix
