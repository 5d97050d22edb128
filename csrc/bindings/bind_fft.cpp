#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <complex>
#include <memory>
#include <vector>

#include "bindings/array.hpp"
#include "dsp/band_powers.hpp"
#include "dsp/fir_design.hpp"
#include "dsp/real_fft.hpp"

namespace smartmix::bindings {
namespace {

using ComplexArray = py::array_t<std::complex<float>, py::array::c_style>;

// The tables of each size are made once, by whoever asks first; the GIL stands before it.
const dsp::RealFft& transform_of(int size) {
    static std::array<std::unique_ptr<dsp::RealFft>, 32> made;
    auto& place = made[static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(size)))];
    if (!place || place->size() != size) place = std::make_unique<dsp::RealFft>(size);
    return *place;
}

const dsp::RealFft& checked_transform(const py::array& array, py::ssize_t size, const char* expected) {
    if (array.ndim() != 2) throw py::value_error("expected " + std::string(expected) + ", got shape " + shape_text(array));
    if (size < dsp::RealFft::smallest || size > dsp::RealFft::largest ||
        !std::has_single_bit(static_cast<unsigned long>(size))) {
        throw py::value_error("transform of " + std::to_string(size) + " samples: expected a power of two from " +
                              std::to_string(dsp::RealFft::smallest) + " to " + std::to_string(dsp::RealFft::largest));
    }
    return transform_of(static_cast<int>(size));
}

ComplexArray rfft(const py::array& samples) {
    const dsp::RealFft& fft = checked_transform(samples, samples.ndim() == 2 ? samples.shape(1) : 0,
                                                "an array (batch, samples)");
    if (!py::isinstance<FloatArray>(samples)) throw py::value_error("expected C-ordered float32 samples");
    const auto given = py::reinterpret_borrow<FloatArray>(samples);
    ComplexArray spectra({samples.shape(0), static_cast<py::ssize_t>(fft.bins())});
    const auto from = rows<const float>(given, given.data());
    const auto to = rows<std::complex<float>>(spectra, spectra.mutable_data());
    std::vector<float*> parts;
    for (std::complex<float>* row : to) parts.push_back(reinterpret_cast<float*>(row));
    const py::gil_scoped_release released;
    dsp::RealFft::Work work(fft);
    fft.forward_rows(from.data(), parts.data(), static_cast<int>(from.size()), work);
    return spectra;
}

FloatArray irfft(const py::array& spectra) {
    const dsp::RealFft& fft = checked_transform(spectra, spectra.ndim() == 2 ? 2 * (spectra.shape(1) - 1) : 0,
                                                "an array (batch, size / 2 + 1)");
    if (!py::isinstance<ComplexArray>(spectra)) throw py::value_error("expected C-ordered complex64 spectra");
    const auto given = py::reinterpret_borrow<ComplexArray>(spectra);
    FloatArray samples({spectra.shape(0), static_cast<py::ssize_t>(fft.size())});
    std::vector<const float*> from;
    for (const std::complex<float>* row : rows<const std::complex<float>>(given, given.data())) {
        from.push_back(reinterpret_cast<const float*>(row));
    }
    const auto to = rows<float>(samples, samples.mutable_data());
    const py::gil_scoped_release released;
    dsp::RealFft::Work work(fft);
    fft.inverse_rows(from.data(), to.data(), static_cast<int>(from.size()), work);
    return samples;
}

py::array_t<float> fir_taps(const py::array_t<float, py::array::c_style | py::array::forcecast>& magnitude, int taps,
                            bool minimum_phase) {
    if (magnitude.ndim() != 1 || magnitude.size() < 2) {
        throw py::value_error("magnitude: expected grid / 2 + 1 values, got shape " + shape_text(magnitude));
    }
    for (py::ssize_t k = 0; k < magnitude.size(); ++k) {
        if (!(magnitude.data()[k] >= 0.0F && magnitude.data()[k] <= 1e6F)) {
            throw py::value_error("magnitude: expected values from 0 to 1e6");
        }
    }
    return refused_as_value_error("", [&] {
        dsp::FirDesign design(taps, static_cast<int>(2 * (magnitude.size() - 1)));
        py::array_t<float> made(taps);
        if (minimum_phase) {
            design.minimum_phase(magnitude.data(), made.mutable_data());
        } else {
            design.linear_phase(magnitude.data(), made.mutable_data());
        }
        return made;
    });
}

struct Bands {
    Bands(int size, const std::vector<double>& edges, int parts, double taper)
        : powers(refused_as_value_error("", [&] { return std::make_unique<dsp::BandPowers>(size, edges, parts, taper); })) {}
    std::unique_ptr<dsp::BandPowers> powers;
    std::atomic_flag used;
};

py::array_t<double> windows_of(const std::vector<double>& found, const dsp::BandPowers& powers) {
    const py::ssize_t parts = powers.parts(), bands = powers.bands();
    py::array_t<double> out({static_cast<py::ssize_t>(found.size()) / (parts * bands), parts, bands});
    std::copy(found.begin(), found.end(), out.mutable_data());
    return out;
}

py::array_t<double> taken(Bands& self, const py::array& samples) {
    const int channels = samples.ndim() == 2 && samples.shape(0) == 2 ? 2 : 1;
    const FloatArray given = checked_samples(samples, channels);
    const float* left = given.data();
    const float* right = channels == 2 ? left + given.shape(1) : nullptr;
    std::vector<double> found;
    const InUse in_use(self.used);
    {
        const py::gil_scoped_release released;
        self.powers->process(left, right, static_cast<int>(given.shape(1)), found);
    }
    return windows_of(found, *self.powers);
}

py::array_t<double> rest(Bands& self) {
    std::vector<double> found;
    const InUse in_use(self.used);
    self.powers->finish(found);
    return windows_of(found, *self.powers);
}

}  // namespace

void bind_fft(py::module_& module) {
    module.def("rfft", &rfft, py::arg("samples"),
               "Spectra (batch, n / 2 + 1) complex64 of real rows (batch, n) float32; n a power of two, 32 to 131072.");
    module.def("irfft", &irfft, py::arg("spectra"), "Real rows (batch, n) of spectra (batch, n / 2 + 1), scaled by 1 / n.");
    module.def("fir_taps", &fir_taps, py::arg("magnitude"), py::arg("taps"), py::arg("minimum_phase") = false,
               "FIR taps from a magnitude on grid / 2 + 1 frequencies (numpy's rfftfreq); linear phase is symmetric about\n"
               "taps / 2. The grid is a size of rfft and at least as long as the taps.");
    py::class_<Bands>(module, "BandPowers",
                      "Mean square of middle and side in bands, of tapered windows side by side (taper 1: Hann); any cut gives\n"
                      "the same bits.")
        .def(py::init<int, const std::vector<double>&, int, double>(), py::arg("size"), py::arg("edges"), py::arg("parts"),
             py::arg("taper") = 1.0)
        .def("process", &taken, py::arg("samples"),
             "Powers (windows, parts, bands) of the windows that the next samples (1 or 2 channels) fill.")
        .def("finish", &rest, "The window that is begun, filled up with silence.");
}

}  // namespace smartmix::bindings
