"""``smartmix match``: bands and octaves on the terminal, a preset that plays, a drawing, an impulse response."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from smartmix.cli.main import app
from smartmix.matching import GRID_HZ, match_files
from smartmix.processors import ParametricEQ, load_preset

RATE = 48_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("match")
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db = "high_shelf", 3000.0, 4.0
    rng = np.random.default_rng(1)
    source, reference = (rng.normal(0.0, 0.05, (1, 4 * RATE)).astype(np.float32) for _ in range(2))
    soundfile.write(folder / "dull take.wav", source.T, RATE)
    soundfile.write(folder / "bright.wav", eq(reference, RATE).T, RATE)
    return folder / "dull take.wav", folder / "bright.wav"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["match", *map(str, words)], env={"COLUMNS": "200"})


def test_it_prints_and_writes(files: tuple[Path, Path], tmp_path: Path) -> None:
    preset, plot, fir = tmp_path / "p.toml", tmp_path / "p.svg", tmp_path / "p.wav"
    done = run(*files, "-o", preset, "--plot", plot, "--fir", fir, "--bands", 4)
    assert done.exit_code == 0, done.output
    for said in (
        "source: dull take.wav",
        "reference: bright.wav",
        "bell",
        "16 kHz",
        "sure",
        "equal loudness",
    ):
        assert said in done.output
    match = match_files(*files, 4)
    eq = load_preset(preset)
    assert eq.settings() == match.eq.settings()
    np.testing.assert_allclose(eq.response_db(GRID_HZ), match.achieved_db, atol=1e-9)
    assert match.octaves[8].intended_db - match.octaves[3].intended_db == pytest.approx(4.0, abs=0.5)
    assert ElementTree.fromstring(plot.read_text(encoding="utf-8")).tag.endswith("svg")
    taps, rate = soundfile.read(fir, dtype="float32")
    assert rate == RATE
    np.testing.assert_array_equal(taps, match.fir())


def test_json_and_amount(files: tuple[Path, Path]) -> None:
    whole, half = (json.loads(run(*files, "--dry-run", "--json", "--amount", n).stdout) for n in (100, 50))
    assert whole["files"] == []
    assert [o["centre_hz"] for o in whole["octaves"]][:2] == [31.5, 63.0]
    np.testing.assert_allclose(half["intended_db"], 0.5 * np.array(whole["intended_db"]), atol=1e-12)
    assert {"shape", "freq_hz", "gain_db", "q"} == set(whole["bands"][0])


def test_the_preset_is_named_after_both(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*files, "--quiet").exit_code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["dull take to bright.toml"]
    again = run(*files)
    assert again.exit_code == 2
    assert "already there" in again.output
    assert run(*files, "--force").exit_code == 0


def test_a_mistake_is_one_line(files: tuple[Path, Path], tmp_path: Path) -> None:
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(RATE), RATE)
    for words, said in (
        ((files[0], silent, "--dry-run"), "silent.wav"),
        ((files[0], tmp_path / "gone.wav", "--dry-run"), "no such file"),
        ((*files, "-o", tmp_path / "preset.wav"), "ends in .toml"),
        ((*files, "-o", tmp_path / "p.toml", "--fir", files[1]), "is an input"),
    ):
        done = run(*words)
        assert done.exit_code == 2, done.output
        assert said in done.output
        assert done.output.count("\n") == 1
