// The meters on anything: every figure a number (or the -inf of silence) and the same for any cut.
#include "core/sanitise.hpp"
#include "fuzz/material.hpp"
#include "fuzz/targets.hpp"
#include "meters/hop_meter.hpp"
#include "meters/loudness_meter.hpp"

namespace smartmix::fuzz {
namespace {

std::vector<double> figures_of(LoudnessMeter& meter) {
    std::vector<double> figures = {meter.integrated_lufs(), meter.momentary_max_lufs(), meter.short_term_max_lufs(),
                                   meter.range_lu(),        meter.true_peak_dbtp(),     meter.sample_peak_dbfs()};
    for (const double energy : meter.energies_10ms()) figures.push_back(energy);
    for (const double level : meter.short_term_lufs(10)) figures.push_back(level);
    return figures;
}

template <class Meter>
void play(Meter& meter, Buffer& audio, const std::vector<int>& sizes) {
    int done = 0;
    for (const int size : sizes) {
        meter.process(audio.view(done, size).channels, size);
        done += size;
    }
}

void fuzz_loudness(Reader& in, double rate, Buffer& audio, int channels) {
    const int frames = audio.view().frames;
    LoudnessMeter whole(rate, channels);
    LoudnessMeter cut(rate, channels);
    play(whole, audio, {frames});
    play(cut, audio, cuts_of(in, frames));
    const std::vector<double> a = figures_of(whole);
    const std::vector<double> b = figures_of(cut);
    require(a == b, "loudness: any cut gives the same figures");
    for (const double figure : a) require(!std::isnan(figure) && figure < 1e30, "loudness: a number");
    whole.reset();
    require(whole.integrated_lufs() == -std::numeric_limits<double>::infinity(), "loudness: reset forgets");
}

void fuzz_hops(Reader& in, double rate, Buffer& audio, int channels) {
    const int frames = audio.view().frames;
    for (int c = 0; c < channels; ++c) silence_non_finite(audio.view().channels[c], frames);
    HopMeter whole(rate, channels);
    HopMeter cut(rate, channels);
    play(whole, audio, {frames});
    play(cut, audio, cuts_of(in, frames));
    whole.finish();
    cut.finish();
    const std::vector<HopMeter::Hop> a = whole.take_hops();
    const std::vector<HopMeter::Hop> b = cut.take_hops();
    require(a.size() == b.size(), "hops: any cut gives as many");
    require(a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(HopMeter::Hop)) == 0,
            "hops: any cut gives the same figures");
}

}  // namespace

void fuzz_meters(Reader in) {
    const double rate = sample_rate(in);
    const bool hops = in.flag();
    const int channels = 1 + in.below(hops ? 2 : LoudnessMeter::max_channels);
    Buffer audio = audio_of(in, channels, in.below(6000));
    if (hops) {
        fuzz_hops(in, rate, audio, channels);
    } else {
        fuzz_loudness(in, rate, audio, channels);
    }
}

}  // namespace smartmix::fuzz
