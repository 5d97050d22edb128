#include <pybind11/stl.h>

#include "bindings/array.hpp"
#include "core/denormals.hpp"
#include "vst3/editor.hpp"
#include "vst3/plugin.hpp"
#include "vst3/probe.hpp"

namespace smartmix::bindings {
namespace {

// Texts come from strangers: what is no UTF-8 must not be an error.
py::str text(const std::string& bytes) {
    return py::reinterpret_steal<py::str>(
        PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace"));
}

py::dict parameter(const vst3::FoundParameter& p) {
    py::dict row;
    row["id"] = p.id;
    row["name"] = text(p.name);
    row["unit"] = text(p.unit);
    row["steps"] = p.steps;
    row["default_normalised"] = p.default_normalised;
    row["low"] = p.low;
    row["high"] = p.high;
    row["default"] = p.default_plain;
    row["low_text"] = text(p.low_text);
    row["high_text"] = text(p.high_text);
    row["default_text"] = text(p.default_text);
    row["automatable"] = p.automatable;
    row["read_only"] = p.read_only;
    row["hidden"] = p.hidden;
    row["is_list"] = p.is_list;
    row["is_bypass"] = p.is_bypass;
    row["is_program"] = p.is_program;
    return row;
}

py::list parameters(const std::vector<vst3::FoundParameter>& found) {
    py::list rows;
    for (const auto& each : found) rows.append(parameter(each));
    return rows;
}

py::list buses(const std::vector<vst3::FoundBus>& found) {
    py::list rows;
    for (const auto& bus : found) {
        py::dict row;
        row["name"] = text(bus.name);
        row["channels"] = bus.channels;
        row["main"] = bus.main;
        rows.append(row);
    }
    return rows;
}

py::dict facts(const vst3::ClassFacts& found) {
    py::dict row;
    row["class_id"] = text(found.class_id);
    row["name"] = text(found.name);
    row["vendor"] = text(found.vendor);
    row["version"] = text(found.version);
    row["sdk"] = text(found.sdk);
    row["categories"] = text(found.categories);
    return row;
}

py::list probe(const std::string& library, double sample_rate) {
    std::vector<vst3::FoundPlugin> found;
    {
        const py::gil_scoped_release no_gil;
        const KeepFloatMode mode;
        found = vst3::probe(library, sample_rate);
    }
    py::list rows;
    for (const auto& each : found) {
        py::dict row = facts(each.facts);
        row["inputs"] = buses(each.inputs);
        row["outputs"] = buses(each.outputs);
        row["latency_frames"] = each.latency_frames;
        row["tail_frames"] = each.tail_frames;
        row["parameters"] = parameters(each.parameters);
        row["problem"] = text(each.problem);
        rows.append(row);
    }
    return rows;
}

// A plugin as Python sees it: one call at a time, and nothing it does holds the interpreter up.
class HostedPlugin {
public:
    HostedPlugin(const std::string& library, const std::string& class_id) {
        const py::gil_scoped_release no_gil;
        const KeepFloatMode mode;
        plugin_ = std::make_unique<vst3::Plugin>(library, class_id);
    }
    ~HostedPlugin() {
        const py::gil_scoped_release no_gil;
        const KeepFloatMode mode;
        editor_.reset();
        plugin_.reset();
    }

    template <class Call>
    auto with(const Call& call) {
        const InUse in_use(flag_);
        const py::gil_scoped_release no_gil;
        const KeepFloatMode mode;
        return call(*plugin_);
    }

    // Runs the audio in pieces that begin at `cuts` (rising, the first 0), none longer than prepared for. Row w of the
    // writes sets parameter ids[w] to values[w] (normalised) at the beginning of piece pieces[w]; `pieces` rises.
    // `in_place`: the samples given are written over, which spares memory that is handed over between processes a copy.
    FloatArray process(const py::array& samples, const py::object& cuts, const py::object& pieces, const py::object& ids,
                       const py::object& values, const py::object& side_chain, bool in_place) {
        if (!plugin_->prepared()) throw py::value_error("call prepare before process");
        const FloatArray input = checked_samples(samples, plugin_->channels());
        const auto cut = column<std::int32_t>(cuts, "cuts");
        const auto piece = column<std::int32_t>(pieces, "pieces");
        const auto id = column<std::uint32_t>(ids, "ids");
        const auto value = column<double>(values, "values");
        const int frames = static_cast<int>(input.shape(1));
        check(cut, piece, id.size(), value.size(), frames);
        FloatArray heard;
        if (side_chain.is_none() != (plugin_->side_chain_channels() == 0)) {
            throw py::value_error("side chain: not as prepared");
        }
        std::vector<float*> heard_heads;
        if (!side_chain.is_none()) {
            heard = checked_samples(side_chain.cast<py::array>(), plugin_->side_chain_channels(), "side_chain: ");
            if (heard.shape(1) != frames) throw py::value_error("side_chain: expected the frames of the samples");
            heard_heads = rows(heard, const_cast<float*>(heard.data()));
        }
        FloatArray output = in_place ? input : new_samples(input.shape(0), input.shape(1));
        std::vector<float*> heads = rows(output, output.mutable_data());
        const auto bytes = static_cast<std::size_t>(input.nbytes());
        const float* from = input.data();
        const Pieces plan{{cut.data(), static_cast<std::size_t>(cut.size())},
                          {piece.data(), static_cast<std::size_t>(piece.size())},
                          id.data(),
                          value.data()};
        const InUse in_use(flag_);
        {
            const py::gil_scoped_release no_gil;
            const KeepFloatMode mode;
            if (bytes > 0 && !in_place) std::memcpy(output.mutable_data(), from, bytes);
            run(heads, heard_heads, plan, frames);
        }
        return output;
    }

    void open_editor(const std::string& title) {
        with([&](vst3::Plugin& plugin) { editor_ = std::make_unique<vst3::Editor>(plugin, title); });
    }
    bool editor_turn(int longest_ms) {
        if (editor_ == nullptr) throw py::value_error("no editor is open");
        return with([&](vst3::Plugin&) { return editor_->turn(longest_ms); });
    }
    void close_editor() {
        with([&](vst3::Plugin&) { editor_.reset(); });
    }

    const vst3::Plugin& plugin() const { return *plugin_; }

private:
    struct Pieces {
        std::span<const std::int32_t> cuts;
        std::span<const std::int32_t> of_write;
        const std::uint32_t* ids;
        const double* values;
    };

    template <class Column>
    void check(const Column& cut, const Column& piece, py::ssize_t ids, py::ssize_t values, int frames) const {
        if (ids != piece.size() || values != piece.size()) throw py::value_error("writes: expected three columns of one length");
        if ((cut.size() > 0 && cut.data()[0] != 0) || (cut.size() == 0 && frames > 0)) {
            throw py::value_error("cuts: expected the first at frame 0");
        }
        for (py::ssize_t i = 0; i < cut.size(); ++i) {
            const int end = i + 1 < cut.size() ? cut.data()[i + 1] : frames;
            if (end <= cut.data()[i] || end - cut.data()[i] > plugin_->most_frames()) {
                throw py::value_error("cuts: expected rising frames, no more than " + std::to_string(plugin_->most_frames()) +
                                      " apart");
            }
        }
        for (py::ssize_t i = 0; i < piece.size(); ++i) {
            const bool rises = i == 0 || piece.data()[i] >= piece.data()[i - 1];
            if (!rises || piece.data()[i] < 0 || piece.data()[i] >= cut.size()) throw py::value_error("writes: out of order");
        }
    }

    void run(const std::vector<float*>& heads, const std::vector<float*>& heard, const Pieces& plan, int frames) {
        std::vector<float*> at(heads.size());
        std::vector<const float*> heard_at(heard.size());
        std::vector<vst3::Point> points;
        std::size_t write = 0;
        for (std::size_t p = 0; p < plan.cuts.size(); ++p) {
            const int first = plan.cuts[p];
            const int end = p + 1 < plan.cuts.size() ? plan.cuts[p + 1] : frames;
            for (std::size_t c = 0; c < heads.size(); ++c) at[c] = heads[c] + first;
            for (std::size_t c = 0; c < heard.size(); ++c) heard_at[c] = heard[c] + first;
            points.clear();
            for (; write < plan.of_write.size() && plan.of_write[write] == static_cast<std::int32_t>(p); ++write) {
                points.push_back({plan.ids[write], 0, plan.values[write]});
            }
            plugin_->process(at.data(), heard_at.empty() ? nullptr : heard_at.data(), points, end - first);
        }
    }

    std::unique_ptr<vst3::Plugin> plugin_;
    std::unique_ptr<vst3::Editor> editor_;
    std::atomic_flag flag_;
};

py::tuple state_of(HostedPlugin& self) {
    const vst3::State state = self.with([](vst3::Plugin& plugin) { return plugin.state(); });
    return py::make_tuple(py::bytes(state.component), py::bytes(state.controller));
}

py::array_t<double> to_normalised_many(HostedPlugin& self, std::uint32_t id,
                                       const py::array_t<double, py::array::c_style | py::array::forcecast>& plain) {
    py::array_t<double> out(plain.size());
    for (py::ssize_t i = 0; i < plain.size(); ++i) {
        out.mutable_data()[i] = self.plugin().to_normalised(id, plain.data()[i]);
    }
    return out;
}

}  // namespace

void bind_vst3(py::module_& module) {
    using vst3::Plugin;
    module.def("probe_vst3", &probe, py::arg("library"), py::arg("sample_rate") = 48000.0,
               "What is inside the library of a VST3 plugin, as it says itself: a list of dicts. The plugin runs in this\n"
               "process and may take it down: call it in one that may die. RuntimeError for what is no VST3 plugin.");

    py::class_<HostedPlugin>(module, "Vst3Plugin", "A VST3 effect in this process, by its library. RuntimeError for what it refuses.")
        .def(py::init<const std::string&, const std::string&>(), py::arg("library"), py::arg("class_id") = "")
        .def_property_readonly("facts", [](HostedPlugin& self) { return facts(self.plugin().facts()); })
        .def_property_readonly("inputs", [](HostedPlugin& self) { return buses(self.plugin().inputs()); })
        .def_property_readonly("outputs", [](HostedPlugin& self) { return buses(self.plugin().outputs()); })
        .def_property_readonly("parameters", [](HostedPlugin& self) { return parameters(self.plugin().parameters()); })
        .def("prepare",
             [](HostedPlugin& self, double sample_rate, int channels, int most_frames, int side_chain_channels) {
                 self.with([&](Plugin& p) { p.prepare(sample_rate, channels, most_frames, side_chain_channels); });
             },
             py::arg("sample_rate"), py::arg("channels"), py::arg("most_frames"), py::arg("side_chain_channels") = 0)
        .def("reset", [](HostedPlugin& self) { self.with([](Plugin& p) { p.reset(); }); })
        .def_property_readonly("latency_frames", [](HostedPlugin& self) { return self.plugin().latency_frames(); })
        .def_property_readonly("tail_frames", [](HostedPlugin& self) { return self.plugin().tail_frames(); })
        .def("process", &HostedPlugin::process, py::arg("samples"), py::arg("cuts"), py::arg("pieces") = py::none(),
             py::arg("ids") = py::none(), py::arg("values") = py::none(), py::arg("side_chain") = py::none(), py::arg("in_place") = false)
        .def("set", [](HostedPlugin& self, std::uint32_t id, double normalised) {
                self.with([&](Plugin& p) { p.set(id, normalised); });
            }, py::arg("parameter"), py::arg("normalised"))
        .def("get", [](HostedPlugin& self, std::uint32_t id) { return self.plugin().get(id); }, py::arg("parameter"))
        .def("to_plain", [](HostedPlugin& self, std::uint32_t id, double v) { return self.plugin().to_plain(id, v); },
             py::arg("parameter"), py::arg("normalised"))
        .def("to_normalised_many", &to_normalised_many, py::arg("parameter"), py::arg("plain"))
        .def("text", [](HostedPlugin& self, std::uint32_t id, double v) { return text(self.plugin().text(id, v)); },
             py::arg("parameter"), py::arg("normalised"))
        .def("open_editor", &HostedPlugin::open_editor, py::arg("title"),
             "Show the plugin's own window; RuntimeError where it has none, or there is no X11 display.")
        .def("editor_turn", &HostedPlugin::editor_turn, py::arg("longest_ms"),
             "Let the window live for so long; False once it was closed.")
        .def("close_editor", &HostedPlugin::close_editor)
        .def("state", &state_of, "The bytes of both halves: (component, controller).")
        .def("set_state", [](HostedPlugin& self, const py::bytes& component, const py::bytes& controller) {
                const vst3::State state{component, controller};
                self.with([&](Plugin& p) { p.set_state(state); });
            }, py::arg("component"), py::arg("controller"));
}

}  // namespace smartmix::bindings
