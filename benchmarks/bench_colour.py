"""CPU time and aliasing of saturation against pedalboard's Distortion, on the same stereo audio in one process.

    python benchmarks/bench_colour.py [SECONDS]

Rows alternate, each runs five times, the median counts. The do-nothing row copies the audio, as each of the
others has to; the naive row is numpy's tanh. Aliasing: loudest line that is no harmonic, against the first, worst of
six full-scale tones.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pedalboard
from numpy.typing import NDArray

from smartmix.processors import Saturation, StereoWidth

RATE = 48_000
DRIVE_DB = 12.0
TONES_HZ = (5003, 7001, 9001, 11_003, 13_001, 14_983)
Samples = NDArray[np.float32]
Effect = Callable[[Samples], Samples]


def effects() -> dict[str, Effect]:
    """What is measured, by name."""
    theirs = pedalboard.Distortion(drive_db=DRIVE_DB)
    found: dict[str, Effect] = {
        "do nothing (copy)": np.copy,
        "pedalboard Distortion (tanh)": lambda x: theirs(x, RATE),
        "naive: numpy tanh": lambda x: np.tanh(10.0 ** (DRIVE_DB / 20.0) * x),
    }
    for character in ("tape", "tube", "clip"):
        for oversampling in ("2x", "4x", "8x"):
            run = Saturation(drive_db=DRIVE_DB, character=character, oversampling=oversampling)
            found[f"smartmix {character} {oversampling}"] = lambda x, run=run: run(x, RATE)  # type: ignore[misc]
    asleep, width = Saturation(), StereoWidth(side_db=2.0, mono_below_hz=120.0)
    found["smartmix saturation, drive 0"] = lambda x: asleep(x, RATE)
    found["smartmix stereo width"] = lambda x: width(x, RATE)
    return found


def aliasing_db(effect: Effect) -> float:
    worst = -300.0
    for hz in TONES_HZ:
        tone = np.sin(2.0 * np.pi * hz * np.arange(2 * RATE) / RATE).astype(np.float32)
        out = effect(np.stack([tone, tone]))[0, -RATE:].astype(np.float64)
        levels = np.abs(np.fft.rfft(out)) + 1e-12
        first = levels[hz]
        levels[::hz] = 1e-12
        worst = max(worst, float(20.0 * np.log10(levels.max() / first)))
    return worst


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    rng = np.random.default_rng(0)
    audio = (0.1 * rng.standard_normal((2, round(seconds * RATE)))).astype(np.float32)
    work = effects()
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(5):
        for name, effect in work.items():
            start = time.process_time()
            effect(audio)
            times[name].append(time.process_time() - start)
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    rival = middle["pedalboard Distortion (tanh)"]
    print(f"{seconds:g} s, 2 channels, {RATE} Hz, drive {DRIVE_DB:g} dB; speed against pedalboard Distortion")
    for name, taken in middle.items():
        print(
            f"{name:32s} {1e3 * taken:9.2f} ms {seconds / taken:8.0f} x real time {rival / taken:7.2f} x"
            f"  aliasing {aliasing_db(work[name]):7.1f} dB"
        )


if __name__ == "__main__":
    main()
