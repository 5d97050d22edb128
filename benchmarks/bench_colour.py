"""CPU time and aliasing of saturation against pedalboard's Distortion, on the same stereo audio in one process.

    python benchmarks/bench_colour.py [--quick]

The do-nothing row copies the audio, as each of the others has to; the naive row is numpy's tanh. Aliasing: loudest line
that is no harmonic, against the first, worst of six full-scale tones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pedalboard
from numpy.typing import NDArray

from harness import Kind, Row, alternate, compare, run_alone
from smartmix.processors import Saturation, StereoWidth

RATE = 48_000
DRIVE_DB = 12.0
TONES_HZ = (5003, 7001, 9001, 11_003, 13_001, 14_983)
COPY, NAIVE, RIVAL, WIDTH = (
    "do nothing (copy)",
    "naive: numpy tanh",
    "pedalboard Distortion (tanh)",
    "smartmix stereo width",
)
Samples = NDArray[np.float32]
Effect = Callable[[Samples], Samples]


def effects() -> dict[str, Effect]:
    """What is measured, by name."""
    theirs = pedalboard.Distortion(drive_db=DRIVE_DB)
    found: dict[str, Effect] = {
        COPY: np.copy,
        RIVAL: lambda x: theirs(x, RATE),
        NAIVE: lambda x: np.tanh(10.0 ** (DRIVE_DB / 20.0) * x),
    }
    for character in ("tape", "tube", "clip"):
        for oversampling in ("2x", "4x", "8x"):
            run = Saturation(drive_db=DRIVE_DB, character=character, oversampling=oversampling)
            found[f"smartmix {character} {oversampling}"] = lambda x, run=run: run(x, RATE)  # type: ignore[misc]
    asleep, width = Saturation(), StereoWidth(side_db=2.0, mono_below_hz=120.0)
    found["smartmix saturation, drive 0"] = lambda x: asleep(x, RATE)
    found[WIDTH] = lambda x: width(x, RATE)
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


def rows(quick: bool = False) -> list[Row]:
    rng = np.random.default_rng(0)
    audio = (0.1 * rng.standard_normal((2, (3 if quick else 10) * RATE))).astype(np.float32)
    work = effects()
    times = alternate({name: partial(effect, audio) for name, effect in work.items()}, 3 if quick else 5)
    kinds: dict[str, Kind] = {COPY: "do nothing", NAIVE: "naive"}
    return [
        compare(
            times,
            name,
            RIVAL,
            kind=kinds.get(name, "ours"),
            note="" if name == WIDTH else f"aliasing {aliasing_db(work[name]):.0f} dB",
        )
        for name in work
        if name != RIVAL
    ]


if __name__ == "__main__":
    run_alone(rows)
