#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace smartmix {

// What goes on in each hop of 10 ms: power of the sides and their product, the highest sample and where it lies, and the
// power in five octave groups. Hop k ends at frame round((k + 1) * rate / 100), as in LoudnessMeter. The groups meet at
// `edges_hz` with second-order Butterworth slopes (12 dB per octave) and lag by 0 to 3 frames; what would lie above
// 0.45 of the sample rate stays empty. Any cut of the signal into blocks gives the same figures, bit for bit. Non-finite samples must have
// been taken out before.
class HopMeter {
public:
    static constexpr int groups = 5;
    static constexpr std::array<double, groups - 1> edges_hz = {125.0, 500.0, 2000.0, 6000.0};

    // One hop. Powers are mean squares, `group` the mean of the channels; `cross` is the mean of left times right (a
    // mono source is the same on both sides). `peak` keeps its sign and is the higher side's; `peak_offset` counts its
    // frame from the start of the hop.
    struct Hop {
        float left = 0.0F, right = 0.0F, cross = 0.0F, peak = 0.0F, peak_offset = 0.0F;
        std::array<float, groups> group{};
    };
    static constexpr int hop_values = 5 + groups;

    // std::invalid_argument outside 8 to 384 kHz and 1 or 2 channels.
    HopMeter(double sample_rate, int channels);

    int channels() const noexcept { return channel_count_; }
    void process(const float* const* channels, std::int64_t frames);
    // Ends the last hop early if it holds any frame.
    void finish();
    // The hops that ended since the last call.
    std::vector<Hop> take_hops();
    // The highest magnitude of each group so far, of the higher side.
    std::array<float, groups> group_peaks() const noexcept;

private:
    static constexpr int edges = groups - 1;
    typedef float Lanes __attribute__((vector_size(16)));  // one lane per edge
    static_assert(edges == 4);

    // A chain of TPT state variable filters, one per edge: each one's low pass is a group, its high pass goes on to the
    // next edge. Lane k works on the frame k before lane 0's, so the four run at once.
    struct Split {
        Lanes s1{}, s2{}, high{};
        Lanes energy{}, high_energy{}, highest{}, high_highest{};  // of the low passes; of the high passes
    };

    void sides(const float* left, const float* right, int frames) noexcept;
    template <int channels>
    void split(const float* left, const float* right, int frames) noexcept;
    void end_hop(std::int64_t frames);
    std::int64_t hop_end(std::int64_t hop) const noexcept;

    double sample_rate_;
    int channel_count_;
    Lanes a1_{}, a2_{}, a3_{}, through_{};  // through_: 1 where an edge is too high to be there
    std::array<Split, 2> splits_{};
    double left_ = 0.0, right_ = 0.0, cross_ = 0.0;
    float peak_ = 0.0F;
    std::int64_t peak_frame_ = 0;
    std::int64_t frames_ = 0;
    std::int64_t hop_start_ = 0;
    std::int64_t next_hop_end_ = 0;
    std::int64_t hop_count_ = 0;
    std::vector<Hop> done_;
};

}  // namespace smartmix
