#include <pybind11/stl.h>

#include "bindings/array.hpp"
#include "processors/registry.hpp"

namespace smartmix::bindings {
namespace {

// A processor as Python sees it: with its name, and refusing to run before prepare.
class NamedProcessor {
public:
    explicit NamedProcessor(const std::string& name) : name_(name), processor_(make_named(name)) {}

    const std::string& name() const { return name_; }
    Processor& inner() { return *processor_; }

    void prepare(double sample_rate, int channels) {
        const InUse in_use(flag_);
        processor_->prepare({sample_rate, channels});
        channels_ = channels;
    }

    void reset() {
        const InUse in_use(flag_);
        processor_->reset();
    }

    void set(const std::string& id, double value) {
        const InUse in_use(flag_);
        const int index = index_of(id);
        try {
            processor_->set_parameter(index, value);
        } catch (const std::out_of_range& error) {
            throw py::value_error(name_ + "." + error.what());
        }
    }

    double get(const std::string& id) { return processor_->parameter(index_of(id)); }

    int index_of(const std::string& id) const { return find_parameter(processor_->parameters(), id, name_); }

    Reduction reduction() {
        const InUse in_use(flag_);
        return processor_->reduction();
    }

    FloatArray process(const py::array& samples, const py::object& frames, const py::object& params,
                       const py::object& values, const py::object& ramp_frames) {
        if (channels_ == 0) throw py::value_error(name_ + ": call prepare(sample_rate, channels) before process");
        const FloatArray input = checked_samples(samples, channels_);
        const std::vector<ParamEvent> events = checked_events(frames, params, values, ramp_frames,
                                                              static_cast<int>(input.shape(1)),
                                                              processor_->parameters());
        FloatArray output({input.shape(0), input.shape(1)});
        std::vector<float*> heads = rows(output, output.mutable_data());
        // Asked here: nbytes() is a call into Python, which the thread below has let go of.
        const auto bytes = static_cast<std::size_t>(input.nbytes());
        const float* from = input.data();
        const int block = static_cast<int>(input.shape(1));
        const InUse in_use(flag_);
        {
            const py::gil_scoped_release no_gil;
            std::memcpy(heads[0], from, bytes);
            processor_->process({heads.data(), channels_, block}, events);
        }
        return output;
    }

private:
    static std::unique_ptr<Processor> make_named(const std::string& name) {
        try {
            return make_processor(name);
        } catch (const std::out_of_range& error) {
            throw py::value_error(error.what());
        }
    }

    std::string name_;
    std::unique_ptr<Processor> processor_;
    int channels_ = 0;
    std::atomic_flag flag_;
};

[[noreturn]] void throw_not_implemented(const std::string& name, const std::logic_error& error) {
    PyErr_SetString(PyExc_NotImplementedError, (name + ": " + error.what()).c_str());
    throw py::error_already_set();
}

py::tuple reduction_db(NamedProcessor& self) {
    try {
        const Reduction reduction = self.reduction();
        return py::make_tuple(reduction.now_db, reduction.max_db, reduction.mean_db);
    } catch (const std::logic_error& error) {
        throw_not_implemented(self.name(), error);
    }
}

py::array_t<double> response_db(NamedProcessor& self,
                                const py::array_t<double, py::array::c_style | py::array::forcecast>& hz) {
    try {
        return response_of(hz, [&](double at) { return self.inner().response_db(at); });
    } catch (const std::logic_error& error) {
        throw_not_implemented(self.name(), error);
    }
}

}  // namespace

void bind_processors(py::module_& module) {
    py::class_<ParameterInfo>(module, "ParameterInfo", "One knob of a processor, with its plain unit and range.")
        .def_readonly("id", &ParameterInfo::id)
        .def_readonly("name", &ParameterInfo::name)
        .def_readonly("unit", &ParameterInfo::unit)
        .def_readonly("low", &ParameterInfo::low)
        .def_readonly("high", &ParameterInfo::high)
        .def_readonly("default", &ParameterInfo::default_value)
        .def_property_readonly("scale", [](const ParameterInfo& self) { return scale_name(self.scale); })
        .def_readonly("choices", &ParameterInfo::choices)
        .def("__repr__", [](const ParameterInfo& self) { return "<ParameterInfo " + self.id + ">"; });

    py::class_<NamedProcessor>(module, "Processor", "A native effect, by its registered name.")
        .def(py::init<const std::string&>(), py::arg("name"))
        .def_property_readonly("name", &NamedProcessor::name)
        .def("prepare", &NamedProcessor::prepare, py::arg("sample_rate"), py::arg("channels"))
        .def("reset", &NamedProcessor::reset)
        .def("process", &NamedProcessor::process, py::arg("samples"), py::arg("frames") = py::none(),
             py::arg("params") = py::none(), py::arg("values") = py::none(), py::arg("ramp_frames") = py::none())
        .def("parameters", [](NamedProcessor& self) { return self.inner().parameters(); })
        .def("parameter_index", &NamedProcessor::index_of)
        .def("get", &NamedProcessor::get)
        .def("set", &NamedProcessor::set)
        .def_property_readonly("latency_frames", [](NamedProcessor& self) { return self.inner().latency_frames(); })
        .def_property_readonly("tail_frames", [](NamedProcessor& self) { return self.inner().tail_frames(); })
        .def_property_readonly("reduction_db", &reduction_db)
        .def("response_db", &response_db, py::arg("hz"));

    module.def("processor_names", &processor_names, "Names of all native processors, sorted.");
}

}  // namespace smartmix::bindings
