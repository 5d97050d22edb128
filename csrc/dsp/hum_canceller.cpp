#include "dsp/hum_canceller.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace smartmix::dsp {
namespace {

constexpr double headroom = 1.41;      // over the level that was found: 3 dB
constexpr double fade_s = 0.3;         // of a harmonic that comes or goes
constexpr double first_s = 0.04;       // an average over so long comes first, then over all there was
constexpr double farthest_hz = 1.0;    // that the fundamental may wander
constexpr double follow_share = 0.5;   // of an error in frequency, corrected at once
constexpr double highest_part = 0.45;  // of the sample rate

}  // namespace

void HumCanceller::prepare(double sample_rate, int channels) {
    sample_rate_ = sample_rate;
    channels_.assign(static_cast<std::size_t>(channels), {});
    clear();
}

void HumCanceller::clear() noexcept {
    std::fill(channels_.begin(), channels_.end(), Channel{});
    phase_ = 0.0;
    cell_done_ = 0;
    age_ = 0;
    active_ = false;
}

void HumCanceller::set_mains(double hz) noexcept { mains_hz_ = first_hz_ = hz; }

void HumCanceller::set_loudest(const HumLines& lines) noexcept {
    const bool was = active_;
    active_ = false;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        Channel& channel = channels_[c];
        for (std::size_t h = 0; h < harmonics; ++h) {
            const bool too_high = static_cast<double>(h + 1) * mains_hz_ > highest_part * sample_rate_;
            channel.loudest[h] = too_high ? 0.0 : headroom * static_cast<double>(lines.amplitude[c][h]);
            active_ = active_ || channel.loudest[h] > 0.0 || channel.share_to[h] > 0.0;
        }
    }
    if (active_ && !was) {  // begin anew: what was known of the phases is old
        for (Channel& channel : channels_) channel.a = channel.b = channel.a_before = channel.b_before = Row{};
        phase_ = 0.0;
        age_ = 0;
        cell_done_ = 0;
    }
}

// The share of a harmonic that keeps it under the loudest it may be; it comes and goes in a straight line.
double HumCanceller::wanted_share(const Channel& channel, std::size_t h) const noexcept {
    const double size = std::hypot(channel.a[h], channel.b[h]);
    return size > channel.loudest[h] ? channel.loudest[h] / size : (channel.loudest[h] > 0.0 ? 1.0 : 0.0);
}

void HumCanceller::begin_cell() noexcept {
    for (std::size_t h = 0; h < harmonics; ++h) {
        const double turns = static_cast<double>(h + 1) * phase_;
        const double angle = 2.0 * std::numbers::pi * (turns - std::floor(turns));
        const double step = 2.0 * std::numbers::pi * static_cast<double>(h + 1) * mains_hz_ / sample_rate_;
        double re = std::cos(angle), im = std::sin(angle);
        const double turn_re = std::cos(step), turn_im = std::sin(step);
        for (std::size_t i = 0; i < cell_frames; ++i) {
            cosines_[i][h] = re;
            sines_[i][h] = im;
            const double next = re * turn_re - im * turn_im;
            im = re * turn_im + im * turn_re;
            re = next;
        }
    }
    phase_ += cell_frames * mains_hz_ / sample_rate_;
    phase_ -= std::floor(phase_);
    const double most = cell_frames / (fade_s * sample_rate_);
    bool any = false;
    for (Channel& channel : channels_) {
        for (std::size_t h = 0; h < harmonics; ++h) {
            const double wanted = wanted_share(channel, h);
            const double now = channel.share[h] = channel.share_to[h];
            // Down at once when the limit asks for it: no note is eaten.
            const double next = wanted < now && channel.loudest[h] > 0.0 ? wanted : now + std::clamp(wanted - now, -most, most);
            channel.share_to[h] = next;
            channel.share_step[h] = (next - now) / cell_frames;
            any = any || channel.loudest[h] > 0.0 || now > 0.0;
        }
    }
    active_ = any;
    const double settled = std::numbers::pi * width_hz_ / sample_rate_;
    pull_ = 2.0 * std::max(settled, 1.0 / (static_cast<double>(age_) + first_s * sample_rate_));
}

void HumCanceller::run(const float* const* x, float* const* hum, int frames) noexcept {
    if (cell_done_ == 0) begin_cell();
    for (std::size_t c = 0; c < channels_.size(); ++c) run_channel(channels_[c], x[c], hum[c], frames);
    cell_done_ = (cell_done_ + frames) % cell_frames;
    age_ += frames;
}

void HumCanceller::run_channel(Channel& channel, const float* x, float* hum, int frames) noexcept {
    constexpr std::size_t lanes = 4;  // sums of their own: the same order for every instruction set
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
        const Row& c = cosines_[static_cast<std::size_t>(cell_done_) + i];
        const Row& s = sines_[static_cast<std::size_t>(cell_done_) + i];
        std::array<double, lanes> all{}, out{};
        for (std::size_t h = 0; h < harmonics; h += lanes) {
            for (std::size_t l = 0; l < lanes; ++l) {
                const double part = channel.a[h + l] * c[h + l] + channel.b[h + l] * s[h + l];
                all[l] += part;
                out[l] += channel.share[h + l] * part;
                channel.share[h + l] += channel.share_step[h + l];
            }
        }
        const double error = pull_ * (static_cast<double>(x[i]) - ((all[0] + all[1]) + (all[2] + all[3])));
        for (std::size_t h = 0; h < harmonics; ++h) {
            channel.a[h] += error * c[h];
            channel.b[h] += error * s[h];
        }
        hum[i] = static_cast<float>((out[0] + out[1]) + (out[2] + out[3]));
    }
}

// A harmonic that is what it was found to be, and no note, says how far the fundamental is off by how far it has turned.
void HumCanceller::follow(int frames) noexcept {
    double sum = 0.0, weights = 0.0;
    for (Channel& channel : channels_) {
        for (std::size_t h = 0; h < harmonics; ++h) {
            const double re = channel.a[h] * channel.a_before[h] + channel.b[h] * channel.b_before[h];
            const double im = channel.a[h] * channel.b_before[h] - channel.b[h] * channel.a_before[h];
            const double size = std::hypot(channel.a[h], channel.b[h]);
            const double before = std::hypot(channel.a_before[h], channel.b_before[h]);
            channel.a_before[h] = channel.a[h];
            channel.b_before[h] = channel.b[h];
            const double least = 0.35 * channel.loudest[h];
            if (least <= 0.0 || std::min(size, before) < least || std::max(size, before) > channel.loudest[h]) continue;
            const double number = static_cast<double>(h + 1);
            const double weight = number * number * size * size;
            sum += weight * std::atan2(im, re) / number;
            weights += weight;
        }
    }
    if (weights <= 0.0) return;
    const double error_hz = sum / weights * sample_rate_ / (2.0 * std::numbers::pi * frames);
    mains_hz_ = std::clamp(mains_hz_ + follow_share * error_hz, first_hz_ - farthest_hz, first_hz_ + farthest_hz);
}

}  // namespace smartmix::dsp
