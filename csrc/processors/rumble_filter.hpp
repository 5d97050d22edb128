#pragma once
#include <array>
#include <vector>

#include "dsp/ramp.hpp"
#include "dsp/svf.hpp"
#include "processors/processor.hpp"

namespace smartmix {

// A high pass against rumble and DC that is only there when they are: while what lies under `freq_hz` never falls below the
// threshold, for a second or more. Until then no bit changes. One or two channels, no latency. docs/dsp/rumble_filter.md
class RumbleFilter final : public Processor {
public:
    RumbleFilter();
    int tail_frames() const noexcept override;

private:
    enum Index { amount, freq, slope, threshold, engage, delta };
    static constexpr int most_channels = 2;
    static constexpr int cell_frames = 64;
    static constexpr int watch_sections = 4;
    static constexpr int watched_spans = 8;  // quarters of a second

    struct Memory {
        double s1 = 0.0, c1 = 0.0, s2 = 0.0, c2 = 0.0;
    };
    struct Section {
        double g = 0.0, gk = 0.0, a2 = 0.0, m0 = 1.0, m1 = 0.0, m2 = 0.0;
    };
    struct Channel {
        std::array<Memory, 2> pass{};
        std::array<Memory, watch_sections> watch{};
    };

    void on_prepare(const PrepareSpec& spec) override;
    void on_reset() noexcept override;
    void on_parameter(int index, double value, int ramp_frames) noexcept override;
    void on_process(BlockView io) noexcept override;

    dsp::BandSections pass_design(double hz) const;
    void begin_cell() noexcept;
    void run(BlockView io, int first, int frames) noexcept;
    float removed(Channel& channel, float x) noexcept;
    void watch(Channel& channel, float x) noexcept;
    void end_span() noexcept;
    bool wanted() const noexcept;

    double sample_rate_ = 48000.0;
    int glide_frames_ = 0, fade_frames_ = 0, span_frames_ = 0;
    dsp::Ramp amount_{Scale::linear}, freq_{Scale::log}, threshold_db_{Scale::db}, delta_{Scale::linear};
    dsp::Ramp share_{Scale::linear};  // of the filter that is there: 0 or 1 in the end
    int slope_db_oct_ = 12;
    bool always_ = false;
    std::vector<Channel> channels_;
    std::array<Section, 2> pass_{};
    std::array<Section, watch_sections> watch_{};
    int pass_count_ = 1;
    double designed_hz_ = 0.0;
    int designed_slope_ = 0;
    double power_ = 0.0;  // of what is watched, over the span
    std::array<double, watched_spans> spans_{};
    int span_done_ = 0, spans_seen_ = 0, cell_done_ = 0;
    bool found_ = false, started_ = false;
};

}  // namespace smartmix
