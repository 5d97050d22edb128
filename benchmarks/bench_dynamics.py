"""CPU time of the dynamics processors against pedalboard's, on the same stereo audio in one process.

    python benchmarks/bench_dynamics.py [SECONDS]

Rows alternate, each runs five times, the median counts. The do-nothing row copies the audio, as each of the others
has to; the naive row is the same compressor as numpy and a Python loop over frames, timed on the first second.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pedalboard
from numpy.typing import NDArray

from smartmix.processors import Compressor, DeEsser, Gate

RATE = 48_000
Samples = NDArray[np.float32]


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


def rows(audio: Samples) -> dict[str, Callable[[], object]]:
    """What is timed, by name; RIVALS has whose time it is held against (pedalboard has no de-esser)."""
    theirs = pedalboard.Compressor(threshold_db=-24, ratio=4, attack_ms=10, release_ms=100)
    settings = {"threshold_db": -24, "ratio": 4, "attack_ms": 10, "release_ms": 100}
    peak, rms = Compressor(**settings), Compressor(**settings, detection="rms")
    auto, idle = Compressor(**settings, auto_times=True), Compressor()
    their_gate = pedalboard.NoiseGate(threshold_db=-24, ratio=10, attack_ms=1, release_ms=100)
    gate = Gate(threshold_db=-24, range_db=60, ratio=10, attack_ms=1, release_ms=100)
    de_esser = DeEsser(threshold_db=-40, range_db=6)
    return {
        "do nothing (copy)": audio.copy,
        "pedalboard Compressor": lambda: theirs(audio, RATE),
        "smartmix Compressor, peak": lambda: peak(audio, RATE),
        "smartmix Compressor, rms": lambda: rms(audio, RATE),
        "smartmix Compressor, automatic times": lambda: auto(audio, RATE),
        "smartmix Compressor, ratio 1": lambda: idle(audio, RATE),
        "pedalboard NoiseGate": lambda: their_gate(audio, RATE),
        "smartmix Gate": lambda: gate(audio, RATE),
        "smartmix DeEsser": lambda: de_esser(audio, RATE),
    }


RIVALS = {"smartmix Compressor": "pedalboard Compressor", "smartmix Gate": "pedalboard NoiseGate"}


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    audio = programme(seconds)
    work = rows(audio)
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(5):
        for name, job in work.items():
            start = time.process_time()
            job()
            times[name].append(time.process_time() - start)
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    start = time.process_time()
    naive_compressor(audio[:, :RATE])
    middle["naive: numpy and a Python loop"] = (time.process_time() - start) * seconds
    print(f"{seconds:g} s, 2 channels, {RATE} Hz")
    for name, taken in middle.items():
        rival = next((other for word, other in RIVALS.items() if word in name), None)
        against = f"  {middle[rival] / taken:7.2f} x {rival}" if rival else ""
        print(f"{name:38s} {1e3 * taken:9.2f} ms {seconds / taken:8.0f} x real time{against}")


if __name__ == "__main__":
    main()
