#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>

#include "bindings/array.hpp"
#include "dsp/ear.hpp"
#include "dsp/excitation.hpp"
#include "dsp/loudness_model.hpp"
#include "meters/masking_meter.hpp"

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
        throw py::value_error("expected hz (components,) and powers (sounds, components), got shapes " + shape_text(hz) +
                              " and " + shape_text(powers));
    }
    for (py::ssize_t i = 0; i < hz.size(); ++i) {
        if (!(hz.data()[i] > 0.0) || !std::isfinite(hz.data()[i]))
            throw py::value_error("frequencies have to be above 0 Hz and finite");
    }
    for (py::ssize_t i = 0; i < powers.size(); ++i) {
        if (!(powers.data()[i] >= 0.0) || !std::isfinite(powers.data()[i]))
            throw py::value_error("powers have to be finite and not negative");
    }
    const auto as_span = [](const Doubles& a) {
        return std::span<const double>(a.data(), static_cast<std::size_t>(a.size()));
    };
    const std::vector<double> patterns = dsp::excitation_patterns(standard_ear(), {as_span(hz), as_span(powers)});
    Doubles out({powers.shape(0), static_cast<py::ssize_t>(dsp::standard_channels)});
    std::copy(patterns.begin(), patterns.end(), out.mutable_data());
    return out;
}

void check_pattern(const Doubles& pattern) {
    if (pattern.ndim() == 1 && pattern.shape(0) == dsp::standard_channels) return;
    throw py::value_error("expected an excitation pattern of shape (" + std::to_string(dsp::standard_channels) + ",), got " +
                          shape_text(pattern));
}

// One value per channel of the standard grid.
template <class Value>
Doubles per_channel(const Value& value) {
    Doubles out(dsp::standard_channels);
    for (std::size_t c = 0; c < standard_ear().size(); ++c) out.mutable_data()[c] = value(standard_ear()[c], c);
    return out;
}

// One thread at a time, with the GIL released while it measures.
class GuardedMaskingMeter {
public:
    GuardedMaskingMeter(double sample_rate, const std::vector<int>& channels, double full_scale_db_spl)
        : channels_(channels), meter_(sample_rate, channels, full_scale_db_spl) {}

    void process(const std::vector<py::array>& tracks) {
        if (tracks.size() != channels_.size()) {
            throw py::value_error("expected " + std::to_string(channels_.size()) + " tracks, got " +
                                  std::to_string(tracks.size()));
        }
        std::vector<FloatArray> held;
        std::vector<const float*> heads;
        for (std::size_t t = 0; t < tracks.size(); ++t) {
            held.push_back(checked_samples(tracks[t], channels_[t], "track " + std::to_string(t) + ": "));
            if (held[t].shape(1) != held[0].shape(1)) throw py::value_error("tracks of one block have to be equally long");
            for (const float* head : rows<const float>(held[t], held[t].data())) heads.push_back(head);
        }
        const py::ssize_t frames = held[0].shape(1);
        const InUse in_use(flag_);
        const py::gil_scoped_release no_gil;
        meter_.process(heads.data(), frames);
    }

    void finish() {
        const InUse in_use(flag_);
        const py::gil_scoped_release no_gil;
        meter_.finish();
    }

    void reset() {
        const InUse in_use(flag_);
        meter_.reset();
    }

