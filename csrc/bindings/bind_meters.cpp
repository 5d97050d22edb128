#include <pybind11/stl.h>

#include <algorithm>
#include <optional>

#include "bindings/array.hpp"
#include "dsp/k_weighting.hpp"
#include "kernels/dispatch.hpp"
#include "meters/band_spectrum.hpp"
#include "meters/hop_meter.hpp"
#include "meters/loudness_meter.hpp"
#include "meters/near_nyquist_meter.hpp"
#include "processors/true_peak_limiter.hpp"

namespace smartmix::bindings {
namespace {

py::array_t<double> to_array(const std::vector<double>& values) {
    return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
}

// One thread at a time, with the GIL released while it measures.
class GuardedMeter {
public:
    GuardedMeter(double sample_rate, int channels, bool true_peak) : meter_(sample_rate, channels, true_peak) {}

    void process(const py::array& samples) {
        FloatArray input = checked_samples(samples, meter_.channels());
        const std::vector<const float*> heads = rows(input, input.data());
        const py::ssize_t block = input.shape(1);
        const InUse in_use(flag_);
        const py::gil_scoped_release no_gil;
        meter_.process(heads.data(), block);
    }

    void reset() {
        const InUse in_use(flag_);
        meter_.reset();
    }

    template <class Result>
    Result ask(Result (LoudnessMeter::*question)() const) {
        const InUse in_use(flag_);
        return (meter_.*question)();
    }

    double take_true_peak_dbtp() {
        const InUse in_use(flag_);
        return meter_.take_true_peak_dbtp();
    }

    py::array_t<double> short_term_lufs(int rate_hz) {
        const InUse in_use(flag_);
        return to_array(meter_.short_term_lufs(rate_hz));
    }

private:
    LoudnessMeter meter_;
    std::atomic_flag flag_;
};

template <double (LoudnessMeter::*question)() const>
double figure(GuardedMeter& meter) {
    return meter.ask(question);
}

class GuardedHopMeter {
public:
    GuardedHopMeter(double sample_rate, int channels) : meter_(sample_rate, channels) {}

    void process(const py::array& samples) {
        FloatArray input = checked_samples(samples, meter_.channels());
        const std::vector<const float*> heads = rows(input, input.data());
        const py::ssize_t block = input.shape(1);
        const InUse in_use(flag_);
        const py::gil_scoped_release no_gil;
        meter_.process(heads.data(), block);
    }

    void finish() {
        const InUse in_use(flag_);
        meter_.finish();
    }

    FloatArray take_hops() {
        const InUse in_use(flag_);
        const std::vector<HopMeter::Hop> hops = meter_.take_hops();
        FloatArray table({static_cast<py::ssize_t>(hops.size()), static_cast<py::ssize_t>(HopMeter::hop_values)});
        float* to = table.mutable_data();
        for (const HopMeter::Hop& hop : hops) {
            for (const float value : {hop.left, hop.right, hop.cross, hop.peak, hop.peak_offset}) *to++ = value;
            to = std::copy(hop.group.begin(), hop.group.end(), to);
        }
        return table;
    }

