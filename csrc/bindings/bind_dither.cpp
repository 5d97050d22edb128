#include "bindings/array.hpp"
#include "dsp/noise_shaper.hpp"
#include "dsp/tpdf_dither.hpp"

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

// `codes` as the whole numbers of a file: the low `bytes` of each, the least first.
py::bytes packed(const py::array_t<std::int32_t, py::array::c_style>& codes, int bytes) {
    if (bytes != 2 && bytes != 3) throw py::value_error("bytes: expected 2 or 3, got " + std::to_string(bytes));
    const auto count = static_cast<std::size_t>(codes.size()), each = static_cast<std::size_t>(bytes);
    PyObject* made = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(count * each));
    if (made == nullptr) throw py::error_already_set();
    char* to = PyBytes_AS_STRING(made);
    const std::int32_t* from = codes.data();
    const auto pack = [&](auto size) {
        for (std::size_t i = 0; i < count; ++i, to += size) {
            const auto code = static_cast<std::uint32_t>(from[i]);
            for (std::size_t b = 0; b < size; ++b) to[b] = static_cast<char>(code >> (8 * b));
        }
    };
    if (bytes == 2) {
        pack(std::integral_constant<std::size_t, 2>{});
    } else {
        pack(std::integral_constant<std::size_t, 3>{});
    }
    return py::reinterpret_steal<py::bytes>(made);
}

class GuardedDither {
public:
    GuardedDither(int bits, int channels, std::uint64_t key_low, std::uint64_t key_high, std::uint64_t start_frame)
        : dither_(checked(bits, channels, key_low, key_high, start_frame)), channels_(channels) {}

    py::array_t<std::int32_t> quantise(const py::array& samples) {
        const FloatArray input = checked_samples(samples, channels_);
        py::array_t<std::int32_t> codes({input.shape(1), input.shape(0)});
        const std::vector<const float*> heads = rows(input, input.data());
        std::int32_t* out = codes.mutable_data();
        const InUse in_use(flag_);
        {
            const py::gil_scoped_release no_gil;
            dither_.quantise(heads.data(), out, static_cast<std::size_t>(input.shape(1)));
        }
        return codes;
    }

    py::array_t<double> noise(int frames) {
        if (frames < 0) throw py::value_error("frames: expected 0 or more");
        py::array_t<double> steps({static_cast<py::ssize_t>(frames), static_cast<py::ssize_t>(channels_)});
        const InUse in_use(flag_);
        dither_.noise(steps.mutable_data(), static_cast<std::size_t>(steps.size()));
        return steps;
    }

    std::int64_t clipped() const { return dither_.clipped(); }

private:
    static dsp::TpdfDither checked(int bits, int channels, std::uint64_t key_low, std::uint64_t key_high, std::uint64_t start_frame) {
        if (bits < 2 || bits > 31) throw py::value_error("bits: expected 2 to 31, got " + std::to_string(bits));
        if (channels < 1 || channels > most_channels) throw py::value_error("channels: expected 1 to 64");
        if (start_frame > (std::uint64_t{1} << 56U)) throw py::value_error("start_frame: expected up to 2**56");
        dsp::Philox words(key_low, key_high);
        words.seek(start_frame * static_cast<std::uint64_t>(channels));
        return {bits, channels, words};
    }

    dsp::TpdfDither dither_;
    int channels_;
    std::atomic_flag flag_;
};

struct Shaper {
    Shaper(const Doubles& taps, int count) : shaper(made(taps, count)), channels(count) {}
    dsp::NoiseShaper shaper;
    int channels;
};

}  // namespace

void bind_dither(py::module_& module) {
    module.def("packed_codes", &packed, py::arg("codes"), py::arg("width"), "Whole numbers as little-endian bytes, `width` each.");
    py::class_<GuardedDither>(module, "TpdfDither", "Rounding to whole numbers of 2 to 31 bits with triangular dither.")
        .def(py::init<int, int, std::uint64_t, std::uint64_t, std::uint64_t>(), py::arg("bits"), py::arg("channels"),
             py::arg("key_low") = 0, py::arg("key_high") = 0, py::arg("start_frame") = 0)
        .def("quantise", &GuardedDither::quantise, py::arg("samples"),
             "Whole numbers (frames, channels) of samples (channels, frames); goes on from call to call.")
        .def("noise", &GuardedDither::noise, py::arg("frames"), "The next frames of the dither (frames, channels), in steps.")
        .def_property_readonly("clipped", &GuardedDither::clipped);
    py::class_<Shaper>(module, "NoiseShaper", "Rounding to whole numbers, its error filtered by 1 + taps[0] z^-1 + ...")
        .def(py::init<const Doubles&, int>(), py::arg("taps"), py::arg("channels"))
        .def("quantise", [](Shaper& self, const Doubles& exact, const Doubles& noise, double full_scale) {
            return quantised(self.shaper, self.channels, exact, noise, full_scale);
        }, py::arg("exact"), py::arg("noise"), py::arg("full_scale"),
             "Whole numbers (frames, channels) of samples in steps, with dither `noise` in steps; goes on from call to call.")
        .def_property_readonly("clipped", [](const Shaper& self) { return self.shaper.clipped(); });
}

}  // namespace smartmix::bindings
