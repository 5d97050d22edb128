"""Roughs with a known truth: real or synthesised tracks through a console nobody's fit has seen the settings of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.panning import pan_gains

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

THROWN_DB = 12.0
PAN_SPREAD = 0.35
RIDE_DB = 3.0
EQ_DB = (3.0, 8.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """``tracks`` as they arrive (thrown), ``rough``, and ``parts``: what each track adds to the rough (2, frames),
    behind its own strip and the gain the bus had at the time. ``pans`` is where each was put.
    """

    rate: int
    names: tuple[str, ...]
    tracks: list[Samples]
    rough: Samples
    parts: list[Samples]
    pans: Floats
    thrown_db: Floats
    equalised: NDArray[np.bool_]


def both_sides(samples: Samples) -> Samples:
    """(2, frames) of a mono or stereo source."""
    return np.stack((samples[0], samples[-1])).astype(np.float32)


def make_scene(names: tuple[str, ...], stems: list[Samples], rate: int, seed: int) -> Scene:
    """Every track thrown by +-12 dB; the rough made of the artist's own balance with random pans, EQ, compression,
    rides, and a bus with EQ, 2:1 compression and a soft clip.
    """
    rng = np.random.default_rng(seed)
    frames = max(s.shape[1] for s in stems)
    thrown = rng.uniform(-THROWN_DB, THROWN_DB, len(stems))
    pans = np.clip(rng.normal(0.0, PAN_SPREAD, len(stems)), -0.9, 0.9)
    parts, equalised = [], []
    for stem, pan in zip(stems, pans, strict=True):
        wide = np.pad(both_sides(stem), ((0, 0), (0, frames - stem.shape[1])))
        played, touched = through_strip(wide, rate, rng)
        parts.append(played * np.array(pan_gains(float(pan)), np.float32)[:, None])
        equalised.append(touched)
    rough, gain = through_bus(np.sum(parts, axis=0, dtype=np.float64), rate, rng)
    heard = [(p * gain).astype(np.float32) for p in parts]
    arrived = [(s * 10.0 ** (db / 20.0)).astype(np.float32) for s, db in zip(stems, thrown, strict=True)]
    return Scene(rate, names, arrived, rough, heard, pans, thrown, np.array(equalised))


def through_strip(samples: Samples, rate: int, rng: np.random.Generator) -> tuple[Samples, bool]:
    """Two bands of EQ on every other track, compression of the loud half on every other, a ride on every track."""
    from smartmix.processors import Compressor, ParametricEQ

    equalised = bool(rng.random() < 0.5)
    if equalised:
        settings: dict[str, float | str] = {}
        for band, (low, high) in enumerate(((80.0, 600.0), (800.0, 6000.0)), start=1):
            gain = rng.uniform(*EQ_DB) * rng.choice((-1.0, 1.0))
            settings |= {
                f"band{band}.shape": "bell",
                f"band{band}.freq_hz": float(np.exp(rng.uniform(np.log(low), np.log(high)))),
                f"band{band}.gain_db": float(gain),
                f"band{band}.q": float(rng.uniform(0.6, 2.0)),
            }
        samples = ParametricEQ(**settings)(samples, rate)
    if rng.random() < 0.5 and np.any(samples):
        loud_db = 20.0 * np.log10(np.percentile(np.abs(samples).max(axis=0)[::37], 97.0) + 1e-9)
        squeeze = Compressor(
            threshold_db=float(np.clip(loud_db - rng.uniform(3.0, 9.0), -60.0, 0.0)),
            ratio=float(rng.uniform(2.0, 4.0)),
            attack_ms=float(rng.uniform(3.0, 30.0)),
            release_ms=float(rng.uniform(60.0, 300.0)),
        )
        samples = squeeze(samples, rate)
    seconds = samples.shape[1] / rate
    knots = max(2, int(seconds / 5.0) + 1)
    ride_db = np.interp(
        np.arange(samples.shape[1]) / rate,
        np.linspace(0.0, seconds, knots),
        rng.uniform(-RIDE_DB, RIDE_DB, knots),
    )
    return (samples * 10.0 ** (ride_db / 20.0)).astype(np.float32), equalised


def through_bus(mix: Floats, rate: int, rng: np.random.Generator) -> tuple[Samples, Samples]:
    """Bus EQ, 2:1 over -16 dBFS at -14 dBFS RMS (10 ms, 150 ms), soft clip; the gain over time comes back too."""
    from smartmix.processors import ParametricEQ

    mix = mix * 10.0 ** (-14.0 / 20.0) / np.sqrt(np.mean(mix**2) + 1e-20)
    shelf = ParametricEQ()
    shelf.set("band1.shape", "high_shelf")
    shelf.set("band1.freq_hz", 8000.0)
    shelf.set("band1.gain_db", float(rng.uniform(-2.0, 2.0)))
    mix = shelf(mix.astype(np.float32), rate).astype(np.float64)
    hop = rate // 200
    hops = max(1, mix.shape[1] // hop)
    level = 10.0 * np.log10((mix[:, : hops * hop].reshape(2, hops, -1) ** 2).mean(axis=2).max(axis=0) + 1e-12)
    state, gains = 0.0, np.zeros(hops)
    for index, target in enumerate(np.minimum(0.0, (-16.0 - level) * 0.5)):
        keep = np.exp(-0.005 / (0.01 if target < state else 0.15))
        state = keep * state + (1.0 - keep) * target
        gains[index] = state
    smooth = 10.0 ** (np.interp(np.arange(mix.shape[1]), (np.arange(hops) + 0.5) * hop, gains) / 20.0)
    return np.tanh(mix * smooth).astype(np.float32), smooth.astype(np.float32)
