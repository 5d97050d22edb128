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

    void prepare(double sample_rate, int channels, int side_chain_channels) {
        const InUse in_use(flag_);
        processor_->prepare({sample_rate, channels, side_chain_channels});
        channels_ = channels;
        side_chain_channels_ = side_chain_channels;
        traces_db_.assign(processor_->reduction_traces().size(), {});
    }

    void reset() {
        const InUse in_use(flag_);
        processor_->reset();
        for (auto& trace : traces_db_) trace.clear();
    }

    void set(const std::string& id, double value) {
        const InUse in_use(flag_);
        const int index = index_of(id);
        refused_as_value_error(name_ + ".", [&] { processor_->set_parameter(index, value); });
    }

    double get(const std::string& id) { return processor_->parameter(index_of(id)); }

    int index_of(const std::string& id) const { return find_parameter(processor_->parameters(), id, name_); }

    Reduction reduction() {
        const InUse in_use(flag_);
        return processor_->reduction();
    }

    // One row for each part that reduces: the deepest of each 1/rate_hz seconds since reset, what has begun of the last
    // one included.
    py::array_t<float> reduction_trace_db(int rate_hz) {
        const auto share = static_cast<std::size_t>(checked_trace_share(rate_hz));
        const InUse in_use(flag_);
        if (processor_->reducing_parts() == 0) static_cast<void>(processor_->reduction());  // throws
        std::vector<std::vector<float>> rows = traces_db_;
        for (std::size_t part = 0; part < rows.size(); ++part) {
            const dsp::ReductionTrace& trace = processor_->reduction_traces()[part];
            if (trace.open()) rows[part].push_back(trace.open_db());
        }
        const std::size_t cells = rows.empty() ? 0 : rows.front().size();
        py::array_t<float> deepest({static_cast<py::ssize_t>(processor_->reducing_parts()),
                                    static_cast<py::ssize_t>((cells + share - 1) / share)});
        std::fill_n(deepest.mutable_data(), deepest.size(), 0.0F);
        for (std::size_t part = 0; part < rows.size(); ++part) {
            for (std::size_t i = 0; i < cells; ++i) {
                float& db = deepest.mutable_at(part, i / share);
                db = std::max(db, rows[part][i]);
            }
        }
        return deepest;
    }

    std::vector<Reduction> part_reductions() {
        const InUse in_use(flag_);
        if (processor_->reducing_parts() == 0) static_cast<void>(processor_->reduction());  // throws
        std::vector<Reduction> parts;
        for (int part = 0; part < processor_->reducing_parts(); ++part) parts.push_back(processor_->reduction_of(part));
        return parts;
    }

    // Curves do not wait for a thread that processes: the lock of Python makes the callers of these take turns.
    py::array_t<float> read_curve(const std::string& id) {
        const std::span<const float> values = processor_->read_curve(curve_index_of(id));
        return py::array_t<float>(static_cast<py::ssize_t>(values.size()), values.data());
    }

    void write_curve(const std::string& id, const py::array_t<float, py::array::c_style | py::array::forcecast>& values) {
        const int index = curve_index_of(id);
        if (values.ndim() != 1) {
            throw py::value_error(name_ + "." + id + ": expected a row of numbers, got shape " + shape_text(values));
        }
        const std::span<const float> row(values.data(), static_cast<std::size_t>(values.size()));
        refused_as_value_error(name_ + ".", [&] { processor_->write_curve(index, row); });
    }

    FloatArray process(const py::array& samples, const py::object& frames, const py::object& params,
                       const py::object& values, const py::object& ramp_frames, const py::object& side_chain) {
        if (channels_ == 0) throw py::value_error(name_ + ": call prepare(sample_rate, channels) before process");
        const FloatArray input = checked_samples(samples, channels_);
        std::vector<ParamEvent> events = checked_events(frames, params, values, ramp_frames,
                                                        static_cast<int>(input.shape(1)),
                                                        processor_->parameters());
        std::vector<float> heard = copied_side_chain(side_chain, input.shape(1));
        FloatArray output = new_samples(input.shape(0), input.shape(1));
        std::vector<float*> heads = rows(output, output.mutable_data());
        const std::vector<const float*> from = rows<const float>(input, input.data());
        const int block = static_cast<int>(input.shape(1));
        std::vector<float*> heard_heads;
        for (int c = 0; c < side_chain_channels_; ++c) {
            heard_heads.push_back(heard.data() + static_cast<py::ssize_t>(c) * input.shape(1));
        }
        const InUse in_use(flag_);
        {
            const py::gil_scoped_release no_gil;
            run(from.data(), {heads.data(), channels_, block}, {heard_heads.data(), side_chain_channels_, block}, events);
        }
        return output;
    }

