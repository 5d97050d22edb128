#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "dsp/tone_curve.hpp"

namespace smartmix::dsp {

// The long-term power of each band over the frames that the gate of BS.1770 lets through, which only the whole tells: frames
// are kept in classes of 1 LU from -70 to +10 LUFS, so that the memory is the same for a second and for a day.
class ToneMemory {
public:
    ToneMemory() : rows_(classes) {}  // allocates

    // Costs next to nothing: a class is overwritten by the first frame that falls into it.
    void clear() noexcept {
        frames_.fill(0);
        energies_.fill(0.0);
    }

    // A frame: the power of each band, and its K-weighted energy.
    void add(const ToneRow& power, double energy) noexcept {
        const double lufs = -0.691 + 10.0 * std::log10(std::max(energy, 1e-30));
        if (!(lufs >= quietest_lufs)) return;
        const auto place = std::min(static_cast<std::size_t>(std::floor(lufs) - quietest_lufs), classes - 1);
        if (frames_[place]++ == 0) rows_[place].fill(0.0);
        energies_[place] += energy;
        for (std::size_t j = 0; j < power.size(); ++j) rows_[place][j] += power[j];
    }

    // Frames through the gate, and in `tone` their mean band powers for the first `bands` bands and their loudness; 0 and
    // nothing without any.
    long read(int bands, Tone& tone) const noexcept {
        long kept = 0;
        double energy = 0.0;
        for (std::size_t place = 0; place < classes; ++place) {
            kept += frames_[place];
            energy += frames_[place] > 0 ? energies_[place] : 0.0;
        }
        if (kept == 0) return 0;
        const double gate_lufs = -0.691 + 10.0 * std::log10(energy / static_cast<double>(kept)) - 10.0;
        const double lowest = std::clamp(std::floor(gate_lufs) - quietest_lufs, 0.0, static_cast<double>(classes - 1));
        ToneRow power{};
        long frames = 0;
        energy = 0.0;
        for (auto place = static_cast<std::size_t>(lowest); place < classes; ++place) {
            if (frames_[place] == 0) continue;
            frames += frames_[place];
            energy += energies_[place];
            for (std::size_t j = 0; j < power.size(); ++j) power[j] += rows_[place][j];
        }
        tone.loudness_lufs = -0.691 + 10.0 * std::log10(energy / static_cast<double>(frames));
        tone.power_db.fill(Tone::no_band_db);
        for (int j = 0; j < bands; ++j) {
            const double mean = power[static_cast<std::size_t>(j)] / static_cast<double>(frames);
            tone.power_db[static_cast<std::size_t>(j)] = std::max(10.0 * std::log10(std::max(mean, 1e-30)), Tone::floor_db);
        }
        return frames;
    }

private:
    static constexpr std::size_t classes = 81;
    static constexpr double quietest_lufs = -70.0;

    std::vector<ToneRow> rows_;
    std::array<long, classes> frames_{};
    std::array<double, classes> energies_{};
};

}  // namespace smartmix::dsp
