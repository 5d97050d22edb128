from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

Sound = Callable[..., Path]


@pytest.fixture
def sound() -> Sound:
    """Write a quiet sound file, each name its own noise: sound(path, seconds, rate, channels)."""

    def write(path: Path, seconds: float = 0.1, rate: int = 48_000, channels: int = 1) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = round(seconds * rate)
        samples = np.random.default_rng(list(path.name.encode())).normal(0.0, 0.01, (frames, channels))
        soundfile.write(path, samples, rate)
        return path

    return write
