"""What the plots are measured with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.processors import Processor

RATE = 48_000
Values = NDArray[np.float64]
Samples = NDArray[np.float32]


def hz_grid(count: int = 240) -> Values:
    """20 Hz to 20 kHz, even in octaves."""
    return np.geomspace(20.0, 20_000.0, count)


def sine(hz: float, seconds: float, level: float = 1.0) -> Values:
    """A sine."""
    return level * np.sin(2.0 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


def stereo(values: NDArray[np.floating]) -> Samples:
    """The same on both sides."""
    return np.repeat(values[np.newaxis], 2, axis=0).astype(np.float32)


def impulse(seconds: float) -> Samples:
    """One frame at full scale on both sides."""
    audio = np.zeros((2, round(seconds * RATE)), np.float32)
    audio[:, 0] = 1.0
    return audio


def db_of(values: NDArray[np.floating], floor_db: float = -160.0) -> Values:
    """Levels of amplitudes."""
    return np.asarray(
        20.0 * np.log10(np.maximum(np.abs(values.astype(np.float64)), 10.0 ** (floor_db / 20.0)))
    )


def envelope_db(audio: NDArray[np.floating], hz: float) -> Values:
    """Level of a sine, period by period, held from frame to frame."""
    period = round(RATE / hz)
    count = audio.size // period
    peaks = np.abs(audio[: count * period].reshape(count, period)).max(axis=1)
    return np.repeat(db_of(peaks), period)


def spectrum_db(out: Samples, hz: Values) -> Values:
    """Magnitude response from an impulse response."""
    n = np.arange(out.shape[1])
    response = np.array([np.dot(out[0].astype(np.float64), np.exp(-2j * np.pi * f / RATE * n)) for f in hz])
    return db_of(np.abs(response))


def steady_db(effect: Processor, level_db: float, hz: float = 1000.0, seconds: float = 0.6) -> float:
    """Peak level in dB that a steady sine comes out with."""
    out = effect(stereo(sine(hz, seconds, 10.0 ** (level_db / 20.0))), RATE)
    return float(db_of(np.abs(out[0, -RATE // 10 :]).max()[np.newaxis])[0])
