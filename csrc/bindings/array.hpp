#pragma once
// NumPy arrays in and out of the views the core works on. Nothing here computes on samples.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/block.hpp"
#include "core/event.hpp"
#include "core/parameter_value.hpp"
#include "dsp/reduction_trace.hpp"

namespace smartmix::bindings {

namespace py = pybind11;

using FloatArray = py::array_t<float, py::array::c_style>;

inline std::string shape_text(const py::array& array) {
    std::string text = "(";
    for (py::ssize_t i = 0; i < array.ndim(); ++i) text += (i > 0 ? ", " : "") + std::to_string(array.shape(i));
    return text + (array.ndim() == 1 ? ",)" : ")");
}

// The array, if it is a C-ordered float32 (channels, frames) with `channels` rows; otherwise a ValueError that begins
// with `whose`.
inline FloatArray checked_samples(const py::array& array, int channels, const std::string& whose = "") {
    if (array.ndim() != 2) {
        throw py::value_error(whose + "expected an array (channels, frames), got shape " + shape_text(array));
    }
    if (!py::isinstance<FloatArray>(array)) {
        throw py::value_error(whose + "expected C-ordered float32 samples, got " +
                              py::str(array.dtype()).cast<std::string>() + " " + shape_text(array) +
                              ". Use numpy.ascontiguousarray(samples, numpy.float32).");
    }
    if (array.shape(0) != channels) {
        throw py::value_error(whose + "expected " + std::to_string(channels) + " channels (channels, frames), got shape " +
                              shape_text(array));
    }
    if (array.shape(1) > 0x7fffffff) throw py::value_error(whose + "block of more than 2^31 - 1 frames: cut it");
    return py::reinterpret_borrow<FloatArray>(array);
}

// An array for `channels` rows of `frames` samples, not yet written.
inline FloatArray new_samples(py::ssize_t channels, py::ssize_t frames) { return FloatArray({channels, frames}); }

// Runs `call`; what it refuses as a logic_error (out of range, invalid) becomes a ValueError that begins with `whose`.
template <class Call>
auto refused_as_value_error(const std::string& whose, const Call& call) {
    try {
        return call();
    } catch (const std::logic_error& error) {
        throw py::value_error(whose + error.what());
    }
}

// Pointers to the rows of a C-ordered (channels, frames) array.
template <class T, class Array>
std::vector<T*> rows(const Array& array, T* data) {
    std::vector<T*> heads(static_cast<std::size_t>(array.shape(0)));
    for (std::size_t c = 0; c < heads.size(); ++c) heads[c] = data + static_cast<py::ssize_t>(c) * array.shape(1);
    return heads;
}

// A one-dimensional column of events as T; None is an empty column.
template <class T>
py::array_t<T, py::array::c_style | py::array::forcecast> column(const py::object& object, const char* name) {
    using Column = py::array_t<T, py::array::c_style | py::array::forcecast>;
    if (object.is_none()) return Column(0);
    const py::array array = py::array::ensure(object);
    if (!array || array.ndim() != 1) throw py::value_error(std::string(name) + ": expected a one-dimensional array");
    const char kind = array.dtype().kind();
    if (array.size() > 0 && kind != 'i' && kind != 'u' && !(kind == 'f' && std::is_floating_point_v<T>)) {
        throw py::value_error(std::string(name) + ": expected whole numbers, got " +
                              py::str(array.dtype()).cast<std::string>());
    }
    return Column::ensure(array);
}

// One entry per event in a column.
inline void check_entries(const char* name, py::ssize_t got, std::size_t events) {
    if (static_cast<std::size_t>(got) == events) return;
    throw py::value_error(std::string(name) + ": expected one entry per event (" + std::to_string(events) + "), got " +
                          std::to_string(got));
}

inline void check_event(const ParamEvent& event, std::int32_t earliest, int frames,
                        const std::vector<ParameterInfo>& infos) {
    if (event.frame < earliest || event.frame >= frames) {
        throw py::value_error("event at frame " + std::to_string(event.frame) +
                              ": expected rising frames from 0 to below the block's " + std::to_string(frames));
    }
    if (event.param < 0 || static_cast<std::size_t>(event.param) >= infos.size()) {
        throw py::index_error("event for parameter " + std::to_string(event.param) + ": expected 0 to " +
                              std::to_string(static_cast<long>(infos.size()) - 1));
    }
    if (event.ramp_frames < 0) {
        throw py::value_error("ramp of " + std::to_string(event.ramp_frames) + " frames: expected 0 or more");
    }
    refused_as_value_error("", [&] { checked_value(infos[static_cast<std::size_t>(event.param)], event.value); });
}

// Events from their columns, each checked against the block and the parameters it names.
inline std::vector<ParamEvent> checked_events(const py::object& frames, const py::object& params,
                                              const py::object& values, const py::object& ramp_frames,
                                              int block_frames, const std::vector<ParameterInfo>& infos) {
    // Most blocks have none, and an empty column costs as much as a small effect.
    if (frames.is_none() && params.is_none() && values.is_none() && ramp_frames.is_none()) return {};
    const auto frame = column<std::int32_t>(frames, "frames");
    const auto param = column<std::int32_t>(params, "params");
    const auto value = column<double>(values, "values");
    const auto ramp = column<std::int32_t>(ramp_frames, "ramp_frames");
    std::vector<ParamEvent> events(static_cast<std::size_t>(frame.size()));
    check_entries("params", param.size(), events.size());
    check_entries("values", value.size(), events.size());
    if (!ramp_frames.is_none()) check_entries("ramp_frames", ramp.size(), events.size());
    std::int32_t earliest = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto at = static_cast<py::ssize_t>(i);
        events[i] = {frame.data()[at], param.data()[at], value.data()[at], ramp.size() > 0 ? ramp.data()[at] : 0};
        check_event(events[i], earliest, block_frames, infos);
        earliest = events[i].frame;
    }
    return events;
}

// One call at a time: the objects hold audio memory, and with the GIL released two threads could meet in it.
class InUse {
public:
    explicit InUse(std::atomic_flag& flag) : flag_(flag) {
        if (flag_.test_and_set(std::memory_order_acquire)) {
            throw std::runtime_error("already in use by another thread; give each thread an object of its own");
        }
    }
    ~InUse() { flag_.clear(std::memory_order_release); }
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;

private:
    std::atomic_flag& flag_;
};

inline const char* scale_name(Scale scale) {
    switch (scale) {
        case Scale::linear: return "linear";
        case Scale::db: return "db";
        case Scale::log: return "log";
        case Scale::toggle: return "toggle";
        case Scale::choice: return "choice";
    }
    return "linear";
}

// How many cells of a reduction trace go into one of `rate_hz`.
inline int checked_trace_share(int rate_hz) {
    constexpr int cells_per_s = dsp::ReductionTrace::cells_per_s;
    if (rate_hz < 1 || cells_per_s % rate_hz != 0) {
        throw py::value_error("rate_hz = " + std::to_string(rate_hz) + ": expected 1, 2, 5 or 10");
    }
    return cells_per_s / rate_hz;
}

// dB at each frequency of `hz` (any shape), asked of `response_db(hz)`.
template <class Response>
py::array_t<double> response_of(const py::array_t<double, py::array::c_style | py::array::forcecast>& hz,
                                const Response& response_db) {
    py::array_t<double> db(std::vector<py::ssize_t>(hz.shape(), hz.shape() + hz.ndim()));
    for (py::ssize_t i = 0; i < hz.size(); ++i) db.mutable_data()[i] = response_db(hz.data()[i]);
    return db;
}

}  // namespace smartmix::bindings