    // The cells that wait, each part an array of its own.
    py::dict take_cells() {
        const InUse in_use(flag_);
        const MaskingMeter::Layout& layout = meter_.layout();
        const auto cells = static_cast<std::size_t>(meter_.waiting());
        std::vector<float> table(cells * static_cast<std::size_t>(layout.floats));
        py::array_t<int> hops(static_cast<py::ssize_t>(cells));
        for (std::size_t c = 0; c < cells; ++c) {
            hops.mutable_data()[c] = meter_.take(table.data() + c * static_cast<std::size_t>(layout.floats));
        }
        const auto part = [&](int from, std::vector<py::ssize_t> shape) {
            py::ssize_t size = 1;
            for (const py::ssize_t length : shape) size *= length;
            shape.insert(shape.begin(), static_cast<py::ssize_t>(cells));
            FloatArray out(shape);
            for (std::size_t c = 0; c < cells; ++c) {
                const float* cell = table.data() + c * static_cast<std::size_t>(layout.floats) + from;
                std::copy_n(cell, size, out.mutable_data() + static_cast<py::ssize_t>(c) * size);
            }
            return out;
        };
        const py::ssize_t n = meter_.tracks(), bands = MaskingMeter::bands;
        py::dict parts;
        parts["hops"] = hops;
        parts["excitation"] = part(layout.excitation, {n, bands});
        parts["covering"] = part(layout.covering, {n, bands});
        parts["alone"] = part(layout.alone, {n, bands});
        parts["beside_all"] = part(layout.beside_all, {n, bands});
        parts["beside"] = part(layout.beside, {n, n, bands});
        parts["freed"] = part(layout.freed, {n, n, bands});
        parts["integrated"] = part(layout.integrated, {n, 4});
        return parts;
    }

    const MaskingMeter& inner() const { return meter_; }

private:
    std::vector<int> channels_;
    MaskingMeter meter_;
    std::atomic_flag flag_;
};

Doubles masking_band_edges_hz() {
    Doubles edges(MaskingMeter::bands + 1);
    for (int e = 0; e <= MaskingMeter::bands; ++e) edges.mutable_data()[e] = MaskingMeter::band_edge_hz(e);
    return edges;
}

}  // namespace

void bind_masking(py::module_& module) {
    using dsp::EarChannel;
    module.def(
        "ear_channels_hz", [] { return per_channel([](const EarChannel& e, std::size_t) { return e.hz; }); },
        "Centres of the channels of ANSI S3.4: 1.8 to 38.9 cam in steps of 0.1.");
    module.def("excitation_patterns", &excitation_patterns, py::arg("hz"), py::arg("powers"),
               "Excitation of each channel by each sound, powers re a 1 kHz tone of 0 dB SPL; the sum of the sounds shapes "
               "the filters.");
    module.def(
        "specific_loudness",
        [](const Doubles& excitation) {
            check_pattern(excitation);
            return per_channel(
                [&](const EarChannel& e, std::size_t c) { return dsp::specific_loudness(e, excitation.data()[c]); });
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
    py::class_<GuardedMaskingMeter>(module, "MaskingMeter", "How loud tracks are alone, beside all others, and beside each.")
        .def(py::init<double, const std::vector<int>&, double>(), py::arg("sample_rate"), py::arg("channels"),
             py::arg("full_scale_db_spl"))
        .def("process", &GuardedMaskingMeter::process, py::arg("tracks"))
        .def("finish", &GuardedMaskingMeter::finish)
        .def("reset", &GuardedMaskingMeter::reset)
        .def("take_cells", &GuardedMaskingMeter::take_cells)
        .def_property_readonly("lost_cells", [](const GuardedMaskingMeter& self) { return self.inner().lost_cells(); });
    module.attr("MASKING_HOP") = masking_hop;
    module.attr("MASKING_CELL_HOPS") = MaskingMeter::cell_hops;
    module.attr("MASKING_KEPT_CELLS") = MaskingMeter::kept_cells;
    module.attr("MASKING_LATENCY_FRAMES") = masking_latency_frames;
    module.def("masking_band_edges_hz", &masking_band_edges_hz,
               "Edges of the 40 bands of a MaskingMeter, equally wide in cams.");
    module.def("phon_of_sone", py::vectorize(&dsp::phon_of_sone), py::arg("sone"),
               "Level of the 1 kHz tone as loud as that, phon.");
    module.def("sone_of_phon", py::vectorize(&dsp::sone_of_phon), py::arg("phon"), "Loudness of a 1 kHz tone, sone.");
}

}  // namespace smartmix::bindings
