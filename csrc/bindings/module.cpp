#include <pybind11/pybind11.h>

#include <string>

#include "core/realtime.hpp"
#include "kernels/dispatch.hpp"

namespace py = pybind11;

namespace smartmix::bindings {

// One line here and one below for each bind_*.cpp.
void bind_processors(py::module_& module);
void bind_engine(py::module_& module);
void bind_meters(py::module_& module);
void bind_vst3(py::module_& module);
void bind_masking(py::module_& module);
void bind_fft(py::module_& module);
void bind_crossover(py::module_& module);
void bind_fit(py::module_& module);
void bind_dither(py::module_& module);

namespace {

std::string isa() {
#if defined(__AVX512F__)
    return "avx512";
#elif defined(__AVX2__)
    return "avx2";
#elif defined(__SSE2__) || defined(_M_X64)
    return "sse2";
#elif defined(__ARM_NEON)
    return "neon";
#else
    return "generic";
#endif
}

py::dict build_info() {
    py::dict info;
#if defined(__clang__) || defined(__GNUC__)
    info["compiler"] = __VERSION__;
#elif defined(_MSC_VER)
    info["compiler"] = "MSVC " + std::to_string(_MSC_VER);
#else
    info["compiler"] = "unknown";
#endif
#ifdef SMARTMIX_FLAGS
    info["flags"] = SMARTMIX_FLAGS;
#else
    info["flags"] = "";
#endif
    info["isa"] = isa();
    info["kernels"] = kernels::name_of(kernels::instruction_set().set);
    py::list running;
    for (const kernels::RunningKernel& of : kernels::running_kernels()) {
        running.append(std::string(of.kernel) + " (" + of.isa + ")");
    }
    info["running"] = running;
    info["warning"] = kernels::instruction_set().warning;
    info["rtcheck"] = realtime::check_enabled;
    return info;
}

}  // namespace

PYBIND11_MODULE(_core, module) {
    module.doc() = "The native side of smartmix: it owns the samples.";
    bind_processors(module);
    bind_engine(module);
    bind_meters(module);
    bind_vst3(module);
    bind_masking(module);
    bind_fft(module);
    bind_crossover(module);
    bind_fit(module);
    bind_dither(module);

    module.def("build_info", &build_info, "How this library was built: compiler, flags, the isa all code may use, the kernels\n"
               "chosen for this machine (or by SMARTMIX_ISA), what each of them runs, a warning when SMARTMIX_ISA asks\n"
               "for what does not run here, rtcheck.");
    if (const std::string& warning = kernels::instruction_set().warning; !warning.empty()) {
        if (PyErr_WarnEx(PyExc_RuntimeWarning, warning.c_str(), 1) != 0) throw py::error_already_set();
    }
    module.attr("rtcheck_enabled") = realtime::check_enabled;
    module.def("realtime_violations", &realtime::violations,
               "Allocations counted inside process since the library was loaded; 0 without SMARTMIX_RTCHECK=1.");
}

}  // namespace smartmix::bindings
