"""A drum kit for the tests of polarity: decaying tones and noise per drum, heard by each microphone at its distance."""

from __future__ import annotations

import numpy as np
from scipy import signal

from sources import RATE

SECONDS = 10.0
SPEED_MS = {"kick": 1.7, "snare": 2.6, "tom": 2.1}
"""How much later the overheads hear each drum than its close microphone, ms."""


def drum(hz: float, decay_s: float, hits_s: tuple[float, ...], seed: int, noise: float) -> np.ndarray:
    """Hits of a falling tone with a noisy attack (frames,)."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(0.4 * RATE)) / RATE
    total = np.zeros(int(SECONDS * RATE))
    for hit_s in hits_s:
        tone = np.sin(2 * np.pi * hz * np.cumsum(1 + 0.5 * np.exp(-t / 0.02)) / RATE) * np.exp(-t / decay_s)
        attack = noise * rng.standard_normal(t.size) * np.exp(-t / 0.01)
        start = int(hit_s * RATE)
        total[start : start + t.size] += (tone + attack)[: total.size - start]
    return total


def late(samples: np.ndarray, ms: float) -> np.ndarray:
    frames = round(ms * RATE / 1000)
    return np.concatenate((np.zeros(frames), samples))[: samples.size]


def kit(seed: int = 0) -> dict[str, tuple[str, np.ndarray]]:
    """Role and samples by track name: everything in polarity, the overheads late by distance only."""
    beats = np.arange(0.2, SECONDS - 0.6, 0.5)
    drums = {
        "kick": drum(58.0, 0.12, tuple(beats[::2]), 1 + seed, 0.4),
        "snare": drum(190.0, 0.08, tuple(beats[1::2]), 2 + seed, 0.8),
        "tom": drum(110.0, 0.15, (4.45, 4.95, 8.45, 8.95), 3 + seed, 0.5),
    }
    spill = {name: 0.03 * late(sum(x for other, x in drums.items() if other != name), 1.3) for name in drums}
    low = signal.butter(1, 2500, fs=RATE, output="sos")
    wash = np.random.default_rng(9 + seed).standard_normal((2, int(SECONDS * RATE))) * 0.003
    sides = [
        sum(gain * late(drums[name], SPEED_MS[name] + shift) for name, (gain, shift) in places.items())
        for places in (
            {"kick": (0.3, 0.0), "snare": (0.5, 0.0), "tom": (0.5, 0.1)},
            {"kick": (0.3, 0.1), "snare": (0.5, 0.2), "tom": (0.4, 0.4)},
        )
    ]
    return {
        "Kick In": ("kick", (drums["kick"] + spill["kick"])[np.newaxis]),
        "Kick Out": ("kick", signal.sosfilt(low, 0.7 * late(drums["kick"], 0.8) + spill["kick"])[np.newaxis]),
        "Snare Top": ("snare", (drums["snare"] + spill["snare"])[np.newaxis]),
        "Snare Bottom": ("snare", (0.6 * late(drums["snare"], 0.3) + spill["snare"])[np.newaxis]),
        "Floor Tom": ("toms", (drums["tom"] + spill["tom"])[np.newaxis]),
        "OH": ("overheads", np.stack(sides) + wash),
    }


def turned(sources: dict[str, tuple[str, np.ndarray]], *names: str) -> dict[str, tuple[str, np.ndarray]]:
    """The sources with some of them upside down ("OH right": one side)."""
    out = dict(sources)
    for name in names:
        track, _, _ = name.partition(" right")
        role, samples = out[track]
        flipped = samples.copy()
        flipped[1 if name.endswith(" right") else slice(None)] *= -1
        out[track] = (role, flipped)
    return out
