"""Short stereo songs made by code, to be mastered in tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

RATE = 44_100
Song = NDArray[np.float32]


def song(
    seed: int, seconds: float = 8.0, *, tilt_db: float = 0.0, punch: float = 1.0, width: float = 0.5
) -> Song:
    """Pink-like noise, hits twice a second, an ambience on the sides; ``tilt_db`` from the lows to the highs."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    bed, left, right = (_coloured(rng.standard_normal(frames), tilt_db) for _ in range(3))
    t = np.arange(frames) / RATE
    hits = punch * _coloured(rng.standard_normal(frames), tilt_db) * np.exp(-((2.0 * t) % 1.0) * 18.0)
    mid = 0.05 * bed + 0.16 * hits
    side = 0.04 * width * (left - right)
    return np.stack([mid + side, mid - side]).astype(np.float32)


def _coloured(noise: NDArray[np.float64], tilt_db: float) -> NDArray[np.float64]:
    """Minus 3 dB per octave and a tilt, 40 Hz to 15 kHz."""
    spectrum = np.fft.rfft(noise)
    hz = np.maximum(np.fft.rfftfreq(noise.size, 1.0 / RATE), 20.0)
    octaves = np.log2(hz / 1000.0)
    gain = 10.0 ** ((-3.0 * octaves + tilt_db * octaves / 8.0) / 20.0)
    shaped = np.fft.irfft(spectrum * gain, noise.size)
    out = sosfilt(butter(2, [40.0, 15_000.0], "bandpass", fs=RATE, output="sos"), shaped)
    return np.asarray(out / np.std(out))


def chords(semitones: int, seconds: float = 8.0) -> Song:
    """The same instrument (same envelope over frequency) playing the same chords so many semitones higher."""
    rng = np.random.default_rng(3)
    t = np.arange(round(seconds * RATE)) / RATE
    out = np.zeros(t.size)
    for at, root in enumerate((0, 5, 7, 3)):
        sounding = (t >= at * seconds / 4) & (t < (at + 1) * seconds / 4)
        for interval in (0, 4, 7, 12):
            f0 = 110.0 * 2.0 ** ((root + interval + semitones) / 12.0)
            for k in range(1, int(8000 / f0)):
                level = (k * f0 / 200.0) ** -1.0 if k * f0 > 200.0 else 1.0
                out[sounding] += level * np.sin(2 * np.pi * k * f0 * t[sounding] + 6.28 * rng.random())
    return np.stack([out, out]).astype(np.float32) * np.float32(0.02)
