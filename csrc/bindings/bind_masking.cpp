#include <algorithm>
#include <cmath>

#include "bindings/array.hpp"
#include "dsp/ear.hpp"
#include "dsp/excitation.hpp"
#include "dsp/loudness_model.hpp"

namespace smartmix::bindings {
namespace {

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

const std::vector<dsp::EarChannel>& standard_ear() {
    static const std::vector<dsp::EarChannel> channels =
        dsp::design_ear_channels(dsp::standard_first_cam, dsp::standard_step_cam, dsp::standard_channels);
    return channels;
}

// Excitation of (sounds, components) powers by components at `hz`.
Doubles excitation_patterns(const Doubles& hz, const Doubles& powers) {
    if (hz.ndim() != 1 || powers.ndim() != 2 || powers.shape(1) != hz.shape(0)) {
        throw py::value_error("expected hz (components,) and powers (sounds, components), got shapes " + shape_text(hz) + " and " +
                              shape_text(powers));
    }
    for (py::ssize_t i = 0; i < hz.size(); ++i) {
        if (!(hz.data()[i] > 0.0) || !std::isfinite(hz.data()[i])) throw py::value_error("frequencies have to be above 0 Hz and finite");
    }
    for (py::ssize_t i = 0; i < powers.size(); ++i) {
        if (!(powers.data()[i] >= 0.0) || !std::isfinite(powers.data()[i])) throw py::value_error("powers have to be finite and not negative");
    }
    const auto as_span = [](const Doubles& a) { return std::span<const double>(a.data(), static_cast<std::size_t>(a.size())); };
    const std::vector<double> patterns = dsp::excitation_patterns(standard_ear(), {as_span(hz), as_span(powers)});
    Doubles out({powers.shape(0), static_cast<py::ssize_t>(dsp::standard_channels)});
    std::copy(patterns.begin(), patterns.end(), out.mutable_data());
    return out;
}

void check_pattern(const Doubles& pattern) {
    if (pattern.ndim() == 1 && pattern.shape(0) == dsp::standard_channels) return;
    throw py::value_error("expected an excitation pattern of shape (" + std::to_string(dsp::standard_channels) + ",), got " + shape_text(pattern));
}

// One value per channel of the standard grid.
template <class Value>
Doubles per_channel(const Value& value) {
    Doubles out(dsp::standard_channels);
    for (std::size_t c = 0; c < standard_ear().size(); ++c) out.mutable_data()[c] = value(standard_ear()[c], c);
    return out;
}

}  // namespace

void bind_masking(py::module_& module) {
    using dsp::EarChannel;
    module.def("ear_channels_hz", [] { return per_channel([](const EarChannel& e, std::size_t) { return e.hz; }); },
               "Centres of the channels of ANSI S3.4: 1.8 to 38.9 cam in steps of 0.1.");
    module.def("excitation_patterns", &excitation_patterns, py::arg("hz"), py::arg("powers"),
               "Excitation of each channel by each sound, powers re a 1 kHz tone of 0 dB SPL; the sum of the sounds shapes the filters.");
    module.def(
        "specific_loudness",
        [](const Doubles& excitation) {
            check_pattern(excitation);
            return per_channel([&](const EarChannel& e, std::size_t c) { return dsp::specific_loudness(e, excitation.data()[c]); });
        },
        py::arg("excitation"), "Sone per cam of each channel, both ears.");
    module.def(
        "partial_specific_loudness",
        [](const Doubles& signal, const Doubles& noise) {
            check_pattern(signal);
            check_pattern(noise);
            return per_channel([&](const EarChannel& e, std::size_t c) {
                return dsp::partial_specific_loudness(e, signal.data()[c], noise.data()[c]);
            });
        },
        py::arg("signal"), py::arg("noise"), "Sone per cam that is left of the signal beside the noise.");
    module.def(
        "masked_threshold",
        [](const Doubles& noise) {
            check_pattern(noise);
            return per_channel([&](const EarChannel& e, std::size_t c) { return dsp::masked_threshold(e, noise.data()[c]); });
        },
        py::arg("noise"), "Excitation a signal needs in each channel to be just heard beside the noise.");
    module.def("phon_of_sone", py::vectorize(&dsp::phon_of_sone), py::arg("sone"), "Level of the 1 kHz tone as loud as that, phon.");
    module.def("sone_of_phon", py::vectorize(&dsp::sone_of_phon), py::arg("phon"), "Loudness of a 1 kHz tone, sone.");
}

}  // namespace smartmix::bindings
