// The kernels of the compressor, every instruction set against the same in plain double, and against itself in other
// lanes and other pieces.
#include "kernels/dynamics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "check.hpp"
#include "dsp/dynamics.hpp"
#include "dsp/fast_log.hpp"

using namespace smartmix;
using kernels::DetectorLanes;
using kernels::DynamicsKernels;

namespace {

using Row = std::vector<float>;

Row random_row(int frames, unsigned seed, float top) {
    std::mt19937 random(seed);
    Row row(static_cast<std::size_t>(frames));
    for (float& x : row) x = top * static_cast<float>(random()) / 4294967296.0F;
    return row;
}

bool same(const Row& a, const Row& b) { return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0; }

double wanted_db(double level, double threshold, double ratio, double knee) {
    const double over = 20.0 * std::log10(level) - threshold;
    const double slope = 1.0 - 1.0 / ratio;
    if (2.0 * over <= -knee) return 0.0;
    if (2.0 * over >= knee) return slope * over;
    return slope * (over + knee / 2.0) * (over + knee / 2.0) / (2.0 * knee);
}

void test_peaks_and_curve(const DynamicsKernels& kernel) {
    for (const int frames : {1, 7, 8, 61}) {
        const Row left = random_row(frames, 1, 2.0F);
        Row right = random_row(frames, 2, 2.0F);
        for (float& x : right) x = -x;
        const Row third = random_row(frames, 3, 3.0F);
        const float* heads[3] = {left.data(), right.data(), third.data()};
        for (const int channels : {1, 2, 3}) {
            Row levels(left.size());
            const float greatest = kernel.peaks(heads, channels, levels.data(), frames);
            CHECK(greatest == *std::max_element(levels.begin(), levels.end()));
            for (std::size_t i = 0; i < levels.size(); ++i) {
                float wanted = 0.0F;
                for (int c = 0; c < channels; ++c) wanted = std::max(wanted, std::fabs(heads[c][i]));
                CHECK(levels[i] == wanted);
            }
            const dsp::CompressionCurve curve(-20.0, 4.0, 6.0);
            kernel.want({dsp::db_per_octave_of_amplitude, curve.threshold_db, curve.slope, curve.half_knee_db,
                         curve.half_over_knee, curve.loudest_over_db},
                        levels.data(), frames);
            for (std::size_t i = 0; i < levels.size(); ++i) {
                float level = 0.0F;
                for (int c = 0; c < channels; ++c) level = std::max(level, std::fabs(heads[c][i]));
                CHECK(std::fabs(static_cast<double>(levels[i]) - wanted_db(level, -20.0, 4.0, 6.0)) < 1e-3);
            }
        }
    }
}

// Lane l rises in 2 + l ms and falls in 50 ms; the last one rises slower than it falls.
void set_times(DetectorLanes& lanes) {
    for (int l = 0; l < kernels::detector_lanes; ++l) {
        const double rise_ms = l == kernels::detector_lanes - 1 ? 80.0 : 2.0 + l;
        lanes.rise.lane[l] = dsp::keep_per_frame(rise_ms, 48000.0);
        lanes.fall.lane[l] = dsp::keep_per_frame(50.0, 48000.0);
        lanes.rise_take.lane[l] = 1.0 - lanes.rise.lane[l];
        lanes.fall_take.lane[l] = 1.0 - lanes.fall.lane[l];
    }
}

struct Detected {
    DetectorLanes lanes;
    std::vector<Row> rows;
};

Detected detected(const DynamicsKernels& kernel, std::vector<Row> rows, const std::vector<int>& cuts) {
    Detected made;
    set_times(made.lanes);
    made.rows = std::move(rows);
    const int frames = static_cast<int>(made.rows[0].size());
    Row silent(made.rows[0].size());
    int first = 0;
    for (std::size_t c = 0; c <= cuts.size(); ++c) {
        const int end = c < cuts.size() ? cuts[c] : frames;
        std::array<float*, kernels::detector_lanes> heads;
        heads.fill(silent.data());
        for (std::size_t r = 0; r < made.rows.size(); ++r) heads[r] = made.rows[r].data() + first;
        kernel.detect(made.lanes, heads.data(), static_cast<int>(made.rows.size()), end - first);
        first = end;
    }
    return made;
}

void test_detectors(const DynamicsKernels& kernel) {
    constexpr int frames = 1001;
    std::vector<Row> wanted;
    for (unsigned r = 0; r < kernels::detector_lanes; ++r) {
        wanted.push_back(random_row(frames, r, 12.0F));
        std::fill_n(wanted.back().begin() + 300, 400, r % 2 == 0 ? 0.0F : 0.04F);
    }
    for (const std::size_t count : {1U, 3U, 4U, 5U, 8U}) {
        const std::vector<Row> some(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(count));
        const Detected whole = detected(kernel, some, {});
        const Detected cut = detected(kernel, some, {1, 2, 5, 64, 300, 301, 999});
        for (std::size_t r = 0; r < count; ++r) {
            const DetectorLanes& at = whole.lanes;
            double value = 0.0, deepest = 0.0, total = 0.0;
            std::int64_t counted = 0;
            for (std::size_t i = 0; i < frames; ++i) {
                const bool rises = static_cast<double>(wanted[r][i]) > value;
                const double keep = rises ? at.rise.lane[r] : at.fall.lane[r];
                const double take = rises ? at.rise_take.lane[r] : at.fall_take.lane[r];
                value = keep * value + take * static_cast<double>(wanted[r][i]);
                CHECK(std::fabs(value - static_cast<double>(whole.rows[r][i])) < 2e-6);
                deepest = std::max(deepest, value);
                total += value > 0.1 ? value : 0.0;
                counted += value > 0.1 ? 1 : 0;
            }
            CHECK(std::fabs(at.value.lane[r] - value) < 1e-12 && std::fabs(at.deepest.lane[r] - deepest) < 1e-12);
            CHECK(std::fabs(at.total.lane[r] - total) < 1e-9 && at.counted[r] == counted);
            CHECK(same(whole.rows[r], cut.rows[r]) && at.value.lane[r] == cut.lanes.value.lane[r]);
            CHECK(at.total.lane[r] == cut.lanes.total.lane[r] && at.counted[r] == cut.lanes.counted[r]);
        }
        for (std::size_t r = count; r < kernels::detector_lanes; ++r) CHECK(whole.lanes.deepest.lane[r] == 0.0);
    }
}

void test_turning_down(const DynamicsKernels& kernel) {
    constexpr int frames = 77;
    const Row reductions = random_row(frames, 4, 30.0F);
    const Row makeups = random_row(frames, 5, 2.0F);
    const Row mixes = random_row(frames, 6, 1.0F);
    for (const kernels::TurnDown& how : {kernels::TurnDown{}, kernels::TurnDown{1.5F, 0.7F},
                                         kernels::TurnDown{1.5F, 0.7F, makeups.data(), nullptr},
                                         kernels::TurnDown{1.5F, 0.7F, makeups.data(), mixes.data()}}) {
        const Row start = random_row(frames, 7, 1.0F);
        Row whole[3] = {start, start, start};
        float* heads[3] = {whole[0].data(), whole[1].data(), whole[2].data()};
        kernel.turn_down(heads, 3, reductions.data(), how, frames);
        Row cut = start;
        for (int i = 0; i < frames; ++i) {
            kernels::TurnDown one = how;
            if (one.makeups) one.makeups += i;
            if (one.mixes) one.mixes += i;
            float* head = cut.data() + i;
            kernel.turn_down(&head, 1, reductions.data() + i, one, 1);
        }
        CHECK(same(whole[0], cut) && same(whole[1], cut) && same(whole[2], cut));
        for (std::size_t i = 0; i < frames; ++i) {
            const double makeup = how.makeups ? makeups[i] : how.makeup;
            const double mix = how.mixes ? mixes[i] : how.mix;
            const double factor = 1.0 - mix + mix * makeup * std::pow(10.0, -static_cast<double>(reductions[i]) / 20.0);
            CHECK(std::fabs(static_cast<double>(cut[i]) - factor * static_cast<double>(start[i])) < 4e-6);
        }
    }
    Row small{1e-40F, -1e-45F, 0.0F, -0.0F, 1.0F};
    const Row as_it_was = small;
    float* head = small.data();
    kernel.turn_down(&head, 1, Row(small.size()).data(), {}, static_cast<int>(small.size()));
    CHECK(same(small, as_it_was));
}

}  // namespace

void test_dynamics_kernels() {
    CHECK(kernels::dynamics_kernels_for("nonsense") == nullptr);
    for (const char* isa : {"baseline", "avx2"}) {
        const DynamicsKernels* kernel = kernels::dynamics_kernels_for(isa);
        if (kernel == nullptr) continue;
        test_peaks_and_curve(*kernel);
        test_detectors(*kernel);
        test_turning_down(*kernel);
    }
}
