#include <pybind11/stl.h>

#include <map>
#include <optional>

#include "bindings/array.hpp"
#include "engine/strip_bank.hpp"

namespace smartmix::bindings {
namespace {

// Strip and what of it listens ("dynamic_eq.band1" ... "compressor"), to the number of a key.
using Listeners = std::map<std::pair<int, std::string>, int>;

std::vector<StripKeying> keying_of(const Listeners& listeners, std::size_t strips) {
    std::vector<StripKeying> keying(listeners.empty() ? 0 : strips);
    for (const auto& [who, key] : listeners) {
        const auto& [strip, part] = who;
        if (strip < 0 || strip >= static_cast<int>(strips)) {
            throw py::index_error("listeners: strip " + std::to_string(strip) + ": the bank has " + std::to_string(strips) +
                                  " strips, counted from 0");
        }
        StripKeying& of_strip = keying[static_cast<std::size_t>(strip)];
        int* place = part == "compressor" ? &of_strip.compressor : nullptr;
        for (std::size_t b = 0; b < of_strip.bands.size(); ++b) {
            if (part == "dynamic_eq.band" + std::to_string(b + 1)) place = &of_strip.bands[b];
        }
        if (place == nullptr) {
            throw py::value_error("listeners: \"" + part + "\" listens to no key: expected dynamic_eq.band1 to dynamic_eq.band" +
                                  std::to_string(of_strip.bands.size()) + " or compressor");
        }
        *place = key;
    }
    return keying;
}

// A strip bank as Python sees it.
class Bank {
public:
    Bank(double sample_rate, const std::vector<int>& channels, const std::optional<std::vector<bool>>& dynamics,
         int sends, int threads, int tile_frames, const std::vector<int>& keys, const Listeners& listeners)
        : bank_(sample_rate, channels, dynamics.value_or(std::vector<bool>()), sends, {threads, tile_frames},
                {keys, keying_of(listeners, channels.size())}) {}

    const std::vector<ParameterInfo>& parameters() const { return bank_.parameters(); }
    int strip_count() const { return bank_.strip_count(); }
    int latency_frames() const { return bank_.latency_frames(); }
    int threads() const { return bank_.threads(); }
    int index_of(const std::string& id) const { return find_parameter(bank_.parameters(), id, "strip bank"); }

    double get(int strip, const std::string& id) const {
        check_strip(strip);
        return bank_.parameter(strip, index_of(id));
    }

    void set(int strip, const std::string& id, double value) {
        const InUse in_use(flag_);
        check_strip(strip);
        const int index = index_of(id);
        refused_as_value_error(strip_text(strip), [&] { bank_.set_parameter(strip, index, value); });
    }

    py::dict reduction(int strip) {
        const InUse in_use(flag_);
        check_strip(strip);
        const StripReductions reductions = bank_.reduction(strip);
        py::dict of_strip;
        of_strip["dynamic_eq"] = reduction_dict(reductions.dynamic_eq);
        of_strip["de_esser"] = reduction_dict(reductions.de_esser);
        of_strip["compressor"] = reduction_dict(reductions.compressor);
        return of_strip;
    }

    void reset() {
        const InUse in_use(flag_);
        bank_.reset();
    }

    double response_db(int strip, double hz) const { return bank_.response_db(strip, hz); }

    void check_strip(int strip) const {
        if (strip < 0 || strip >= bank_.strip_count()) {
            throw py::index_error(strip_text(strip) + "the bank has " +
                                  std::to_string(bank_.strip_count()) + " strips, counted from 0");
        }
    }