    FloatArray group_peaks() {
        const InUse in_use(flag_);
        const auto peaks = meter_.group_peaks();
        return FloatArray(static_cast<py::ssize_t>(peaks.size()), peaks.data());
    }

private:
    HopMeter meter_;
    std::atomic_flag flag_;
};

// Band powers (windows, channels, bands) of pieces of rows (channels, frames), each row in one piece of memory.
py::array_t<double> band_powers(const BandSpectrum& self, const py::array& samples, const std::vector<py::ssize_t>& starts) {
    if (samples.ndim() != 2 || !py::isinstance<py::array_t<float>>(samples) || samples.strides(1) != sizeof(float)) {
        throw py::value_error("expected float32 samples (channels, frames) with the frames side by side, got shape " +
                              shape_text(samples));
    }
    for (const py::ssize_t start : starts) {
        if (start < 0 || start > samples.shape(1) - self.frames()) throw py::value_error("a window lies past the samples");
    }
    py::array_t<double> bands({static_cast<py::ssize_t>(starts.size()), samples.shape(0), static_cast<py::ssize_t>(self.bands())});
    const auto* from = static_cast<const char*>(samples.data());
    double* to = bands.mutable_data();
    const py::ssize_t channels = samples.shape(0), stride = samples.strides(0);
    const py::gil_scoped_release no_gil;
    for (const py::ssize_t start : starts) {
        for (py::ssize_t c = 0; c < channels; ++c, to += self.bands())
            self.powers(reinterpret_cast<const float*>(from + c * stride) + start, to);
    }
    return bands;
}

// Second-order sections (rows b0 b1 b2 a0 a1 a2, a0 = 1) over rows of samples, transposed direct form II in double; both
// arrays are changed in place, so the next call goes on where this one ended.
void filter_sections(const py::array_t<double, py::array::c_style>& sections, py::array_t<double, py::array::c_style>& samples,
                     py::array_t<double, py::array::c_style>& states) {
    if (sections.ndim() != 2 || sections.shape(1) != 6 || samples.ndim() != 2 || states.ndim() != 3 ||
        states.shape(0) != sections.shape(0) || states.shape(1) != samples.shape(0) || states.shape(2) != 2) {
        throw py::value_error("expected sections (n, 6), samples (rows, frames) and states (n, rows, 2), got " +
                              shape_text(sections) + ", " + shape_text(samples) + " and " + shape_text(states));
    }
    const auto rows = samples.shape(0), frames = samples.shape(1);
    double *data = samples.mutable_data(), *memory = states.mutable_data();
    const double* q = sections.data();
    const py::gil_scoped_release no_gil;
    for (py::ssize_t s = 0; s < states.shape(0); ++s, q += 6) {
        for (py::ssize_t r = 0; r < rows; ++r, memory += 2) {
            for (double *x = data + r * frames, *end = x + frames; x != end; ++x) {
                const double in = *x, out = q[0] * in + memory[0];
                memory[0] = q[1] * in - q[4] * out + memory[1];
                memory[1] = q[2] * in - q[5] * out;
                *x = out;
            }
        }
    }
}

// The limiter with its pre-gain and its own readings, for the loudness loop of mastering. `exact`: hardly a margin, and
// a second limiter behind it takes what the first one's moving gain let through, a few hundredths of a dB.
class GuardedLimiter {
public:
    GuardedLimiter(double sample_rate, int channels, double ceiling_dbtp, double release_ms, bool exact)
        : limiter_(exact ? first_margin_db : TruePeakLimiter::usual_margin_db), channels_(channels) {
        if (exact) rest_.emplace(rest_margin_db);
        for (TruePeakLimiter* stage : stages()) {
            refused_as_value_error("", [&] {
                stage->set_parameter(stage->parameter_index("ceiling_dbtp"), ceiling_dbtp);
                stage->set_parameter(stage->parameter_index("release_ms"), release_ms);
            });
            stage->prepare({sample_rate, channels});
        }
    }

    FloatArray process(const py::array& samples, float gain) {
        const FloatArray input = checked_samples(samples, channels_);
        FloatArray output = new_samples(input.shape(0), input.shape(1));
        std::vector<float*> heads = rows(output, output.mutable_data());
        const py::ssize_t samples_in = input.size();
        const int block = static_cast<int>(input.shape(1));
        const InUse in_use(flag_);
        {
            const py::gil_scoped_release no_gil;
            const float* from = input.data();
            float* to = heads[0];
            for (py::ssize_t i = 0; i < samples_in; ++i) to[i] = from[i] * gain;
            for (int done = 0; done < block; done += piece_frames) {
                const int frames = std::min(piece_frames, block - done);
                for (TruePeakLimiter* stage : stages()) stage->process({heads.data(), channels_, frames}, {});
                for (float*& head : heads) head += frames;
                for (float db = 0.0F; limiter_.trace().take(db);) trace_db_.push_back(db);
            }
        }
        return output;
    }

