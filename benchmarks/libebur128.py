"""libebur128 through its C interface, without Python in between: the one inside pyebur128, or the system's.

``SMARTMIX_LIBEBUR128`` names another library file.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MODE_M, MODE_S, MODE_I, MODE_LRA = 1 << 0, (1 << 1) | 1, (1 << 2) | 1, (1 << 3) | (1 << 1) | 1
MODE_SAMPLE_PEAK = (1 << 4) | 1
MODE_TRUE_PEAK = (1 << 5) | MODE_SAMPLE_PEAK


def _candidates() -> list[str]:
    named = os.environ.get("SMARTMIX_LIBEBUR128")
    spec = find_spec("pyebur128")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    inside = [str(path) for folder in folders for path in Path(folder).glob("pyebur128.*so")]
    system = ctypes.util.find_library("ebur128")
    return ([named] if named else []) + inside + ([system] if system else [])


@cache
def library() -> tuple[ctypes.CDLL, str]:
    """The library and the file it came from."""
    for name in _candidates():
        found = ctypes.CDLL(name)
        found.ebur128_init.restype = ctypes.c_void_p
        found.ebur128_init.argtypes = (ctypes.c_uint, ctypes.c_ulong, ctypes.c_int)
        found.ebur128_destroy.argtypes = (ctypes.POINTER(ctypes.c_void_p),)
        found.ebur128_add_frames_float.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
        return found, Path(name).name
    raise SystemExit("no libebur128: pip install pyebur128, or name a library file in SMARTMIX_LIBEBUR128")


def version_text() -> str:
    found, name = library()
    numbers = [ctypes.c_int() for _ in range(3)]
    found.ebur128_get_version(*(ctypes.byref(n) for n in numbers))
    return ".".join(str(n.value) for n in numbers) + f" ({name})"


def measure(interleaved: NDArray[np.float32], channels: int, rate: int, mode: int) -> dict[str, float]:
    """One state over all samples; what the mode can tell."""
    lib, _ = library()
    state = ctypes.c_void_p(lib.ebur128_init(channels, rate, mode))
    assert state.value and interleaved.flags.c_contiguous and interleaved.dtype == np.float32
    lib.ebur128_add_frames_float(state, interleaved.ctypes.data, interleaved.size // channels)
    out, value = {}, ctypes.c_double()
    if mode & 4:
        lib.ebur128_loudness_global(state, ctypes.byref(value))
        out["integrated_lufs"] = value.value
    if mode & 8:
        lib.ebur128_loudness_range(state, ctypes.byref(value))
        out["range_lu"] = value.value
    if mode & 32:
        for channel in range(channels):
            lib.ebur128_true_peak(state, ctypes.c_uint(channel), ctypes.byref(value))
            out["true_peak"] = max(out.get("true_peak", 0.0), value.value)
    lib.ebur128_destroy(ctypes.byref(state))
    return out