private:
    // It goes in pieces: short enough that what was just copied is still near, and that what reduces, which has fixed room
    // for its trace, can be asked for its cells after each.
    static constexpr int most_piece_samples = 65536;
    static constexpr int least_piece_frames = 1024;

    int curve_index_of(const std::string& id) const {
        try {
            return processor_->curve_index(id);
        } catch (const std::out_of_range&) {
            throw py::index_error(name_ + " has no curve '" + id + "'");
        }
    }

    void run(const float* const* from, BlockView io, BlockView side_chain, std::vector<ParamEvent>& events) {
        const int most = std::max(least_piece_frames, most_piece_samples / std::max(io.channel_count, 1));
        std::vector<float*> heads(io.channels, io.channels + io.channel_count);
        std::vector<float*> heard(side_chain.channels, side_chain.channels + side_chain.channel_count);
        auto event = events.begin();
        for (int first = 0; first < io.frames; first += most) {
            const int frames = std::min(most, io.frames - first);
            const auto begin = event;
            for (; event != events.end() && event->frame < first + frames; ++event) event->frame -= first;
            for (std::size_t c = 0; c < heads.size(); ++c) std::copy_n(from[c] + first, frames, heads[c]);
            processor_->process({heads.data(), io.channel_count, frames},
                                {heard.data(), side_chain.channel_count, frames}, std::span(begin, event));
            for (float*& head : heads) head += frames;
            for (float*& head : heard) head += frames;
            for (std::size_t part = 0; part < traces_db_.size(); ++part) {
                dsp::ReductionTrace& trace = processor_->reduction_traces()[part];
                for (float db = 0.0F; trace.take(db);) traces_db_[part].push_back(db);
            }
        }
    }

    // A copy, because a processor silences what is not finite in place. Empty without a side chain.
    std::vector<float> copied_side_chain(const py::object& side_chain, py::ssize_t frames) const {
        if (side_chain.is_none() != (side_chain_channels_ == 0)) {
            throw py::value_error(name_ + ": prepared for " + std::to_string(side_chain_channels_) +
                                  " side chain channels, got " + (side_chain.is_none() ? "none" : "some") +
                                  " in process");
        }
        if (side_chain.is_none()) return {};
        const FloatArray array = checked_samples(side_chain.cast<py::array>(), side_chain_channels_, "side_chain: ");
        if (array.shape(1) != frames) {
            throw py::value_error("side_chain: expected " + std::to_string(frames) + " frames like the samples, got " +
                                  std::to_string(array.shape(1)));
        }
        return {array.data(), array.data() + array.size()};
    }

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
    int side_chain_channels_ = 0;
    std::vector<std::vector<float>> traces_db_;  // of each part that reduces, ten values per second
    std::atomic_flag flag_;
};

[[noreturn]] void throw_not_implemented(const std::string& name, const std::logic_error& error) {
    PyErr_SetString(PyExc_NotImplementedError, (name + ": " + error.what()).c_str());
    throw py::error_already_set();
}

py::tuple to_tuple(const Reduction& reduction) {
    return py::make_tuple(reduction.now_db, reduction.max_db, reduction.mean_db);
}

py::tuple reduction_db(NamedProcessor& self) {
    try {
        return to_tuple(self.reduction());
    } catch (const std::logic_error& error) {
        throw_not_implemented(self.name(), error);
    }
}

std::vector<py::tuple> part_reductions_db(NamedProcessor& self) {
    try {
        std::vector<py::tuple> parts;
        for (const Reduction& reduction : self.part_reductions()) parts.push_back(to_tuple(reduction));
        return parts;
    } catch (const std::logic_error& error) {
        throw_not_implemented(self.name(), error);
    }
}

py::array_t<float> reduction_trace_db(NamedProcessor& self, int rate_hz) {
    try {
        return self.reduction_trace_db(rate_hz);
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

    py::class_<CurveInfo>(module, "CurveInfo", "A row of numbers kept with a processor's parameters.")
        .def_readonly("id", &CurveInfo::id)
        .def_readonly("name", &CurveInfo::name)
        .def_readonly("unit", &CurveInfo::unit)
        .def_readonly("length", &CurveInfo::length)
        .def_readonly("low", &CurveInfo::low)
        .def_readonly("high", &CurveInfo::high)
        .def_readonly("default", &CurveInfo::default_value)
        .def_readonly("writable", &CurveInfo::writable)
        .def("__repr__", [](const CurveInfo& self) { return "<CurveInfo " + self.id + ">"; });

    py::class_<NamedProcessor>(module, "Processor", "A native effect, by its registered name.")
        .def(py::init<const std::string&>(), py::arg("name"))
        .def_property_readonly("name", &NamedProcessor::name)
        .def("prepare", &NamedProcessor::prepare, py::arg("sample_rate"), py::arg("channels"),
             py::arg("side_chain_channels") = 0)
        .def("reset", &NamedProcessor::reset)
        .def("process", &NamedProcessor::process, py::arg("samples"), py::arg("frames") = py::none(),
             py::arg("params") = py::none(), py::arg("values") = py::none(), py::arg("ramp_frames") = py::none(),
             py::arg("side_chain") = py::none())
        .def("parameters", [](NamedProcessor& self) { return self.inner().parameters(); })
        .def("parameter_index", &NamedProcessor::index_of)
        .def("get", &NamedProcessor::get)
        .def("set", &NamedProcessor::set)
        .def("curves", [](NamedProcessor& self) { return self.inner().curves(); })
        .def("read_curve", &NamedProcessor::read_curve)
        .def("write_curve", &NamedProcessor::write_curve)
        .def_property_readonly("latency_frames", [](NamedProcessor& self) { return self.inner().latency_frames(); })
        .def_property_readonly("tail_frames", [](NamedProcessor& self) { return self.inner().tail_frames(); })
        .def_property_readonly("reduction_db", &reduction_db)
        .def_property_readonly("part_reductions_db", &part_reductions_db)
        .def("reduction_trace_db", &reduction_trace_db, py::arg("rate_hz") = 10)
        .def("response_db", &response_db, py::arg("hz"));

    module.def("processor_names", &processor_names, "Names of all native processors, sorted.");
}

}  // namespace smartmix::bindings