    void reset() {
        const InUse in_use(flag_);
        for (TruePeakLimiter* stage : stages()) stage->reset();
        trace_db_.clear();
    }

    // The deepest reduction of each 1/rate_hz seconds since reset, what has begun of the last one included.
    py::array_t<float> reduction_trace_db(int rate_hz) {
        const auto share = static_cast<std::size_t>(checked_trace_share(rate_hz));
        const InUse in_use(flag_);
        std::vector<float> cells = trace_db_;
        if (limiter_.trace().open()) cells.push_back(limiter_.trace().open_db());
        std::vector<float> deepest((cells.size() + share - 1) / share, 0.0F);
        for (std::size_t i = 0; i < cells.size(); ++i) deepest[i / share] = std::max(deepest[i / share], cells[i]);
        return py::array_t<float>(static_cast<py::ssize_t>(deepest.size()), deepest.data());
    }

    const TruePeakLimiter& inner() const { return limiter_; }
    int latency_frames() const { return limiter_.latency_frames() + (rest_ ? rest_->latency_frames() : 0); }
    // Both stages' deepest: at most the rest's few hundredths of a dB more than any frame got.
    double max_reduction_db() const { return limiter_.max_reduction_db() + (rest_ ? rest_->max_reduction_db() : 0.0); }

private:
    static constexpr double first_margin_db = 0.01;
    static constexpr double rest_margin_db = 0.02;

    std::vector<TruePeakLimiter*> stages() {
        if (rest_) return {&limiter_, &*rest_};
        return {&limiter_};
    }

    // Short enough that the cells of a piece have room in the trace at any sample rate.
    static constexpr int piece_frames = 65536;

