#pragma once
#include <memory>
#include <vector>

#include "dsp/real_fft.hpp"

namespace smartmix::dsp {

// Whom the taps of a filter are for: one set for all channels; one for each; one for the middle of a stereo pair
// (left + right) / 2 and one for its side (left - right) / 2.
enum class FilterLayout { together, apart, mid_side };

// Convolution with a long FIR in partitions of equal length (overlap-save: T. Stockham, 1966;
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
    // `tap_sets` above 1 is needed for the layouts with more than one; mid_side is for two channels.
    void prepare(int partition_frames, int partitions, int channels, int tap_sets = 1);
    void clear() noexcept;  // audio memory only; the filters stay

    int latency_frames() const noexcept { return partition_; }
    int frames_to_boundary() const noexcept { return partition_ - filled_; }
    int max_taps() const noexcept { return partition_ * partitions_; }

    // Transforms partitions [first, first + count) of `taps`, which has max_taps() taps, into one of the tap sets.
    void load_next(const float* taps, int first, int count, int tap_set = 0) noexcept;
    void lay_out_next(FilterLayout layout) noexcept { filters_[1 - sounding_].layout = layout; }
    void make_next_delay(int frames) noexcept;  // 0 to max_taps()
    void use_next() noexcept;
    void fade_to_next() noexcept { fades_ = true; }

    void process(float* const* channels, int frames) noexcept;  // in place

private:
    struct Filter {
        bool delays = false;
        int delay = 0;
        FilterLayout layout = FilterLayout::together;
        std::vector<float> re, im;  // [tap set][partition][bin]
    };
    struct Spectra {
        std::vector<float> re, im;  // of the last partitions of the input, in a ring
    };
    struct Channel {
        Spectra heard;
        std::vector<float> past;     // the input itself, in a ring one partition longer
        std::vector<float> input;    // the partition before and the one that fills
        std::vector<float> output;   // of the last full partition
        std::vector<float> faded;    // the same from the next filter, while it fades
    };

    void run_partition() noexcept;
    void run_filter(const Filter& filter, std::vector<float> Channel::* out) noexcept;
    void mid_side(const Filter& filter, float* left, float* right) noexcept;
    void sum_and_difference() noexcept;
    void delayed(int delay, const Channel& channel, float* out) const noexcept;
    const float* behind(const Filter& filter, int tap_set, const Spectra& heard) noexcept;
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
    Spectra sum_, difference_;  // of two channels, where they may be filtered as middle and side
    std::vector<float> sum_re_, sum_im_, time_;
};

}  // namespace smartmix::dsp
