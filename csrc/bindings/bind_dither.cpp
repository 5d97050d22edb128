#include "bindings/array.hpp"
#include "dsp/noise_shaper.hpp"

namespace smartmix::bindings {
namespace {

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

constexpr py::ssize_t most_taps = 64;
constexpr int most_channels = 64;

dsp::NoiseShaper made(const Doubles& taps, int channels) {
    if (taps.ndim() != 1 || taps.size() > most_taps) {
        throw py::value_error("taps: expected up to 64 numbers, got shape " + shape_text(taps));
    }
    if (channels < 1 || channels > most_channels) throw py::value_error("channels: expected 1 to 64");
    double sum = 0.0;
    for (py::ssize_t i = 0; i < taps.size(); ++i) sum += std::abs(taps.data()[i]);
    if (!(sum < 1e3)) throw py::value_error("taps: a value that is not finite, or too large");
    return {std::vector<double>(taps.data(), taps.data() + taps.size()), channels};
}

py::array_t<std::int32_t> quantised(dsp::NoiseShaper& shaper, int channels, const Doubles& exact, const Doubles& noise, double full_scale) {
    if (exact.ndim() != 2 || exact.shape(1) != channels || noise.ndim() != 2 || noise.shape(0) != exact.shape(0) ||
        noise.shape(1) != channels) {
        throw py::value_error("expected exact and noise (frames, channels), got " + shape_text(exact) + " and " + shape_text(noise));
    }
    if (!(full_scale >= 2.0 && full_scale <= 1073741824.0)) throw py::value_error("full_scale: expected 2 to 2**30");
    py::array_t<std::int32_t> codes({exact.shape(0), exact.shape(1)});
    std::int32_t* out = codes.mutable_data();
    const double *in = exact.data(), *dither = noise.data();
    const auto frames = static_cast<std::size_t>(exact.shape(0));
    py::gil_scoped_release released;
    shaper.quantise(in, dither, out, frames, full_scale);
    return codes;
}

struct Shaper {
    Shaper(const Doubles& taps, int count) : shaper(made(taps, count)), channels(count) {}
    dsp::NoiseShaper shaper;
    int channels;
};

}  // namespace

void bind_dither(py::module_& module) {
    py::class_<Shaper>(module, "NoiseShaper", "Rounding to whole numbers, its error filtered by 1 + taps[0] z^-1 + ...")
        .def(py::init<const Doubles&, int>(), py::arg("taps"), py::arg("channels"))
        .def("quantise", [](Shaper& self, const Doubles& exact, const Doubles& noise, double full_scale) {
            return quantised(self.shaper, self.channels, exact, noise, full_scale);
        }, py::arg("exact"), py::arg("noise"), py::arg("full_scale"),
             "Whole numbers (frames, channels) of samples in steps, with dither `noise` in steps; goes on from call to call.")
        .def_property_readonly("clipped", [](const Shaper& self) { return self.shaper.clipped(); });
}

}  // namespace smartmix::bindings