    TruePeakLimiter limiter_;
    std::optional<TruePeakLimiter> rest_;
    std::vector<float> trace_db_;  // ten values per second
    int channels_;
    std::atomic_flag flag_;
};

}  // namespace

void bind_meters(py::module_& module) {
    py::class_<GuardedMeter>(module, "LoudnessMeter", "Loudness after BS.1770-5 and EBU R 128, and true peak.")
        .def(py::init<double, int, bool>(), py::arg("sample_rate"), py::arg("channels"), py::arg("true_peak") = true)
        .def("process", &GuardedMeter::process, py::arg("samples"))
        .def("reset", &GuardedMeter::reset)
        .def("integrated_lufs", &figure<&LoudnessMeter::integrated_lufs>)
        .def("momentary_max_lufs", &figure<&LoudnessMeter::momentary_max_lufs>)
        .def("short_term_max_lufs", &figure<&LoudnessMeter::short_term_max_lufs>)
        .def("range_lu", &figure<&LoudnessMeter::range_lu>)
        .def("true_peak_dbtp", &figure<&LoudnessMeter::true_peak_dbtp>)
        .def("take_true_peak_dbtp", &GuardedMeter::take_true_peak_dbtp)
        .def("sample_peak_dbfs", &figure<&LoudnessMeter::sample_peak_dbfs>)
        .def("energies_10ms", [](GuardedMeter& self) { return to_array(self.ask(&LoudnessMeter::energies_10ms)); })
        .def("gating_blocks", [](GuardedMeter& self) { return to_array(self.ask(&LoudnessMeter::gating_blocks)); })
        .def("range_blocks", [](GuardedMeter& self) { return to_array(self.ask(&LoudnessMeter::range_blocks)); })
        .def("short_term_lufs", &GuardedMeter::short_term_lufs, py::arg("rate_hz") = 10);

    module.def("loudness_of_blocks", &loudness_of_blocks, py::arg("gating_blocks"),
               "Integrated loudness of gating blocks, of one programme or of several put together, LUFS.");
    module.def("range_of_blocks", &range_of_blocks, py::arg("range_blocks"), "Their loudness range, LU.");

    py::class_<NearNyquistMeter>(module, "NearNyquistMeter", "The highest sample of what lies above 0.47 of the rate.")
        .def(py::init<int>(), py::arg("channels"))
        .def("process",
             [](NearNyquistMeter& self, const py::array& samples) {
                 const FloatArray input = checked_samples(samples, self.channels());
                 const std::vector<const float*> heads = rows(input, input.data());
                 self.process(heads.data(), input.shape(1));
             },
             py::arg("samples"))
        .def_property_readonly("peak", &NearNyquistMeter::peak);

    py::class_<GuardedHopMeter>(module, "HopMeter", "Powers, peaks and octave groups of every 10 ms.")
        .def(py::init<double, int>(), py::arg("sample_rate"), py::arg("channels"))
        .def("process", &GuardedHopMeter::process, py::arg("samples"))
        .def("finish", &GuardedHopMeter::finish)
        .def("take_hops", &GuardedHopMeter::take_hops)
        .def("group_peaks", &GuardedHopMeter::group_peaks);

    py::class_<BandSpectrum>(module, "BandSpectrum", "Power in bands of windowed pieces of sound.")
        .def(py::init([](const py::array_t<float, py::array::c_style>& window, const py::array_t<double, py::array::c_style>& edges) {
                 return std::make_unique<BandSpectrum>(
                     std::span<const float>(window.data(), static_cast<std::size_t>(window.size())),
                     std::span<const double>(edges.data(), static_cast<std::size_t>(edges.size())));
             }),
             py::arg("window"), py::arg("edges"))
        .def("powers", &band_powers, py::arg("samples"), py::arg("starts"));

    py::class_<GuardedLimiter>(module, "TruePeakLimiter", "The limiter with a gain before it and its own readings.")
        .def(py::init<double, int, double, double, bool>(), py::arg("sample_rate"), py::arg("channels"),
             py::arg("ceiling_dbtp") = -1.0, py::arg("release_ms") = 25.0, py::arg("exact") = false)
        .def("process", &GuardedLimiter::process, py::arg("samples"), py::arg("gain") = 1.0F)
        .def("reset", &GuardedLimiter::reset)
        .def("reduction_trace_db", &GuardedLimiter::reduction_trace_db, py::arg("rate_hz") = 10)
        .def_property_readonly("latency_frames", &GuardedLimiter::latency_frames)
        .def_property_readonly("max_reduction_db", &GuardedLimiter::max_reduction_db)
        .def_property_readonly("mean_reduction_db",
                               [](const GuardedLimiter& self) { return self.inner().mean_reduction_db(); });

    module.def("filter_sections", &filter_sections, py::arg("sections"), py::arg("samples").noconvert(),
               py::arg("states").noconvert(), "Second-order sections over float64 rows, in place; goes on from call to call.");
    module.def(
        "k_weighting_coefficients",
        [](double sample_rate) {
            const dsp::KWeighting k = dsp::design_k_weighting(sample_rate);
            py::array_t<double> rows({2, 5});
            for (int r = 0; r < 2; ++r) {
                const dsp::Biquad& q = r == 0 ? k.shelf : k.high_pass;
                const double row[] = {q.b0, q.b1, q.b2, q.a1, q.a2};
                std::copy(std::begin(row), std::end(row), rows.mutable_data(r));
            }
            return rows;
        },
        py::arg("sample_rate"), "Shelf and high pass of K-weighting: rows b0 b1 b2 a1 a2.");
    module.def("kernel_isa", [] { return std::string(kernels::name_of(kernels::instruction_set().set)); },
               "Which set of vector kernels this machine runs.");
}

}  // namespace smartmix::bindings
