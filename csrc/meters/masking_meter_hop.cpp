// What a MaskingMeter does in each hop. Everything here runs in process(): no allocation.
#include <algorithm>
#include <cmath>
#include <utility>

#include "dsp/excitation.hpp"
#include "dsp/fast_log.hpp"
#include "meters/masking_meter.hpp"

namespace smartmix {
namespace {

constexpr int places = kernels::ear_places;
constexpr int lead_slots = 8;

// Glasberg & Moore 2002, per millisecond.
constexpr double short_attack = 0.045, short_release = 0.02, long_attack = 0.01, long_release = 0.0005;

double followed(double from, double to, double attack, double release, double ms) {
    return to + (from - to) * std::pow(1.0 - (to > from ? attack : release), ms);
}

void add(const float* from, float* to) noexcept {
    for (int p = 0; p < places; ++p) to[p] += from[p];
}

// What is left of a when b is taken out of it; rounding may not make it negative.
void subtract(const float* a, const float* b, float* to) noexcept {
    for (int p = 0; p < places; ++p) to[p] = std::max(a[p] - b[p], 0.0F);
}

double sum_of(const float* row) noexcept {
    double sum = 0.0;
    for (int p = 0; p < places; ++p) sum += static_cast<double>(row[p]);
    return sum;
}

}  // namespace

// Each part of the spectrum waits until the longest window has its centre there too.
void MaskingMeter::gather_powers() noexcept {
    const auto now = static_cast<int>(hops_ % lead_slots);
    for (int part = 0; part < 3; ++part) {
        const auto& design = design_.parts[static_cast<std::size_t>(part)];
        const int count = static_cast<int>(design.first.size()) - 1;
        const int slot = (now + design.late_hops) % lead_slots;
        for (int t = 0; t < tracks(); ++t) {
            float* to = powers(slot, t) + design.first_component;
            for (int c = 0; c < channels_[static_cast<std::size_t>(t)]; ++c) {
                const Slot& where = slots_[static_cast<std::size_t>(first_channel_[static_cast<std::size_t>(t)] + c)];
                const float* from = spectra_[static_cast<std::size_t>(where.group)].power(part, where.lane_channel);
                for (int s = 0; s < count; ++s) {
                    to[s] = (c == 0 ? 0.0F : to[s]) +
                            where.share * from[static_cast<std::ptrdiff_t>(s) * kernels::lane_fft_lanes];
                }
            }
        }
    }
}

void MaskingMeter::excite() noexcept {
    const kernels::MaskingKernels& kernels = kernels::masking_kernels();
    const int components = design_.components();
    const auto now = static_cast<int>((hops_ - 1) % lead_slots);
    std::fill(mix_.begin(), mix_.end(), 0.0F);
    for (int t = 0; t < tracks(); ++t) {
        const float* power = powers(now, t);
        for (int c = 0; c < components; ++c) mix_[static_cast<std::size_t>(c)] += power[c];
    }
    for (int first = 0; first < components; first += places) {
        kernels.excite(around_.data() + static_cast<std::ptrdiff_t>(first) * components, mix_.data(), components,
                       level_.data() + first);
    }
    const auto per_db = static_cast<float>(0.35 / dsp::roex_slope(1000.0));
    for (std::size_t c = 0; c < mix_.size(); ++c) {
        const float db = dsp::db_per_octave_of_power * dsp::log2_fast(level_[c]);
        steepness_[c] = std::max(1.0F - per_db * (db - 51.0F), 0.05F);
    }
    kernels.shape({fixed_.data(), moving_.data(), components}, steepness_.data(), weights_.data());
    for (int t = 0; t < tracks(); ++t) {
        kernels.excite(weights_.data(), powers(now, t), components, row(excitation_, t));
        kernels.cover(cover_, row(excitation_, t), cover_states_[static_cast<std::size_t>(t)], row(covering_, t));
    }
}

void MaskingMeter::hear_tracks() noexcept {
    const kernels::MaskingKernels& kernels = kernels::masking_kernels();
    const int n = tracks();
    // Sums of the tracks before and after each, so that none is a small difference of large ones.
    std::fill(total_.begin(), total_.end(), 0.0F);
    for (int t = 0; t < n; ++t) {
        std::copy(total_.begin(), total_.end(), row(rest_, t));
        add(row(covering_, t), total_.data());
    }
    std::fill(both_.begin(), both_.end(), 0.0F);
    for (int t = n - 1; t >= 0; --t) {
        add(both_.data(), row(rest_, t));
        add(row(covering_, t), both_.data());
    }
    kernels.compress(ear_, total_.data(), both_.data());
    std::fill(left_.begin(), left_.end(), 0.0F);
    for (int t = 0; t < n; ++t) {
        const auto i = static_cast<std::size_t>(t);
        kernels.hear_signal(ear_, row(excitation_, t), signals_[i]);
        kernels.hear_masker(ear_, row(covering_, t), maskers_[i]);
        kernels.hear_masker(ear_, row(rest_, t), rests_[i]);
        hear_beside(t, rests_[i], both_.data(), row(left_, t));
        add(row(excitation_, t), row(sum_excitation_, t));
        add(row(covering_, t), row(sum_covering_, t));
        add(signals_[i].quiet, row(sum_alone_, t));
        add(row(left_, t), row(sum_all_, t));
    }
}

// Adds what is left of a track beside a masker; `both` is what covers from the two together, compressed.
void MaskingMeter::hear_beside(int track, const kernels::HeardMasker& masker, const float* both, float* sum) noexcept {
    const auto t = static_cast<std::size_t>(track);
    kernels::masking_kernels().add_partial(ear_, signals_[t], masker, cover_states_[t].plain, both, sum);
}

kernels::HeardSound MaskingMeter::heard(int track) const noexcept {
    const auto t = static_cast<std::size_t>(track);
    return {signals_[t], maskers_[t], cover_states_[t].plain};
}

void MaskingMeter::hear_pairs() noexcept {
    const kernels::MaskingKernels& kernels = kernels::masking_kernels();
    const int n = tracks();
    for (int i = 0; i < n; ++i) {
        for (int j = i + 1; j < n; ++j)
            kernels.add_pair(ear_, heard(i), heard(j), row(sum_beside_, i * n + j), row(sum_beside_, j * n + i));
    }
}

// What a track is beside all others but one.
void MaskingMeter::hear_freed() noexcept {
    const kernels::MaskingKernels& kernels = kernels::masking_kernels();
    const int n = tracks();
    for (int t = 0; t < n; ++t) {
        kernels.compress(ear_, row(rest_, t), row(without_, t));
        add(row(left_, t), row(sum_freed_base_, t));
    }
    for (int i = 0; i < n; ++i) {
        for (int j = i + 1; j < n; ++j) {
            subtract(row(rest_, i), row(covering_, j), both_.data());
            kernels.hear_masker(ear_, both_.data(), fewer_);
            hear_beside(i, fewer_, row(without_, j), row(sum_freed_, i * n + j));
            hear_beside(j, fewer_, row(without_, i), row(sum_freed_, j * n + i));
        }
    }
    ++freed_in_cell_;
}

void MaskingMeter::integrate() noexcept {
    const double ms = 1000.0 * masking_hop / sample_rate_;
    for (int t = 0; t < tracks(); ++t) {
        const auto i = static_cast<std::size_t>(t);
        const double now[2] = {step_cam_ * sum_of(signals_[i].quiet), step_cam_ * sum_of(row(left_, t))};
        for (std::size_t k = 0; k < 2; ++k) {
            double& short_term = integrated_[4 * i + k];
            double& long_term = integrated_[4 * i + 2 + k];
            short_term = followed(short_term, now[k], short_attack, short_release, ms);
            long_term = followed(long_term, short_term, long_attack, long_release, ms);
            integrated_sum_[2 * i + k] += short_term;
        }
    }
}

void MaskingMeter::write_bands(const float* row, double weight, float* to) const noexcept {
    for (int b = 0; b < bands; ++b)
        to[b] = static_cast<float>(weight * (static_cast<double>(row[b]) + static_cast<double>(row[bands + b])));
}

void MaskingMeter::end_cell() noexcept {
    const int n = tracks();
    if (waiting_ == kept_cells) {
        oldest_ = (oldest_ + 1) % kept_cells;
        --waiting_;
        ++lost_;
    }
    const int at = (oldest_ + waiting_++) % kept_cells;
    cell_hops_[static_cast<std::size_t>(at)] = hops_in_cell_;
    float* cell = cells_.data() + static_cast<std::ptrdiff_t>(at) * layout_.floats;
    const double mean = 1.0 / hops_in_cell_;
    for (int t = 0; t < n; ++t) {
        write_bands(row(sum_excitation_, t), 0.5 * mean, cell + layout_.excitation + t * bands);
        write_bands(row(sum_covering_, t), 0.5 * mean, cell + layout_.covering + t * bands);
        write_bands(row(sum_alone_, t), step_cam_ * mean, cell + layout_.alone + t * bands);
        write_bands(row(sum_all_, t), step_cam_ * mean, cell + layout_.beside_all + t * bands);
        for (int j = 0; j < n; ++j) {
            const int pair = t * n + j;
            if (j != t) subtract(row(sum_freed_, pair), row(sum_freed_base_, t), row(sum_freed_, pair));
            write_bands(row(j == t ? sum_alone_ : sum_beside_, j == t ? t : pair), step_cam_ * mean,
                        cell + layout_.beside + pair * bands);
            write_bands(row(sum_freed_, pair), step_cam_ / std::max(freed_in_cell_, 1), cell + layout_.freed + pair * bands);
        }
        const auto i = static_cast<std::size_t>(t);
        float* integrated = cell + layout_.integrated + 4 * t;
        for (std::size_t k = 0; k < 2; ++k) {
            integrated[k] = static_cast<float>(integrated_sum_[2 * i + k] * mean);
            integrated[2 + k] = static_cast<float>(integrated_[4 * i + 2 + k]);
        }
    }
    for (Row* sums : {&sum_excitation_, &sum_covering_, &sum_alone_, &sum_all_, &sum_freed_base_, &sum_beside_, &sum_freed_})
        std::fill(sums->begin(), sums->end(), 0.0F);
    std::fill(integrated_sum_.begin(), integrated_sum_.end(), 0.0);
    hops_in_cell_ = freed_in_cell_ = 0;
}

int MaskingMeter::take(float* cell) noexcept {
    if (waiting_ == 0) return 0;
    std::copy_n(cells_.data() + static_cast<std::ptrdiff_t>(oldest_) * layout_.floats, layout_.floats, cell);
    const int hops = cell_hops_[static_cast<std::size_t>(oldest_)];
    oldest_ = (oldest_ + 1) % kept_cells;
    --waiting_;
    return hops;
}

}  // namespace smartmix
