#include "dsp/convolver.hpp"

#include <algorithm>
#include <utility>

namespace smartmix::dsp {

void Convolver::prepare(int partition_frames, int partitions, int channels, int tap_sets) {
    partition_ = partition_frames;
    partitions_ = partitions;
    fft_ = std::make_unique<RealFft>(2 * partition_);
    work_ = std::make_unique<RealFft::Work>(*fft_);
    const auto bins = static_cast<std::size_t>(fft_->bins());
    const auto spectra = bins * static_cast<std::size_t>(partitions_);
    const auto frames = static_cast<std::size_t>(partition_);
    const std::size_t all_sets = spectra * static_cast<std::size_t>(tap_sets);
    for (Filter& filter : filters_) {
        filter = {false, 0, FilterLayout::together, std::vector<float>(all_sets), std::vector<float>(all_sets)};
    }
    const Spectra none{std::vector<float>(spectra), std::vector<float>(spectra)};
    sum_ = difference_ = tap_sets > 1 && channels == 2 ? none : Spectra{};
    const Channel empty{none, std::vector<float>(frames * static_cast<std::size_t>(partitions_ + 1)),
                        std::vector<float>(2 * frames), std::vector<float>(frames), std::vector<float>(frames)};
    channels_.assign(static_cast<std::size_t>(channels), empty);
    sum_re_.assign(bins, 0.0F);
    sum_im_.assign(bins, 0.0F);
    time_.assign(2 * frames, 0.0F);
    sounding_ = 0;
    clear();
}

void Convolver::clear() noexcept {
    for (Channel& channel : channels_) {
        for (auto* memory : {&channel.heard.re, &channel.heard.im, &channel.past, &channel.input, &channel.output}) {
            std::fill(memory->begin(), memory->end(), 0.0F);
        }
    }
    for (auto* memory : {&sum_.re, &sum_.im, &difference_.re, &difference_.im}) std::fill(memory->begin(), memory->end(), 0.0F);
    filled_ = newest_ = past_end_ = 0;
    fades_ = false;
}

void Convolver::load_next(const float* taps, int first, int count, int tap_set) noexcept {
    Filter& next = filters_[1 - sounding_];
    next.delays = false;
    std::fill(time_.begin(), time_.end(), 0.0F);
    for (int p = first; p < first + count; ++p) {
        std::copy_n(taps + static_cast<std::ptrdiff_t>(p) * partition_, partition_, time_.begin());
        const int place = tap_set * partitions_ + p;
        fft_->forward(time_.data(), bins_of(next.re, place), bins_of(next.im, place), *work_);
    }
}

void Convolver::make_next_delay(int frames) noexcept {
    filters_[1 - sounding_].delays = true;
    filters_[1 - sounding_].delay = std::clamp(frames, 0, max_taps());
}

void Convolver::use_next() noexcept {
    sounding_ = 1 - sounding_;
    fades_ = false;
}

void Convolver::process(float* const* channels, int frames) noexcept {
    for (int done = 0; done < frames;) {
        const int piece = std::min(frames - done, frames_to_boundary());
        for (std::size_t c = 0; c < channels_.size(); ++c) {
            float* io = channels[c] + done;
            std::copy_n(io, piece, channels_[c].input.begin() + partition_ + filled_);
            std::copy_n(channels_[c].output.begin() + filled_, piece, io);
        }
        filled_ += piece;
        done += piece;
        if (filled_ == partition_) run_partition();
    }
}

void Convolver::run_partition() noexcept {
    newest_ = (newest_ + 1) % partitions_;
    const int past_size = partition_ * (partitions_ + 1);
    const int begin = past_end_ % past_size;
    past_end_ = begin + partition_;
    for (Channel& channel : channels_) {
        std::copy_n(channel.input.begin() + partition_, partition_, channel.past.begin() + begin);
        fft_->forward(channel.input.data(), bins_of(channel.heard.re, newest_), bins_of(channel.heard.im, newest_), *work_);
        std::copy_n(channel.input.begin() + partition_, partition_, channel.input.begin());
    }
    if (!sum_.re.empty()) sum_and_difference();
    run_filter(filters_[sounding_], &Channel::output);
    if (fades_) {
        run_filter(filters_[1 - sounding_], &Channel::faded);
        const float step = 1.0F / static_cast<float>(partition_);
        for (Channel& channel : channels_) {
            for (int i = 0; i < partition_; ++i) {
                float& out = channel.output[static_cast<std::size_t>(i)];
                const float part = static_cast<float>(i) * step;
                // Level at both ends: the corners of a straight line would be heard on a bass note.
                out += (channel.faded[static_cast<std::size_t>(i)] - out) * (part * part * (3.0F - 2.0F * part));
            }
        }
        use_next();
    }
    filled_ = 0;
}

// The newest partition of every channel behind the filter.
void Convolver::run_filter(const Filter& filter, std::vector<float> Channel::* out) noexcept {
    if (!filter.delays && filter.layout == FilterLayout::mid_side) {
        return mid_side(filter, (channels_[0].*out).data(), (channels_[1].*out).data());
    }
    for (std::size_t c = 0; c < channels_.size(); ++c) {
        Channel& channel = channels_[c];
        float* to = (channel.*out).data();
        if (filter.delays) {
            delayed(filter.delay, channel, to);
            continue;
        }
        const int tap_set = filter.layout == FilterLayout::apart ? static_cast<int>(c) : 0;
        std::copy_n(behind(filter, tap_set, channel.heard), partition_, to);
    }
}

void Convolver::sum_and_difference() noexcept {
    const auto both = [&](std::vector<float> Spectra::* part) {
        const float* left = bins_of(channels_[0].heard.*part, newest_);
        const float* right = bins_of(channels_[1].heard.*part, newest_);
        float* sum = bins_of(sum_.*part, newest_);
        float* difference = bins_of(difference_.*part, newest_);
        for (int k = 0; k < fft_->bins(); ++k) {
            sum[k] = left[k] + right[k];
            difference[k] = left[k] - right[k];
        }
    };
    both(&Spectra::re);
    both(&Spectra::im);
}

// Left and right are remembered as well, so that a filter of another layout can take over.
void Convolver::mid_side(const Filter& filter, float* left, float* right) noexcept {
    std::copy_n(behind(filter, 0, sum_), partition_, left);  // twice the middle
    const float* side = behind(filter, 1, difference_);      // twice the side
    for (int i = 0; i < partition_; ++i) {
        const float middle = left[i];
        left[i] = 0.5F * (middle + side[i]);
        right[i] = 0.5F * (middle - side[i]);
    }
}

void Convolver::delayed(int delay, const Channel& channel, float* out) const noexcept {
    const int size = static_cast<int>(channel.past.size());
    const int begin = (past_end_ - partition_ - delay + 2 * size) % size;
    const int first = std::min(partition_, size - begin);
    std::copy_n(channel.past.begin() + begin, first, out);
    std::copy_n(channel.past.begin(), partition_ - first, out + first);
}

const float* Convolver::behind(const Filter& filter, int tap_set, const Spectra& heard) noexcept {
    std::fill(sum_re_.begin(), sum_re_.end(), 0.0F);
    std::fill(sum_im_.begin(), sum_im_.end(), 0.0F);
    const kernels::FftKernels& kernel = kernels::fft_kernels();
    for (int p = 0; p < partitions_; ++p) {
        const int place = (newest_ - p + partitions_) % partitions_;
        const int taps = tap_set * partitions_ + p;
        kernel.multiply_add(sum_re_.data(), sum_im_.data(), bins_of(heard.re, place), bins_of(heard.im, place),
                            bins_of(filter.re, taps), bins_of(filter.im, taps), fft_->bins());
    }
    fft_->inverse(sum_re_.data(), sum_im_.data(), time_.data(), *work_);
    return time_.data() + partition_;
}

}  // namespace smartmix::dsp
