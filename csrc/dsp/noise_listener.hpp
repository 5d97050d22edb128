#pragma once
#include <array>
#include <span>
#include <vector>

namespace smartmix::dsp {

// Finds steady noise in programme by itself: where, for a sixth of a second, nearly the whole spectrum fluctuates as Gaussian
// noise does and neither rises nor falls, that is noise and nothing else; when it comes back at the same level it is the
// noise floor. Tones (they fluctuate less), music and speech (more), decays (they fall) and digital silence teach nothing.
// docs/dsp/noise_reduction.md
class NoiseListener {
public:
    static constexpr int cell_frames = 16;
    static constexpr int half_cell = cell_frames / 2;

    // `least` is the power of a bin under which noise is not worth hearing about.
    NoiseListener(int bins, float least);
    void clear() noexcept;
    // The power spectrum of one frame. True when what is known has changed.
    bool push(const float* power) noexcept;
    // Mean power of the noise in each bin; 0 where none is known.
    std::span<const float> noise() const noexcept { return noise_; }

private:
    struct Band {
        int first = 0, end = 0;
    };
    struct Floor {
        float level_db = 0.0F;
        int heard = 0;  // cells that agree
        int age = 0;    // cells since the last that did
    };
    struct Half {
        std::vector<float> sum, logs;  // per bin, over half a cell
    };

    bool judge() noexcept;
    bool is_noise(const Band& band) noexcept;
    float level_db(const Band& band) const noexcept;
    bool learn_cell(int noisy) noexcept;
    bool learn(std::size_t band, float level_db, bool at_floor) noexcept;
    void put_down(std::size_t band, float share) noexcept;

    float least_;
    std::vector<Band> bands_;
    std::vector<Floor> floors_;
    std::vector<unsigned char> noisy_;
    std::vector<float> levels_;
    std::array<Half, 2> halves_;
    int half_ = 0, frame_ = 0;
    bool full_ = false;  // there is a half before this one
    std::vector<float> mean_, spread_, sorted_, learned_, noise_;
};

}  // namespace smartmix::dsp
