"""Mastered stems add up to the master of their sum, through EQ, width, dynamics and limiter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from smartmix.audio.io import read
from smartmix.cli.main import app
from smartmix.errors import AudioError, OutputExistsError, SmartmixError
from smartmix.mastering.design import MasterSettings
from smartmix.mastering.files import master_song
from smartmix.mastering.stems import StemFiles, master_stems

RATE = 48_000


def coloured(seed: int, tilt: float, level: float, channels: int = 2, seconds: float = 8.0) -> np.ndarray:
    n = int(seconds * RATE)
    bins = np.fft.rfft(np.random.default_rng(seed).standard_normal((channels, n)))
    hz = np.maximum(np.fft.rfftfreq(n, 1 / RATE), 30.0)
    x = np.fft.irfft(bins * (hz / 1000.0) ** tilt, n)
    beat = 0.3 + np.exp(-6.0 * (np.arange(n) / RATE % 0.5))
    return (level * beat * x / np.std(x)).astype(np.float32)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path, Path]:
    """Three stems (one mono, one shorter), their sum, and a reference of another sound."""
    folder = tmp_path_factory.mktemp("stems")
    parts = {
        "drums": coloured(1, -0.8, 0.1),
        "vox": coloured(2, -0.4, 0.06, 1),
        "keys": coloured(3, -0.2, 0.05, 2, 6.0),
    }
    for name, x in parts.items():
        soundfile.write(folder / f"{name}.wav", x.T, RATE, subtype="FLOAT")
    total = np.zeros((2, 8 * RATE))
    for x in parts.values():
        total[:, : x.shape[1]] += x
    soundfile.write(folder / "sum.wav", total.T.astype(np.float32), RATE, subtype="FLOAT")
    reference = np.tanh(2.0 * coloured(9, -0.55, 0.25))
    soundfile.write(folder / "reference.wav", reference.T, RATE, subtype="FLOAT")
    return [folder / f"{name}.wav" for name in parts], folder / "sum.wav", folder / "reference.wav"


@pytest.mark.parametrize("with_reference", [False, True])
def test_stems_null_against_the_master_of_their_sum(
    song: tuple[list[Path], Path, Path], tmp_path: Path, with_reference: bool
) -> None:
    stems, whole, reference = song
    settings = MasterSettings(target=-9.0)
    made = master_stems(
        stems,
        tmp_path / "out",
        settings,
        reference=reference if with_reference else None,
        form=StemFiles("32f"),
    )
    assert made.master.max_gain_reduction_db > 2.0, "or the limiter is not tested"
    if with_reference:
        played = {s.id for s in made.master.plan.stages if s.played}  # type: ignore[union-attr]
        assert {"eq", "dynamics"} <= played
    master_song(
        whole, tmp_path / "whole.wav", settings, reference=reference if with_reference else None, bits="32f"
    )
    expected = read(tmp_path / "whole.wav").samples.astype(np.float64)
    total = sum(read(file).samples.astype(np.float64) for file, _ in made.files)
    assert 20 * np.log10(np.abs(total - expected).max()) < -100.0
    alone = read(made.files[0][0]).samples.astype(np.float64)
    assert 20 * np.log10(np.abs(alone - expected).max()) > -20.0, "a stem alone is not the master"


def test_what_has_no_parts_is_refused(song: tuple[list[Path], Path, Path], tmp_path: Path) -> None:
    stems, _, _ = song
    soundfile.write(tmp_path / "other.wav", np.zeros((100, 2)), 44_100)
    soundfile.write(tmp_path / "drums.wav", np.zeros((100, 2)), RATE)
    cases: list[tuple[list[Path], MasterSettings, type[Exception], str]] = [
        (stems[:1], MasterSettings(), SmartmixError, "two or more"),
        (stems, MasterSettings(drive_db=3.0), SmartmixError, "saturation works on the whole"),
        (stems, MasterSettings(repair=("clicks",)), SmartmixError, "repair works on the whole"),
        (stems, MasterSettings(chains={"eq": "x.toml"}), SmartmixError, "a plugin works on the whole"),
        ([*stems, tmp_path / "other.wav"], MasterSettings(), AudioError, "share a rate"),
        ([*stems, tmp_path / "drums.wav"], MasterSettings(), SmartmixError, "has this name"),
    ]
    for files, settings, error, message in cases:
        with pytest.raises(error, match=message):
            master_stems(files, tmp_path / "out", settings)
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out" / "vox.wav").write_text("mine")
    with pytest.raises(OutputExistsError):
        master_stems(stems, tmp_path / "out")


def test_the_command(song: tuple[list[Path], Path, Path], tmp_path: Path) -> None:
    words = ["stems", *map(str, song[0]), "-o", str(tmp_path), "--target", "-14", "--format", "flac"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["drums.flac", "keys.flac", "vox.flac"]
    assert "Of the sum: Master:" in result.stdout
