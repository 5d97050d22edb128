"""Sources whose facts are known, and sessions made of them, for the tests of analysis and suggesters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from smartmix.analysis import TrackFacts, extract
from smartmix.session.session import Session, Track

RATE = 48_000


def facts_of(samples: np.ndarray, rate: int = RATE, block: int = 65_536, **more: float) -> TrackFacts:
    samples = np.asarray(samples, dtype=np.float32)
    blocks = (samples[:, i : i + block] for i in range(0, samples.shape[1], block))
    return extract(blocks, rate, samples.shape[0], "source", **more)


def noise(
    seconds: float, rate: int = RATE, channels: int = 1, level: float = 0.1, seed: int = 0
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((channels, int(seconds * rate)))).astype(np.float32)


def sine(hz: float, seconds: float, level: float = 0.5, rate: int = RATE) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate))[np.newaxis].astype(
        np.float32
    )


@cache
def tone(hz: float, seconds: float, harmonics: int = 12, tilt: float = 1.0) -> np.ndarray:
    """A note with harmonics (frames,); the same array every time, so do not write into it."""
    t = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hz * k * t + k) / k**tilt for k in range(1, harmonics + 1))
    faded = wave * np.minimum(1, np.minimum(t, t[::-1]) / 0.02)
    faded.flags.writeable = False
    return faded


def melody(notes_hz: list[float], seconds: float = 1.0, **more: float) -> np.ndarray:
    return 0.1 * np.concatenate([tone(hz, seconds, **more) for hz in notes_hz])[np.newaxis]


def write_session(
    folder: Path,
    sources: Mapping[str, tuple[str, np.ndarray]],
    rough: np.ndarray | None = None,
    rate: int = RATE,
) -> Session:
    """A session of float files, name -> (role, samples (channels, frames)), and a rough mix if given."""

    def track(name: str, role: str, samples: np.ndarray) -> Track:
        path = folder / f"{name}.wav"
        soundfile.write(path, np.asarray(samples, np.float32).T, rate, subtype="FLOAT")
        channels, frames = samples.shape
        source = "session" if role != "unknown" else "none"
        return Track(name, name, path, role, source, sample_rate=rate, channels=channels, frames=frames)

    folder.mkdir(exist_ok=True)
    tracks = tuple(track(name, role, samples) for name, (role, samples) in sources.items())
    duration_s = max(t.frames for t in tracks) / rate
    brief = None if rough is None else track("rough", "unknown", rough)
    return Session("song", folder, tracks, rate, duration_s, rough=brief)
