"""What limiters are compared on: six signals that break them, tones that show distortion, real mixes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.audio import io

RATE = 48_000
SECONDS = 4.0
OVER_DB = 6.0
"""How far over the ceiling the tones and the mixes are driven."""
CEILING = 10.0 ** (-1.0 / 20.0)
MIXES = ("eif_lithium", "lmms_reggaetry", "metal_muldjord_mutilated_mime.flac")

Samples = NDArray[np.float32]


def _drums(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    out = np.zeros((2, frames))
    length = RATE // 5
    decay = np.exp(-np.arange(length) / RATE * 60.0)
    for start in range(0, frames - length, RATE // 4):
        out[:, start : start + length] += 2.0 * rng.standard_normal((2, length)) * decay
    return out


def hostile() -> dict[str, Samples]:
    """The six signals of the limiter notes, hot and rich next to the Nyquist frequency on purpose."""
    rng = np.random.default_rng(1)
    n = round(SECONDS * RATE)
    t = np.arange(n) / RATE
    square = 1.6 * sum(np.sin(2 * np.pi * 997.0 * k * t) / k for k in range(1, 24, 2))
    tones = sum(
        np.sin(2 * np.pi * (hz * t + rng.random()))
        * (0.5 + 0.5 * np.sin(2 * np.pi * t * rng.uniform(0.2, 3.0)))
        for hz in rng.uniform(50.0, 9_000.0, 40)
    )
    drums = _drums(rng, n)
    found = {
        "noise": 0.5 * rng.standard_normal((2, n)),
        "fs/4 45°": np.tile(1.41 * np.sin(np.pi / 2 * np.arange(n) + np.pi / 4), (2, 1)),
        "square": np.stack([square, 0.9 * square]),
        "drum bursts": drums,
        "dense mix": np.stack([0.25 * tones, 0.25 * np.roll(tones, 37)]) + 0.4 * drums,
        "11.9 kHz": np.tile(1.5 * np.sin(2 * np.pi * 11_900.0 * t), (2, 1)),
    }
    return {name: np.ascontiguousarray(x, np.float32) for name, x in found.items()}


def band_noise(share: float, seed: int = 3) -> Samples:
    """Noise with content up to ``share`` of the sample rate, 9 dB over full scale at its peaks."""
    n = round(SECONDS * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, n)), axis=1)
    spectrum[:, np.fft.rfftfreq(n) > share] = 0.0
    x = np.fft.irfft(spectrum, n, axis=1)
    fade = np.hanning(2_000)[:1_000]
    x[:, :1_000] *= fade
    x[:, -1_000:] *= fade[::-1]
    return (2.8 * x / np.abs(x).max()).astype(np.float32)


def tone(parts: dict[float, float]) -> Samples:
    """Both sides the same: sines, ``parts`` as Hz: amplitude, together OVER_DB over the ceiling."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    x = sum(amplitude * np.sin(2 * np.pi * hz * t) for hz, amplitude in parts.items())
    x *= CEILING * 10.0 ** (OVER_DB / 20.0) / sum(parts.values())
    return np.ascontiguousarray(np.tile(x, (2, 1)), np.float32)


def mixes(data: Path, start_s: float = 15.0, seconds: float = 4.0) -> dict[str, tuple[Samples, int]]:
    """Real mixes by name: sums of a song's tracks, or a reference master, from where they are in full swing."""
    found = {}
    for name in MIXES:
        folder = data / "dev" / name
        if folder.is_dir():
            files = [f for f in sorted(folder.glob("*.flac")) if not f.name.startswith("_")]
        else:
            files = [data / "references" / name]
        read = [io.read(file) for file in files if file.is_file()]
        if not read:
            continue
        rate = read[0].sample_rate
        total = np.zeros((2, max(audio.samples.shape[1] for audio in read)), np.float32)
        for audio in read:
            total[:, : audio.samples.shape[1]] += audio.samples
        piece = total[:, round(start_s * rate) : round((start_s + seconds) * rate)]
        found[name.removesuffix(".flac")] = np.ascontiguousarray(piece / np.abs(piece).max()), rate
    return found
