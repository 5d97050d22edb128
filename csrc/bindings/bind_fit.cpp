#include "bindings/array.hpp"
#include "dsp/band_fit.hpp"

namespace smartmix::bindings {
namespace {

using Doubles = py::array_t<double, py::array::c_style | py::array::forcecast>;

constexpr int most_bands = 32;
constexpr py::ssize_t most_points = 100'000;

std::span<const double> span_of(const Doubles& values) {
    return {values.data(), static_cast<std::size_t>(values.size())};
}

void check_values(const Doubles& values, const char* name, py::ssize_t count, double low, double high) {
    if (values.ndim() != 1 || values.size() != count) {
        throw py::value_error(std::string(name) + ": expected " + std::to_string(count) + " values like hz, got shape " +
                              shape_text(values));
    }
    for (const double x : span_of(values)) {
        if (!(x >= low && x <= high)) throw py::value_error(std::string(name) + ": a value out of range or not a number");
    }
}

void check_grid(const Doubles& hz, const Doubles& target_db, const Doubles& weights, double sample_rate) {
    if (hz.ndim() != 1 || hz.size() < 2 || hz.size() > most_points) {
        throw py::value_error("hz: expected 2 to 100000 frequencies, got shape " + shape_text(hz));
    }
    if (!(sample_rate >= 8000.0 && sample_rate <= 1e6)) throw py::value_error("sample_rate: expected 8000 to 1e6 Hz");
    check_values(hz, "hz", hz.size(), 1e-3, 0.5 * sample_rate);
    for (py::ssize_t i = 1; i < hz.size(); ++i) {
        if (!(hz.data()[i] > hz.data()[i - 1])) throw py::value_error("hz: expected rising frequencies");
    }
    check_values(target_db, "target_db", hz.size(), -200.0, 200.0);
    check_values(weights, "weights", hz.size(), 0.0, 1e6);
}

dsp::BandFitOptions checked_options(int bands, double max_gain_db, double max_q, bool shelves, int rounds) {
    if (bands < 1 || bands > most_bands) throw py::value_error("bands: expected 1 to 32");
    if (!(max_gain_db >= 0.1 && max_gain_db <= 24.0)) throw py::value_error("max_gain_db: expected 0.1 to 24");
    if (!(max_q >= 0.5 && max_q <= 30.0)) throw py::value_error("max_q: expected 0.5 to 30");
    if (rounds < 0 || rounds > 1000) throw py::value_error("rounds: expected 0 to 1000");
    return {bands, max_gain_db, max_q, shelves, rounds};
}

// Rows of (shape as BandShape counts, Hz, dB, q).
py::array_t<double> rows_of(const dsp::BandFit& fit) {
    py::array_t<double> made({static_cast<py::ssize_t>(fit.bands.size()), static_cast<py::ssize_t>(4)});
    double* row = made.mutable_data();
    for (const dsp::FitBand& band : fit.bands) {
        const dsp::BandSettings settings = dsp::settings_of(band);
        *row++ = static_cast<double>(settings.shape);
        *row++ = settings.hz;
        *row++ = settings.gain_db;
        *row++ = settings.q;
    }
    return made;
}

std::vector<dsp::FitBand> bands_of(const Doubles& rows) {
    if (rows.ndim() != 2 || rows.shape(1) != 4 || rows.shape(0) < 1 || rows.shape(0) > most_bands) {
        throw py::value_error("start: expected rows (shape, hz, gain_db, q), got shape " + shape_text(rows));
    }
    std::vector<dsp::FitBand> bands;
    for (const double* row = rows.data(); row != rows.data() + rows.size(); row += 4) {
        const auto shape = static_cast<dsp::BandShape>(static_cast<int>(row[0]));
        const bool known = shape == dsp::BandShape::bell || shape == dsp::BandShape::low_shelf ||
                           shape == dsp::BandShape::high_shelf;
        if (!known || !(row[1] > 0.0 && row[1] < 1e6) || !(std::abs(row[2]) <= 100.0) || !(row[3] > 0.0 && row[3] < 1e3)) {
            throw py::value_error("start: expected bells and shelves (1, 2, 3) with frequency, gain and q in range");
        }
        bands.push_back({shape, std::log(row[1]), row[2], std::log(row[3])});
    }
    return bands;
}

py::tuple fit_bands(const Doubles& hz, const Doubles& target_db, const Doubles& weights, double sample_rate, int bands,
                    double max_gain_db, double max_q, bool shelves, int rounds, const py::object& start) {
    check_grid(hz, target_db, weights, sample_rate);
    const dsp::BandFitOptions options = checked_options(bands, max_gain_db, max_q, shelves, rounds);
    std::vector<dsp::FitBand> given;
    if (!start.is_none()) given = bands_of(start.cast<Doubles>());
    dsp::BandFit fit;
    {
        const py::gil_scoped_release released;
        fit = given.empty() ? dsp::fit_bands(span_of(hz), span_of(target_db), span_of(weights), sample_rate, options)
                            : dsp::refine_bands(span_of(hz), span_of(target_db), span_of(weights), sample_rate, given,
                                                options);
    }
    return py::make_tuple(rows_of(fit), fit.cost, fit.evaluations);
}

// The response of rows of bands and its slopes (points, 3 bands) by ln hz, dB and ln q: what the fit sees.
py::tuple band_slopes(const Doubles& hz, const Doubles& rows, double sample_rate) {
    const Doubles zeros(hz.size());
    std::fill_n(const_cast<double*>(zeros.data()), zeros.size(), 0.0);
    check_grid(hz, zeros, zeros, sample_rate);
    const std::vector<dsp::FitBand> bands = bands_of(rows);
    const int count = static_cast<int>(bands.size());
    dsp::BandModel model(span_of(hz), sample_rate, count);
    model.evaluate(bands, true);
    py::array_t<double> response(hz.size(), model.response_db().data());
    py::array_t<double> slopes({hz.size(), static_cast<py::ssize_t>(3 * count)});
    auto to = slopes.mutable_unchecked<2>();
    for (int band = 0; band < count; ++band) {
        for (int of = 0; of < 3; ++of) {
            for (py::ssize_t i = 0; i < hz.size(); ++i) to(i, 3 * band + of) = model.slopes()[(3 * band + of) * model.places() + i];
        }
    }
    return py::make_tuple(response, slopes);
}

}  // namespace

void bind_fit(py::module_& module) {
    module.def("fit_bands", &fit_bands, py::arg("hz"), py::arg("target_db"), py::arg("weights"), py::arg("sample_rate"),
               py::arg("bands") = 10, py::arg("max_gain_db") = 18.0, py::arg("max_q") = 8.0, py::arg("shelves") = true,
               py::arg("rounds") = dsp::BandFitOptions{}.rounds, py::arg("start") = py::none(),
               "Rows (shape, hz, gain_db, q) of bells and shelves (1, 2, 3) whose response as they play comes nearest to\n"
               "target_db, the sum of squared weighted errors, and how often the response was computed. With start: these\n"
               "rows are adjusted and nothing else is tried.");
    module.def("band_slopes", &band_slopes, py::arg("hz"), py::arg("rows"), py::arg("sample_rate"),
               "Response in dB of rows (shape, hz, gain_db, q) and its slopes (points, 3 bands) by ln hz, dB and ln q.");
}

}  // namespace smartmix::bindings
