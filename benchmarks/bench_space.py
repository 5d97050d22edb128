"""CPU time of reverb and delay against pedalboard's, on the same stereo audio in one process.

    python benchmarks/bench_space.py [SECONDS]

Rows alternate, each runs five times, the median counts. The do-nothing row copies the audio, as each of the others has
to; the naive row is the same echoes as numpy sees them, a loop over repeats.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pedalboard
from numpy.typing import NDArray

from smartmix.processors import Delay, Reverb

RATE = 48_000
Samples = NDArray[np.float32]
RIVALS = {"smartmix Reverb": "pedalboard Reverb", "smartmix Delay": "pedalboard Delay"}


def naive_delay(audio: Samples) -> Samples:
    """350 ms, feedback 0.35, no filters: each repeat added to a padded copy."""
    out, step, level = np.zeros_like(audio), round(0.35 * RATE), 1.0
    for first in range(step, audio.shape[1], step):
        out[:, first:] += level * audio[:, : audio.shape[1] - first]
        level *= 0.35
        if level < 1e-3:
            break
    return out


def rows(audio: Samples) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    their_reverb = pedalboard.Reverb(wet_level=1.0, dry_level=0.0)
    their_delay = pedalboard.Delay(delay_seconds=0.35, feedback=0.35, mix=1.0)
    reverb, parked = Reverb(mix=1.0), Reverb()
    delay, ping_pong = Delay(mix=1.0), Delay(mix=1.0, ping_pong=True)
    seconds = audio.shape[1] / RATE
    lane = {"decay_s": [(0.0, 0.5), (seconds, 4.0)], "mix": [(0.0, 0.2), (seconds, 1.0)]}
    size = {"size": [(0.0, 0.1), (seconds, 0.9)]}
    return {
        "do nothing (copy)": audio.copy,
        "pedalboard Reverb": lambda: their_reverb(audio, RATE),
        "smartmix Reverb": lambda: reverb(audio, RATE),
        "smartmix Reverb, mix 0": lambda: parked(audio, RATE),
        "smartmix Reverb, decay and mix ramping": lambda: Reverb(mix=1.0)(audio, RATE, automation=lane),
        "smartmix Reverb, size ramping": lambda: Reverb(mix=1.0)(audio, RATE, automation=size),
        "pedalboard Delay": lambda: their_delay(audio, RATE),
        "smartmix Delay": lambda: delay(audio, RATE),
        "smartmix Delay, ping-pong": lambda: ping_pong(audio, RATE),
        "naive delay: numpy, no filters": lambda: naive_delay(audio),
    }


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    rng = np.random.default_rng(0)
    audio = (0.1 * rng.standard_normal((2, round(seconds * RATE)))).astype(np.float32)
    work = rows(audio)
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(5):
        for name, job in work.items():
            start = time.process_time()
            job()
            times[name].append(time.process_time() - start)
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"{seconds:g} s, 2 channels, {RATE} Hz")
    for name, taken in middle.items():
        rival = next((other for word, other in RIVALS.items() if word in name), None)
        against = f"  {middle[rival] / taken:7.2f} x {rival}" if rival else ""
        print(f"{name:42s} {1e3 * taken:9.2f} ms {seconds / taken:8.0f} x real time{against}")


if __name__ == "__main__":
    main()
