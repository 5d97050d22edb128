"""CPU time of the dynamics processors against pedalboard's, on the same stereo audio in one process.

    python benchmarks/bench_dynamics.py [--quick]

The do-nothing row copies the audio, as each of the others has to; the naive row is the same compressor as numpy and a
Python loop over frames, timed on the first second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pedalboard
from numpy.typing import NDArray

from harness import Row, alternate, compare, run_alone
from smartmix.processors import Compressor, DeEsser, DynamicEQ, Gate, MultibandCompressor, TruePeakLimiter

RATE = 48_000
Samples = NDArray[np.float32]
COPY, NAIVE = "copy", "compressor in numpy, a Python loop"
THEIRS, THEIR_GATE, THEIR_LIMITER = "pedalboard Compressor", "pedalboard NoiseGate", "pedalboard Limiter"
THEIR_BANDS = "pedalboard Mix of 4 filtered Compressors"


def programme(seconds: float) -> Samples:
    """Noise with hits: levels on both sides of the threshold, all the time."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    level = 0.05 + 0.7 * np.exp(-((t * 3.0) % 1.0) * 12.0)
    return (level * rng.uniform(-1.0, 1.0, (2, t.size))).astype(np.float32)


def naive_compressor(audio: Samples) -> Samples:
    """Threshold -24, 4:1, hard knee, 10 and 100 ms: vectors for the curve, a Python loop for the detector."""
    level = 20.0 * np.log10(np.maximum(np.abs(audio).max(axis=0), 1e-9))
    wanted = 0.75 * np.maximum(level + 24.0, 0.0)
    attack, release = math.exp(-1.0 / (0.010 * RATE)), math.exp(-1.0 / (0.100 * RATE))
    reduction = np.empty_like(wanted)
    y = 0.0
    for n, x in enumerate(wanted):
        keep = attack if x > y else release
        y = keep * y + (1.0 - keep) * x
        reduction[n] = y
    return (audio * 10.0 ** (-reduction / 20.0)).astype(np.float32)


def their_bands() -> pedalboard.Mix:
    """The nearest pedalboard has to a multiband: filters of 6 dB/oct, twice, in front of four compressors, summed."""
    cuts = (20.0, 120.0, 1000.0, 6000.0, 20_000.0)
    return pedalboard.Mix(
        [
            pedalboard.Chain(
                [
                    *(pedalboard.HighpassFilter(low) for _ in range(2)),
                    *(pedalboard.LowpassFilter(high) for _ in range(2)),
                    pedalboard.Compressor(threshold_db=-24, ratio=4, attack_ms=10, release_ms=100),
                ]
            )
            for low, high in pairwise(cuts)
        ]
    )


def jobs(audio: Samples) -> dict[str, Callable[[], object]]:
    """What is timed, by name; pedalboard has no de-esser, dynamic EQ or multiband."""
    theirs = pedalboard.Compressor(threshold_db=-24, ratio=4, attack_ms=10, release_ms=100)
    their_gate = pedalboard.NoiseGate(threshold_db=-24, ratio=10, attack_ms=1, release_ms=100)
    their_limiter = pedalboard.Limiter(threshold_db=-12, release_ms=100)
    settings = {"threshold_db": -24, "ratio": 4, "attack_ms": 10, "release_ms": 100}
    peak, rms = Compressor(**settings), Compressor(**settings, detection="rms")
    auto, idle = Compressor(**settings, auto_times=1), Compressor()
    gate = Gate(threshold_db=-24, range_db=60, ratio=10, attack_ms=1, release_ms=100)
    soft = Gate(threshold_db=-24, range_db=20, ratio=2, knee_db=8, detection="rms")
    de_esser = DeEsser(threshold_db=-40, range_db=6)
    four = range(1, 5)
    moving = DynamicEQ(
        **{f"band{i}.{k}": v for i in four for k, v in (("range_db", -6), ("threshold_db", -45))}
    )
    resting = DynamicEQ(
        **{f"band{i}.{k}": v for i in four for k, v in (("range_db", -6), ("threshold_db", 0))}
    )
    bands = MultibandCompressor(
        **{f"band{i}.{k}": v for i in four for k, v in (("ratio", 4), ("threshold_db", -24))}
    )
    others = their_bands()
    limiter, idle_limiter = TruePeakLimiter(ceiling_dbtp=-12.0), TruePeakLimiter(ceiling_dbtp=0.0)
    quiet = np.float32(0.25) * audio
    second = audio[:, :RATE]
    return {
        COPY: audio.copy,
        NAIVE: lambda: naive_compressor(second),
        THEIRS: lambda: theirs(audio, RATE),
        "compressor, peak": lambda: peak(audio, RATE),
        "compressor, rms": lambda: rms(audio, RATE),
        "compressor, automatic times": lambda: auto(audio, RATE),
        "compressor, ratio 1": lambda: idle(audio, RATE),
        THEIR_GATE: lambda: their_gate(audio, RATE),
        "gate": lambda: gate(audio, RATE),
        "gate as a soft expander, rms": lambda: soft(audio, RATE),
        THEIR_BANDS: lambda: others(audio, RATE),
        "multiband compressor, 4 bands": lambda: bands(audio, RATE),
        "dynamic EQ, 4 bands moving": lambda: moving(audio, RATE),
        "dynamic EQ, 4 bands listening": lambda: resting(audio, RATE),
        "de-esser": lambda: de_esser(audio, RATE),
        THEIR_LIMITER: lambda: their_limiter(audio, RATE),
        "true peak limiter, 12 dB at work": lambda: limiter(audio, RATE),
        "true peak limiter, idle": lambda: idle_limiter(quiet, RATE),
    }


def rows(quick: bool = False) -> list[Row]:
    seconds = 3.0 if quick else 20.0
    times = alternate(jobs(programme(seconds)), 3 if quick else 5)
    times[NAIVE] = [seconds * t for t in times[NAIVE]]
    against = {name: THEIRS for name in times if name.startswith("compressor,")}
    against |= {name: THEIR_GATE for name in times if name.startswith("gate")}
    against |= {name: THEIRS for name in times if name.startswith(("de-esser", "dynamic EQ"))}
    against |= {"multiband compressor, 4 bands": THEIR_BANDS}
    against |= {name: THEIR_LIMITER for name in times if name.startswith("true peak")}
    notes = {
        "de-esser": "no rival with one; beside a compressor",
        "dynamic EQ, 4 bands moving": "no rival with one; beside a compressor",
        "dynamic EQ, 4 bands listening": "no rival with one; beside a compressor",
        "multiband compressor, 4 bands": "the rival's filters are 12 dB/oct and do not add up flat",
        "true peak limiter, 12 dB at work": "the rival lets peaks through, looks at samples only",
    }
    return [
        *(compare(times, name, rival, note=notes.get(name, "")) for name, rival in against.items()),
        compare(times, COPY, THEIRS, kind="do nothing"),
        compare(times, NAIVE, THEIRS, kind="naive", note="timed on one second"),
    ]


if __name__ == "__main__":
    run_alone(rows)