    py::array process(const py::list& inputs, const py::object& frames, const py::object& strips,
                      const py::object& params, const py::object& values, const py::object& ramp_frames,
                      const py::object& before_fader, const py::object& keys, bool exact) {
        const std::vector<FloatArray> arrays = checked_inputs(inputs);
        const int block = arrays.empty() ? 0 : static_cast<int>(arrays[0].shape(1));
        const std::vector<FloatArray> heard = checked_keys(keys, block);
        const std::vector<std::vector<const float*>> heads_of_keys = heads_of(heard);
        std::vector<const float* const*> heads_by_key;
        for (const auto& key : heads_of_keys) heads_by_key.push_back(key.data());
        const std::vector<StripEvent> events = strip_events(frames, strips, params, values, ramp_frames, block);
        const std::vector<std::vector<const float*>> heads = heads_of(arrays);
        std::vector<const float* const*> inputs_of_strips;
        for (const auto& strip : heads) inputs_of_strips.push_back(strip.data());
        std::vector<FloatArray> taken;
        const std::vector<std::vector<float*>> taps = heads_of_taps(before_fader, taken, block);
        std::vector<float* const*> taps_of_strips;
        for (const auto& strip : taps) taps_of_strips.push_back(strip.empty() ? nullptr : strip.data());
        StripOutput output;
        output.before_fader = taps_of_strips.empty() ? nullptr : taps_of_strips.data();
        if (exact) {
            return run<double>(block, {inputs_of_strips.data(), heads_by_key.data()}, events, output, &StripOutput::exact);
        }
        return run<float>(block, {inputs_of_strips.data(), heads_by_key.data()}, events, output, &StripOutput::rounded);
    }

private:
    static std::vector<std::vector<const float*>> heads_of(const std::vector<FloatArray>& arrays) {
        std::vector<std::vector<const float*>> heads;
        for (const FloatArray& array : arrays) heads.push_back(rows(array, array.data()));
        return heads;
    }

    // The rows of the arrays given for what strips have before their fader; `taken` keeps the arrays alive.
    std::vector<std::vector<float*>> heads_of_taps(const py::object& before_fader, std::vector<FloatArray>& taken,
                                                   int block) const {
        std::vector<std::vector<float*>> heads;
        if (before_fader.is_none()) return heads;
        const py::list given = before_fader.cast<py::list>();
        if (static_cast<int>(given.size()) != bank_.strip_count()) {
            throw py::value_error("before_fader: expected an array or None per strip (" +
                                  std::to_string(bank_.strip_count()) + "), got " + std::to_string(given.size()));
        }
        for (std::size_t s = 0; s < given.size(); ++s) {
            heads.emplace_back();
            if (given[s].is_none()) continue;
            taken.push_back(checked_samples(given[s].cast<py::array>(), bank_.channels(static_cast<int>(s))));
            if (taken.back().shape(1) != block) {
                throw py::value_error("before_fader: strip " + std::to_string(s) + " has " +
                                      std::to_string(taken.back().shape(1)) + " frames, the block has " +
                                      std::to_string(block));
            }
            heads.back() = rows(taken.back(), taken.back().mutable_data());
        }
        return heads;
    }

    template <class T>
    py::array run(int block, const StripInputs& inputs, const std::vector<StripEvent>& events, StripOutput output,
                  T* const* StripOutput::* where) {
        py::array_t<T> sums({static_cast<py::ssize_t>(bank_.output_channels()), static_cast<py::ssize_t>(block)});
        const std::vector<T*> heads = rows(sums, sums.mutable_data());
        output.*where = heads.data();
        const InUse in_use(flag_);
        {
            const py::gil_scoped_release no_gil;
            bank_.process(inputs.strips, events, output, block, inputs.keys);
        }
        return sums;
    }
    static std::string strip_text(int strip) { return "strip " + std::to_string(strip) + ": "; }

    static py::dict reduction_dict(const Reduction& reduction) {
        py::dict figures;
        figures["max_db"] = reduction.max_db;
        figures["mean_db"] = reduction.mean_db;
        return figures;
    }

