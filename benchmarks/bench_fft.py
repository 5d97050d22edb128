"""CPU time of the native real FFT against scipy.fft (one thread) and numpy, float32, on the same rows in one process.

    python benchmarks/bench_fft.py [--quick]

The do-nothing row copies the rows. The naive row is numpy's rfft, which computes float32 in float32 row by row.
SMARTMIX_ISA=baseline forces the plain kernels, for which no gate holds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft, signal

from harness import Kind, Row, alternate, compare, run_alone
from smartmix import _core

BATCH = 64
GATE = 1.5


def compared(size: int, batch: int, repeats: int) -> list[Row]:
    samples = np.random.default_rng(size).standard_normal((batch, size)).astype(np.float32)
    spectra = fft.rfft(samples)
    name = f"{size} x {batch}"
    jobs: dict[str, Callable[[], object]] = {
        f"rfft {name}": lambda: _core.rfft(samples),
        f"irfft {name}": lambda: _core.irfft(spectra),
        "scipy.fft.rfft": lambda: fft.rfft(samples, workers=1),
        "scipy.fft.irfft": lambda: fft.irfft(spectra, workers=1),
        "copy": samples.copy,
        "numpy.fft.rfft": lambda: np.fft.rfft(samples),
    }
    times = alternate(jobs, repeats)
    gate = GATE if _core.build_info()["kernels"] != "baseline" and batch > 1 else None
    rows = [
        compare(times, f"rfft {name}", "scipy.fft.rfft", gate=gate),
        compare(times, f"irfft {name}", "scipy.fft.irfft", gate=gate),
    ]
    others: list[tuple[str, Kind]] = [("copy", "do nothing"), ("numpy.fft.rfft", "naive")]
    if size == 2048:
        rows += [compare(times, other, "scipy.fft.rfft", kind=kind) for other, kind in others]
    return rows


def convolution(quick: bool) -> list[Row]:
    """The linear-phase EQ with one band, in blocks of 512 frames, against scipy's overlap-add with as many taps."""
    frames = 48_000 * (4 if quick else 10)
    samples = np.random.default_rng(1).standard_normal((2, frames)).astype(np.float32)
    processor = _core.Processor("linear_phase_eq")
    processor.set("band1.shape", 1.0)
    processor.set("band1.gain_db", 3.0)
    processor.prepare(48_000.0, 2)
    blocks = [np.ascontiguousarray(samples[:, i : i + 512]) for i in range(0, frames - 511, 512)]
    taps = _core.fir_taps(np.linspace(1.0, 2.0, 8193), 16_384)[np.newaxis]

    def ours() -> None:
        for block in blocks:
            processor.process(block)

    times = alternate(
        {
            "linear_phase_eq, 16384 taps, stereo": ours,
            "scipy.signal.oaconvolve": lambda: signal.oaconvolve(samples, taps, axes=1),
        },
        3 if quick else 9,
    )
    return [
        compare(times, "linear_phase_eq, 16384 taps, stereo", "scipy.signal.oaconvolve", note="blocks of 512")
    ]


def rows(quick: bool) -> list[Row]:
    repeats = 3 if quick else 9
    sizes = (1024, 4096) if quick else (256, 1024, 2048, 4096, 8192, 16_384)
    found = [row for size in sizes for row in compared(size, BATCH, repeats)]
    found += convolution(quick)
    return found + [row for size in (1024, 4096) for row in compared(size, 1, repeats)]


if __name__ == "__main__":
    run_alone(rows)
