"""CPU time of reverb and delay against pedalboard's, on the same stereo audio in one process.

    python benchmarks/bench_space.py [--quick]

The do-nothing row copies the audio, as each of the others has to; the naive row is the same echoes as numpy sees them,
a loop over repeats.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pedalboard
from numpy.typing import NDArray

from harness import Row, alternate, compare, run_alone
from smartmix.processors import Delay, Reverb

RATE = 48_000
Samples = NDArray[np.float32]
COPY, NAIVE = "copy", "delay in numpy, no filters"
REVERB, DELAY = "pedalboard Reverb", "pedalboard Delay"


def naive_delay(audio: Samples) -> Samples:
    """350 ms, feedback 0.35, no filters: each repeat added to a padded copy."""
    out, step, level = np.zeros_like(audio), round(0.35 * RATE), 1.0
    for first in range(step, audio.shape[1], step):
        out[:, first:] += level * audio[:, : audio.shape[1] - first]
        level *= 0.35
        if level < 1e-3:
            break
    return out


def jobs(audio: Samples) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    their_reverb = pedalboard.Reverb(wet_level=1.0, dry_level=0.0)
    their_delay = pedalboard.Delay(delay_seconds=0.35, feedback=0.35, mix=1.0)
    reverb, parked = Reverb(mix=1.0), Reverb()
    delay, ping_pong = Delay(mix=1.0), Delay(mix=1.0, ping_pong=True)
    seconds = audio.shape[1] / RATE
    lane = {"decay_s": [(0.0, 0.5), (seconds, 4.0)], "mix": [(0.0, 0.2), (seconds, 1.0)]}
    size = {"size": [(0.0, 0.1), (seconds, 0.9)]}
    return {
        COPY: audio.copy,
        REVERB: lambda: their_reverb(audio, RATE),
        "reverb": lambda: reverb(audio, RATE),
        "reverb, mix 0": lambda: parked(audio, RATE),
        "reverb, decay and mix ramping": lambda: Reverb(mix=1.0)(audio, RATE, automation=lane),
        "reverb, size ramping": lambda: Reverb(mix=1.0)(audio, RATE, automation=size),
        DELAY: lambda: their_delay(audio, RATE),
        "delay": lambda: delay(audio, RATE),
        "delay, ping-pong": lambda: ping_pong(audio, RATE),
        NAIVE: lambda: naive_delay(audio),
    }


def rows(quick: bool = False) -> list[Row]:
    rng = np.random.default_rng(0)
    audio = (0.1 * rng.standard_normal((2, (3 if quick else 20) * RATE))).astype(np.float32)
    times = alternate(jobs(audio), 3 if quick else 5)
    ours = [name for name in times if name.startswith(("reverb", "delay"))]
    return [
        *(
            compare(times, name, REVERB if name.startswith("reverb") else DELAY)
            for name in ours
            if name != NAIVE
        ),
        compare(times, COPY, DELAY, kind="do nothing"),
        compare(times, NAIVE, DELAY, kind="naive"),
    ]


if __name__ == "__main__":
    run_alone(rows)
