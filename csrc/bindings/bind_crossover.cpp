#include <pybind11/stl.h>

#include <algorithm>
#include <vector>

#include "bindings/array.hpp"
#include "core/denormals.hpp"
#include "dsp/crossover.hpp"
#include "dsp/dynamics.hpp"

namespace smartmix::bindings {
namespace {

// A crossover at fixed frequencies, for devices that run on bands of the sound.
class BandSplitter {
public:
    BandSplitter(double sample_rate, int channels, const std::vector<double>& hz)
        : channels_(channels), bands_(static_cast<int>(hz.size()) + 1) {
        if (!(sample_rate >= 8000.0 && sample_rate <= 384000.0)) throw py::value_error("sample_rate: expected 8000 to 384000");
        if (channels < 1 || channels > most_channels) throw py::value_error("channels: expected 1 to 64");
        if (hz.empty() || hz.size() > dsp::Crossover::most_splits) throw py::value_error("hz: expected 1 to 3 frequencies");
        crossover_.prepare(sample_rate, channels);
        crossover_.set_bands(bands_);
        double below = 0.0;
        for (int i = 0; i + 1 < bands_; ++i) {
            const double at = hz[static_cast<std::size_t>(i)];
            if (!(at >= lowest_hz && at <= 0.45 * sample_rate && at >= third * below)) {
                throw py::value_error("hz: expected frequencies from 20 to 0.45 of the sample rate, each at least a third of an "
                                      "octave over the one before");
            }
            crossover_.move_hz(i, at, 0);
            below = at;
        }
    }

    void reset() noexcept { crossover_.clear(); }

    FloatArray process(const py::array& samples) {
        FloatArray in = checked_samples(samples, channels_);
        const py::ssize_t frames = in.shape(1);
        FloatArray out({static_cast<py::ssize_t>(bands_), static_cast<py::ssize_t>(channels_), frames});
        const float* from = in.data();
        float* to = out.mutable_data();
        const py::gil_scoped_release released;
        const DenormalGuard guard;
        run(from, to, static_cast<int>(frames));
        return out;
    }

private:
    static constexpr int most_channels = 64;
    static constexpr double lowest_hz = 20.0, third = 1.2599;

    void run(const float* from, float* to, int frames) noexcept {
        std::vector<float*> in(static_cast<std::size_t>(channels_));
        std::vector<float*> bands(static_cast<std::size_t>(bands_ * channels_));
        for (int at = 0; at < frames; at += dsp::longest_cell_frames) {
            const int count = std::min(dsp::longest_cell_frames, frames - at);
            for (int c = 0; c < channels_; ++c) {
                in[static_cast<std::size_t>(c)] = const_cast<float*>(from) + static_cast<std::ptrdiff_t>(c) * frames + at;
            }
            for (std::size_t row = 0; row < bands.size(); ++row) bands[row] = to + static_cast<std::ptrdiff_t>(row) * frames + at;
            crossover_.begin_cell(count);
            crossover_.split(BlockView{in.data(), channels_, count}, 0, count, bands.data());
            crossover_.advance(count);
        }
    }

    int channels_, bands_;
    dsp::Crossover crossover_;
};

}  // namespace

void bind_crossover(py::module_& module) {
    py::class_<BandSplitter>(module, "BandSplitter",
                             "Cuts audio into two to four bands by fourth-order Linkwitz-Riley crossovers: their sum is flat.")
        .def(py::init<double, int, std::vector<double>>(), py::arg("sample_rate"), py::arg("channels"), py::arg("hz"))
        .def("reset", &BandSplitter::reset, "Clear the memory of the filters.")
        .def("process", &BandSplitter::process, py::arg("samples"),
             "The bands (band, channel, frame) of samples (channel, frame), lowest first.");
}

}  // namespace smartmix::bindings
