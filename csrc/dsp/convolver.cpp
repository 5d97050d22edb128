#include "dsp/convolver.hpp"

#include <algorithm>
#include <utility>

namespace smartmix::dsp {

void Convolver::prepare(int partition_frames, int partitions, int channels) {
    partition_ = partition_frames;
    partitions_ = partitions;
    fft_ = std::make_unique<RealFft>(2 * partition_);
    work_ = std::make_unique<RealFft::Work>(*fft_);
    const auto bins = static_cast<std::size_t>(fft_->bins());
    const auto spectra = bins * static_cast<std::size_t>(partitions_);
    const auto frames = static_cast<std::size_t>(partition_);
    for (Filter& filter : filters_) filter = {false, 0, std::vector<float>(spectra), std::vector<float>(spectra)};
    const Channel empty{std::vector<float>(spectra), std::vector<float>(spectra),
                        std::vector<float>(frames * static_cast<std::size_t>(partitions_ + 1)),
                        std::vector<float>(2 * frames), std::vector<float>(frames)};
    channels_.assign(static_cast<std::size_t>(channels), empty);
    sum_re_.assign(bins, 0.0F);
    sum_im_.assign(bins, 0.0F);
    time_.assign(2 * frames, 0.0F);
    faded_.assign(frames, 0.0F);
    sounding_ = 0;
    clear();
}

void Convolver::clear() noexcept {
    for (Channel& channel : channels_) {
        for (auto* memory : {&channel.re, &channel.im, &channel.past, &channel.input, &channel.output}) {
            std::fill(memory->begin(), memory->end(), 0.0F);
        }
    }
    filled_ = newest_ = past_end_ = 0;
    fades_ = false;
}

void Convolver::load_next(const float* taps, int first, int count) noexcept {
    Filter& next = filters_[1 - sounding_];
    next.delays = false;
    std::fill(time_.begin(), time_.end(), 0.0F);
    for (int p = first; p < first + count; ++p) {
        std::copy_n(taps + static_cast<std::ptrdiff_t>(p) * partition_, partition_, time_.begin());
        fft_->forward(time_.data(), bins_of(next.re, p), bins_of(next.im, p), *work_);
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
        fft_->forward(channel.input.data(), bins_of(channel.re, newest_), bins_of(channel.im, newest_), *work_);
        filtered(filters_[sounding_], channel, channel.output.data());
        if (fades_) {
            filtered(filters_[1 - sounding_], channel, faded_.data());
            const float step = 1.0F / static_cast<float>(partition_);
            for (int i = 0; i < partition_; ++i) {
                float& out = channel.output[static_cast<std::size_t>(i)];
                const float part = static_cast<float>(i) * step;
                // Level at both ends: the corners of a straight line would be heard on a bass note.
                out += (faded_[static_cast<std::size_t>(i)] - out) * (part * part * (3.0F - 2.0F * part));
            }
        }
        std::copy_n(channel.input.begin() + partition_, partition_, channel.input.begin());
    }
    if (fades_) use_next();
    filled_ = 0;
}

// The newest partition behind the filter.
void Convolver::filtered(const Filter& filter, const Channel& channel, float* out) noexcept {
    if (filter.delays) {
        const int size = static_cast<int>(channel.past.size());
        const int begin = (past_end_ - partition_ - filter.delay + 2 * size) % size;
        const int first = std::min(partition_, size - begin);
        std::copy_n(channel.past.begin() + begin, first, out);
        std::copy_n(channel.past.begin(), partition_ - first, out + first);
        return;
    }
    std::fill(sum_re_.begin(), sum_re_.end(), 0.0F);
    std::fill(sum_im_.begin(), sum_im_.end(), 0.0F);
    const kernels::FftKernels& kernel = kernels::fft_kernels();
    for (int p = 0; p < partitions_; ++p) {
        const int place = (newest_ - p + partitions_) % partitions_;
        kernel.multiply_add(sum_re_.data(), sum_im_.data(), bins_of(channel.re, place), bins_of(channel.im, place),
                            bins_of(filter.re, p), bins_of(filter.im, p), fft_->bins());
    }
    fft_->inverse(sum_re_.data(), sum_im_.data(), time_.data(), *work_);
    std::copy_n(time_.begin() + partition_, partition_, out);
}

}  // namespace smartmix::dsp
