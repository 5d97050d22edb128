"""A tiny song on disk, and the command line run on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from smartmix.cli.main import app

RATE = 44100
SECONDS = 8.0


def tone(hz: float, level: float, *, every_s: float, decay: float) -> np.ndarray:
    time_s = np.arange(int(SECONDS * RATE)) / RATE
    return level * np.sin(2 * np.pi * hz * time_s) * np.exp(-decay * (time_s % every_s))


def sources() -> dict[str, np.ndarray]:
    voice = tone(330.0, 0.2, every_s=2.0, decay=0.5) + tone(990.0, 0.06, every_s=2.0, decay=0.7)
    voice[int(3.0 * RATE) : int(4.0 * RATE)] = 0.0
    return {
        "Kick": tone(55.0, 0.5, every_s=0.5, decay=18.0),
        "Bass DI": tone(82.4, 0.25, every_s=0.5, decay=2.0),
        "Keys": tone(262.0, 0.12, every_s=1.0, decay=1.0) + tone(392.0, 0.1, every_s=1.0, decay=1.0),
        "Lead Vox": voice,
        "Click": tone(1000.0, 0.3, every_s=0.5, decay=60.0),
    }


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with four tracks, a click and a rough mix in which the vocal is 3 dB up."""
    folder = tmp_path_factory.mktemp("song") / "Tiny Song"
    folder.mkdir()
    rng = np.random.default_rng(7)
    tracks = {name: samples + 1e-5 * rng.standard_normal(samples.size) for name, samples in sources().items()}
    for name, samples in tracks.items():
        soundfile.write(folder / f"{name}.wav", samples, RATE, subtype="PCM_24")
    gains = {"Kick": 0.8, "Bass DI": 0.9, "Keys": 0.6, "Lead Vox": 1.41}
    rough = sum(gain * tracks[name] for name, gain in gains.items())
    soundfile.write(folder / "Tiny Song rough.wav", np.stack([rough, rough], axis=1), RATE, subtype="PCM_24")
    return folder


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run the command line with these words; a bug's exception is raised, not swallowed."""

    def invoke(*words: object) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture(scope="session")
def mixed(song: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """One whole pass over the tiny song: its output folder and what was printed."""
    out = tmp_path_factory.mktemp("out") / "pass"
    return out, run("mix", song, "-o", out)
