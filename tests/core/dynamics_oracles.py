"""Dynamics, one sample at a time in plain float64, written from the papers and not from the C++."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from properties.support import Samples

RATE = 48_000
Curve = NDArray[np.float64]


def keep(time_ms: float, rate: float = RATE) -> float:
    return math.exp(-1.0 / (time_ms * 1e-3 * rate))


def static_curve_db(level_db: float, threshold_db: float, ratio: float, knee_db: float) -> float:
    """Giannoulis, Massberg & Reiss 2012, eq. 4: output level of an input level."""
    over = level_db - threshold_db
    if 2.0 * over < -knee_db:
        return level_db
    if knee_db > 0.0 and 2.0 * abs(over) <= knee_db:
        return level_db + (1.0 / ratio - 1.0) * (over + knee_db / 2.0) ** 2 / (2.0 * knee_db)
    return threshold_db + over / ratio


def branching_detector(wanted_db: Iterable[float], rise_ms: float, fall_ms: float) -> Curve:
    """The same paper, eq. 16, on a reduction in dB that starts at 0."""
    rise, fall = keep(rise_ms), keep(fall_ms)
    y, out = 0.0, []
    for x in wanted_db:
        y = rise * y + (1.0 - rise) * x if x > y else fall * y + (1.0 - fall) * x
        out.append(y)
    return np.array(out)


def automatic_detector(
    wanted_db: Iterable[float], amplitudes: Iterable[float], rise_ms: float, fall_ms: float, cell: int = 32
) -> Curve:
    """The same with the automatic times of the authors' paper of 2013: 2 t / C^2, C the crest factor over 200 ms.

    Peak and mean square share the time constant; C^2 counts from 2 (a sine) to 100, and is taken every `cell`
    frames.
    """
    a = keep(200.0)
    peak = power = y = 0.0
    share, out = 1.0, []
    for n, (x, amplitude) in enumerate(zip(wanted_db, amplitudes, strict=True)):
        if n % cell == 0:
            share = 2.0 / min(max(peak / power, 2.0), 100.0) if power > 0.0 else 1.0
        rise, fall = keep(share * rise_ms), keep(share * fall_ms)
        y = rise * y + (1.0 - rise) * x if x > y else fall * y + (1.0 - fall) * x
        peak = max(amplitude**2, a * peak + (1.0 - a) * amplitude**2)
        power = a * power + (1.0 - a) * amplitude**2
        out.append(y)
    return np.array(out)


def level_db(samples: Samples, *, rms: bool = False, rms_ms: float = 10.0) -> Curve:
    """Level of the louder channel, frame by frame: of its sample, or of its mean square over `rms_ms`."""
    x = samples.astype(np.float64)
    if not rms:
        return 20.0 * np.log10(np.maximum(np.abs(x).max(axis=0), 1e-9))
    a = keep(rms_ms)
    powers = np.zeros_like(x)
    now = np.zeros(x.shape[0])
    for n in range(x.shape[1]):
        now = a * now + (1.0 - a) * x[:, n] ** 2
        powers[:, n] = now
    return 10.0 * np.log10(np.maximum(powers.max(axis=0), 1e-18))


def gain_db(out: Samples, audio: Samples) -> tuple[Curve, NDArray[np.bool_]]:
    """What was done to each frame of the first channel, in dB, and where there was enough to tell."""
    y, x = out[0].astype(np.float64), audio[0].astype(np.float64)
    seen = np.abs(x) > 1e-4
    return 20.0 * np.log10(np.abs(np.where(seen, y, 1.0)) / np.abs(np.where(seen, x, 1.0))), seen


def steps(levels_db: Iterable[float], seconds: float, *, channels: int = 1, rate: float = RATE) -> Samples:
    """A square wave at fs/4, whose every sample has the level asked for, `seconds` at each."""
    levels = np.repeat(10.0 ** (np.array(list(levels_db)) / 20.0), round(seconds * rate))
    signs = np.where(np.arange(levels.size) // 2 % 2 == 0, 1.0, -1.0)
    return np.tile((levels * signs).astype(np.float32), (channels, 1))


def bursts(frames: int, *, channels: int = 2, seed: int = 3) -> Samples:
    """Noise that jumps between quiet and loud, another in each channel."""
    rng = np.random.default_rng(seed)
    level = np.repeat(10.0 ** (rng.uniform(-50.0, -3.0, -(-frames // 900)) / 20.0), 900)[:frames]
    return (level * rng.uniform(-1.0, 1.0, (channels, frames))).astype(np.float32)


def time_to_63_percent_ms(curve: Curve, start: int, rate: float = RATE) -> float:
    """Time from `start` until the curve has gone 63.2 % of the way to where it ends, between frames."""
    begin, end = curve[start - 1], curve[-1]
    way = (curve[start - 1 :] - begin) / (end - begin)
    at = int(np.argmax(way >= 1.0 - math.exp(-1.0)))
    before, after = way[at - 1], way[at]
    return float((at - 1 + (1.0 - math.exp(-1.0) - before) / (after - before)) / rate * 1e3)