    std::vector<FloatArray> checked_inputs(const py::list& inputs) const {
        if (static_cast<int>(inputs.size()) != bank_.strip_count()) {
            throw py::value_error("expected one array per strip (" + std::to_string(bank_.strip_count()) + "), got " +
                                  std::to_string(inputs.size()));
        }
        std::vector<FloatArray> arrays;
        for (std::size_t s = 0; s < inputs.size(); ++s) {
            const int strip = static_cast<int>(s);
            arrays.push_back(checked_samples(inputs[s].cast<py::array>(), bank_.channels(strip), strip_text(strip)));
            if (arrays[s].shape(1) != arrays[0].shape(1)) {
                throw py::value_error("strip " + std::to_string(s) + " has " + std::to_string(arrays[s].shape(1)) +
                                      " frames, strip 0 has " + std::to_string(arrays[0].shape(1)) +
                                      ": all must be of one length");
            }
        }
        return arrays;
    }

    std::vector<FloatArray> checked_keys(const py::object& keys, int block) const {
        const py::list given = keys.is_none() ? py::list() : keys.cast<py::list>();
        const std::vector<int>& channels = bank_.key_channels();
        if (given.size() != channels.size()) {
            throw py::value_error("keys: expected one array per key (" + std::to_string(channels.size()) + "), got " +
                                  std::to_string(given.size()));
        }
        std::vector<FloatArray> arrays;
        for (std::size_t k = 0; k < given.size(); ++k) {
            const std::string text = "key " + std::to_string(k) + ": ";
            arrays.push_back(checked_samples(given[k].cast<py::array>(), channels[k], text));
            if (arrays[k].shape(1) != block) {
                throw py::value_error(text + std::to_string(arrays[k].shape(1)) + " frames, the block has " +
                                      std::to_string(block));
            }
        }
        return arrays;
    }

    std::vector<StripEvent> strip_events(const py::object& frames, const py::object& strips, const py::object& params,
                                         const py::object& values, const py::object& ramp_frames, int block) const {
        const std::vector<ParamEvent> events =
            checked_events(frames, params, values, ramp_frames, block, bank_.parameters());
        const auto strip = column<std::int32_t>(strips, "strips");
        check_entries("strips", strip.size(), events.size());
        std::vector<StripEvent> out(events.size());
        for (std::size_t i = 0; i < events.size(); ++i) {
            out[i] = {events[i], strip.data()[i]};
            check_strip(out[i].strip);
        }
        return out;
    }

    StripBank bank_;
    std::atomic_flag flag_;
};

}  // namespace

void bind_engine(py::module_& module) {
    py::class_<Bank>(module, "StripBank", "Many tracks to one stereo sum and the sums of their sends: trim, equaliser, dynamic EQ,\n"
                           "de-esser, compressor, fader, width, pan each.")
        .def(py::init<double, const std::vector<int>&, const std::optional<std::vector<bool>>&, int, int, int,
                      const std::vector<int>&, const Listeners&>(),
             py::arg("sample_rate"), py::arg("channels"), py::arg("dynamics") = py::none(), py::arg("sends") = 0,
             py::kw_only(), py::arg("threads") = 1, py::arg("tile_frames") = 0,
             py::arg("keys") = std::vector<int>(), py::arg("listeners") = Listeners())
        .def("parameters", &Bank::parameters)
        .def("parameter_index", &Bank::index_of)
        .def("get", &Bank::get)
        .def("set", &Bank::set)
        .def("reset", &Bank::reset)
        .def("reduction", &Bank::reduction, py::arg("strip"))
        .def_property_readonly("strip_count", &Bank::strip_count)
        .def_property_readonly("latency_frames", &Bank::latency_frames)
        .def_property_readonly("threads", &Bank::threads)
        .def("process", &Bank::process, py::arg("inputs"), py::arg("frames") = py::none(),
             py::arg("strips") = py::none(), py::arg("params") = py::none(), py::arg("values") = py::none(),
             py::arg("ramp_frames") = py::none(), py::kw_only(), py::arg("before_fader") = py::none(),
             py::arg("keys") = py::none(), py::arg("exact") = false)
        .def(
            "response_db",
            [](const Bank& self, int strip, const py::array_t<double, py::array::c_style | py::array::forcecast>& hz) {
                self.check_strip(strip);
                return response_of(hz, [&](double at) { return self.response_db(strip, at); });
            },
            py::arg("strip"), py::arg("hz"));
}

}  // namespace smartmix::bindings
