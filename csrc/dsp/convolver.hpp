#pragma once
#include <memory>
#include <vector>

#include "dsp/real_fft.hpp"

namespace smartmix::dsp {

// Convolution with a long FIR, the same for all channels, in partitions of equal length (overlap-save: T. Stockham, 1966;
// W. Gardner, "Efficient convolution without input-output delay", JAES 43, 1995). The output comes one partition late.
// Whatever the blocks, the work is done where a partition of the input is full, so the bits are the same for any cut.
//
// Two filters: one sounds, the next is put in its place by use_next (at once) or fade_to_next (over the partition that
// is at work: what comes out of it goes from the one to the other along 3 t^2 - 2 t^3). A filter is taps, or a plain delay,
// which changes no bit. Everything but prepare is free of allocation; loading a filter is paid by the partition, so that
// a caller can spread it over time.
class Convolver {
public:
    // A power of two from 16 to 32768; filters of up to `partitions` times as many taps. Both filters are silent then.
    void prepare(int partition_frames, int partitions, int channels);
    void clear() noexcept;  // audio memory only; the filters stay

    int latency_frames() const noexcept { return partition_; }
    int frames_to_boundary() const noexcept { return partition_ - filled_; }
    int max_taps() const noexcept { return partition_ * partitions_; }

    // Transforms partitions [first, first + count) of `taps`, which has max_taps() taps.
    void load_next(const float* taps, int first, int count) noexcept;
    void make_next_delay(int frames) noexcept;  // 0 to max_taps()
    void use_next() noexcept;
    void fade_to_next() noexcept { fades_ = true; }

    void process(float* const* channels, int frames) noexcept;  // in place

private:
    struct Filter {
        bool delays = false;
        int delay = 0;
        std::vector<float> re, im;  // [partition][bin]
    };
    struct Channel {
        std::vector<float> re, im;   // spectra of the last partitions of the input, in a ring
        std::vector<float> past;     // the input itself, in a ring one partition longer
        std::vector<float> input;    // the partition before and the one that fills
        std::vector<float> output;   // of the last full partition
    };

    void run_partition() noexcept;
    void filtered(const Filter& filter, const Channel& channel, float* out) noexcept;
    float* bins_of(std::vector<float>& spectra, int partition) const noexcept {
        return spectra.data() + static_cast<std::ptrdiff_t>(partition) * fft_->bins();
    }
    const float* bins_of(const std::vector<float>& spectra, int partition) const noexcept {
        return spectra.data() + static_cast<std::ptrdiff_t>(partition) * fft_->bins();
    }

    int partition_ = 0;
    int partitions_ = 0;
    int filled_ = 0;
    int newest_ = 0;    // place of the newest spectrum
    int past_end_ = 0;  // where the newest partition of the past ends
    bool fades_ = false;
    std::unique_ptr<RealFft> fft_;
    std::unique_ptr<RealFft::Work> work_;
    Filter filters_[2];
    int sounding_ = 0;
    std::vector<Channel> channels_;
    std::vector<float> sum_re_, sum_im_, time_, faded_;
};

}  // namespace smartmix::dsp
