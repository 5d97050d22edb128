"""How near a recall comes to the truth of a scene: contributions over time, pans, and the re-render as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.panning import pan_gains
from smartmix.plan.move import Move
from smartmix.training.suites.rough_scene import Floats, Samples, Scene, both_sides

AUDIBLE_DB = -25.0
"""A second in which a track lies this far under the whole rough is not judged."""
FEWEST_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Apart:
    """Per audible track: mean distance of its contribution, second by second, dB; of its place, pan units."""

    level_db: Floats
    pan: Floats


def played(scene: Scene, moves: list[Move]) -> list[Samples]:
    """What each track adds to the mix with the moves as suggested (faders, lanes, pans, EQ bands), (2, frames)."""
    parts = []
    for name, track in zip(scene.names, scene.tracks, strict=True):
        wide = np.pad(both_sides(track), ((0, 0), (0, scene.rough.shape[1] - track.shape[1])))
        sets = [s for m in moves for s in m.sets if s.ref.track == name]
        parts.append(_through(wide, scene.rate, sets))
    return parts


def _through(samples: Samples, rate: int, sets: list[Any]) -> Samples:
    from smartmix.processors import ParametricEQ

    gain_db, pan = np.zeros(samples.shape[1]), 0.0
    times = np.arange(samples.shape[1]) / rate
    eq = ParametricEQ()
    sections: dict[str, int] = {}
    for item in sets:
        value = item.value
        if item.ref.device == "fader":
            gain_db = gain_db + (
                np.interp(times, [p.time_s for p in value], [p.value for p in value])
                if isinstance(value, tuple)
                else value
            )
        elif item.ref.device == "pan":
            pan = value
        elif item.ref.device == "eq":
            section, _, parameter = item.ref.parameter.rpartition(".")
            band = sections.setdefault(section, len(sections) + 1)
            eq.set(f"band{band}.{parameter}", value)
    out = eq(samples, rate) if sections else samples
    sides = np.array(pan_gains(pan), np.float32)[:, None]
    return np.asarray(out * sides * (10.0 ** (gain_db / 20.0)).astype(np.float32), np.float32)


def seconds_power(samples: Samples, rate: int) -> Floats:
    """(2, seconds) power of each side in each second."""
    whole = samples[:, : samples.shape[1] // rate * rate].astype(np.float64)
    return np.asarray((whole.reshape(2, -1, rate) ** 2).mean(axis=2))


def audible(scene: Scene) -> NDArray[np.bool_]:
    """(tracks, seconds) where a track can be heard in the rough."""
    rough = seconds_power(scene.rough, scene.rate).sum(axis=0)
    parts = np.stack([seconds_power(p, scene.rate).sum(axis=0) for p in scene.parts])
    there = parts > rough * 10.0 ** (AUDIBLE_DB / 10.0) + 1e-12
    there[there.sum(axis=1) < FEWEST_SECONDS] = False
    return np.asarray(there)


def apart(scene: Scene, parts: list[Samples]) -> Apart:
    """Distance of these contributions from the true ones, after the overall level (one figure) is taken off."""
    there = audible(scene)
    found, true = (np.stack([seconds_power(p, scene.rate) for p in x]) for x in (parts, scene.parts))
    difference = 10.0 * np.log10((found.sum(axis=1) + 1e-12) / (true.sum(axis=1) + 1e-12))
    if not there.any():
        return Apart(np.zeros(0), np.zeros(0))
    difference -= np.median(difference[there])
    tracks = np.flatnonzero(there.any(axis=1))
    level = np.array([np.abs(difference[t][there[t]]).mean() for t in tracks])
    place = np.array([abs(_place(found[t], there[t]) - _place(true[t], there[t])) for t in tracks])
    return Apart(level, place)


def _place(power: Floats, there: NDArray[np.bool_]) -> float:
    left, right = np.sqrt(power[:, there].sum(axis=1))
    return float(4.0 / np.pi * np.arctan2(right, left) - 1.0)


def spectral_distance(made: Samples, wanted: Samples) -> float:
    """Multi-resolution STFT distance of mid and side (windows of 512, 2048 and 8192): spectral convergence plus mean
    distance of log magnitudes, after R. Yamamoto, E. Song & J.-M. Kim, "Parallel WaveGAN", ICASSP 2020; levels matched.
    """
    made = made * np.sqrt((wanted**2).mean() / max(float((made**2).mean()), 1e-20))
    total = 0.0
    for sign in (1.0, -1.0):
        first, second = made[0] + sign * made[1], wanted[0] + sign * wanted[1]
        for size in (512, 2048, 8192):
            a, b = _magnitudes(first, size), _magnitudes(second, size)
            floor = b.max() * 1e-4 + 1e-9
            total += float(np.linalg.norm(a - b) / max(float(np.linalg.norm(b)), 1e-6)) / 6.0
            total += float(np.abs(np.log(a + floor) - np.log(b + floor)).mean()) / 6.0
    return total


def feature_distance(made: Samples, wanted: Samples, rate: int) -> float:
    """Audio-feature loss after S. S. Vanka et al., "Diff-MST", ISMIR 2024 (weights from memory): squared differences of
    RMS (dB, 0.1), crest factor (dB, 0.001), width (1), imbalance (1) and band spectrum (dB, 0.1), levels as they are.
    """
    first, second = (_features(x, rate) for x in (made, wanted))
    weights = (0.1, 0.001, 1.0, 1.0, 0.1)
    return float(sum(w * np.mean((a - b) ** 2) for w, a, b in zip(weights, first, second, strict=True)))


def _features(samples: Samples, rate: int) -> list[Floats]:
    from smartmix.analysis.bands import edge_bins, sum_bands

    wide = samples.astype(np.float64)
    rms = np.sqrt((wide**2).mean(axis=1)) + 1e-9
    crest = 20.0 * np.log10((np.abs(wide).max(axis=1) + 1e-9) / rms)
    middle, side = wide.sum(axis=0), wide[0] - wide[1]
    width = np.array([(side**2).mean() / ((middle**2).mean() + 1e-12)])
    powers = (wide**2).mean(axis=1)
    imbalance = np.array([(powers[1] - powers[0]) / (powers.sum() + 1e-12)])
    size = 8192
    spectrum = np.stack([(_magnitudes(s, size).astype(np.float64) ** 2).mean(axis=0) for s in samples])
    bands = 10.0 * np.log10(sum_bands(spectrum, edge_bins(rate, size)) + 1e-9)
    return [20.0 * np.log10(rms), crest, width, imbalance, bands]


def _magnitudes(x: NDArray[np.floating], size: int) -> NDArray[np.float32]:
    hop = size // 2
    padded = np.pad(x.astype(np.float32), (0, max(0, size - x.size)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    return np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32))).astype(np.float32)
