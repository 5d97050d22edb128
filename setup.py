"""Extensions, and presets/ as the data package smartmix.presets; everything else is in pyproject.toml."""

import os
from glob import glob
from pathlib import Path

from Cython.Build import cythonize
from pybind11.setup_helpers import ParallelCompile, Pybind11Extension, build_ext
from setuptools import Extension, find_packages, setup

SOURCES = sorted(p for p in glob("csrc/**/*.cpp", recursive=True) if not p.startswith("csrc/tests/"))
HEADERS = sorted(glob("csrc/**/*.hpp", recursive=True) + glob("csrc/**/*.inl", recursive=True))
# No -ffast-math: results must not depend on the optimiser's mood, and it changes the host's denormal mode.
FLAGS = ["-O3", "-fno-math-errno", "-ffp-contract=off", "-Wall", "-Wextra"]
FLAGS += os.environ.get("SMARTMIX_CXXFLAGS", "").split()
MACROS = [("SMARTMIX_FLAGS", f'"{" ".join(FLAGS)}"')]
MACROS += [("SMARTMIX_RTCHECK", "1")] if os.environ.get("SMARTMIX_RTCHECK") == "1" else []


def stale(obj: str, source: str) -> bool:
    """Rebuild an object when its source or any header is newer: pybind11's own check forgets the headers."""
    if not Path(obj).exists():
        return True
    newest = max(Path(p).stat().st_mtime for p in [source, *HEADERS])
    return newest > Path(obj).stat().st_mtime


ParallelCompile("SMARTMIX_BUILD_JOBS", default=0, needs_recompile=stale).install()

setup(
    packages=[*find_packages("src"), "smartmix.presets"],
    package_dir={"": "src", "smartmix.presets": "presets"},
    ext_modules=[
        Pybind11Extension(
            "smartmix._core",
            SOURCES,
            include_dirs=["csrc"],
            depends=HEADERS,
            cxx_std=20,
            extra_compile_args=FLAGS,
            define_macros=MACROS,
        ),
        *cythonize(
            [Extension("smartmix._automation", ["src/smartmix/_automation.pyx"], extra_compile_args=["-O3"])],
            build_dir="build/cython",
            language_level=3,
        ),
    ],
    cmdclass={"build_ext": build_ext},
)
