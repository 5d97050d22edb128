"""Our loudness beside libebur128's on every sound file of a folder.

    python benchmarks/loudness_files.py FOLDER [--all]

Prints the largest and the mean difference of every figure, the gate being 1e-4 LU on integrated loudness, and each file
with --all. libebur128 forms the windows of the loudness range once a second, EBU Tech 3342 (2023) asks for at least ten a
second: the row "range, our windows once a second" takes every tenth of ours, which is the same figure as libebur128's.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyebur128
from numpy.typing import NDArray

from smartmix import _core
from smartmix.audio import io

GATE_LU = 1e-4
SUFFIXES = (".flac", ".wav", ".aiff")
FIGURES = ("integrated", "range", "range, our windows once a second", "true peak")


@dataclass(frozen=True)
class Compared:
    """One file: what libebur128 reads and how far we, and the rows for comparison, are from it."""

    name: str
    rate: int
    integrated_lufs: float
    off: dict[str, float]
    naive: float
    fault: float


def libebur128(samples: NDArray[np.float32], rate: int) -> tuple[float, float, float]:
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(samples.shape[0], rate, mode.MODE_I | mode.MODE_LRA | mode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(samples.T).ravel(), samples.shape[1])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(samples.shape[0]))
    return pyebur128.get_loudness_global(state), pyebur128.get_loudness_range(state), peak


def meter_of(samples: NDArray[np.float32], rate: int) -> _core.LoudnessMeter:
    meter = _core.LoudnessMeter(rate, samples.shape[0])
    meter.process(samples)
    return meter


def compare(file: Path) -> Compared | None:
    audio = io.read(file)
    samples, rate = audio.samples, audio.sample_rate
    theirs, range_lu, peak = libebur128(samples, rate)
    if not math.isfinite(theirs):
        return None
    meter = meter_of(samples, rate)
    energies = meter.energies_10ms()
    wrong_rate = 48_000 if rate != 48_000 else 44_100
    return Compared(
        file.name,
        rate,
        theirs,
        {
            "integrated": meter.integrated_lufs() - theirs,
            "range": meter.range_lu() - range_lu,
            "range, our windows once a second": _core.range_of_blocks(meter.range_blocks()[::10]) - range_lu,
            "true peak": meter.true_peak_dbtp() - 20.0 * math.log10(peak),
        },
        -0.691 + 10.0 * math.log10(float(energies.mean())) - theirs,
        meter_of(samples, wrong_rate).integrated_lufs() - theirs,
    )


def row(name: str, values: list[float], gate: float | None = None) -> str:
    sizes = np.abs(values)
    verdict = "" if gate is None else ("ok" if sizes.max() <= gate else "MISSED")
    return f"| {name} | {sizes.max():.2e} | {sizes.mean():.2e} | {verdict} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="a line per file")
    options = parser.parse_args()
    files = sorted(f for f in options.folder.rglob("*") if f.suffix.lower() in SUFFIXES)
    found = [one for one in map(compare, files) if one is not None]
    if not found:
        raise SystemExit(f"{options.folder}: no sound file with a loudness")
    rates = ", ".join(str(rate) for rate in sorted({one.rate for one in found}))
    version = pyebur128.get_libebur128_version()
    print(f"{len(found)} files ({len(files) - len(found)} silent), {rates} Hz, libebur128 {version}\n")
    if options.all:
        print("| file | Hz | LUFS | " + " | ".join(FIGURES) + " |\n|" + "---|" * (len(FIGURES) + 3))
        for one in found:
            cells = " | ".join(f"{one.off[figure]:+.2e}" for figure in FIGURES)
            print(f"| {one.name} | {one.rate} | {one.integrated_lufs:.2f} | {cells} |")
        print()
    print("| ours less libebur128 | largest, LU or dB | mean | gate |\n|---|---|---|---|")
    for figure in FIGURES:
        gate = GATE_LU if figure == "integrated" else None
        print(row(figure, [one.off[figure] for one in found], gate))
    print(row("do nothing: -14 LUFS for all", [-14.0 - one.integrated_lufs for one in found]))
    print(row("naive: without gates", [one.naive for one in found]))
    print(row("planted fault: the filters of another rate", [one.fault for one in found]))


if __name__ == "__main__":
    main()
