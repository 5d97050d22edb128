"""One EQ move followed from the words in plan.toml to the samples that change, with nothing but files in between."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from smartmix.cli.main import app
from smartmix.plan import load_plan

RATE = 48_000
HZ, DB, Q = 310.0, -2.5, 1.2
START_S, END_S = 2.0, 8.0


def run(*words: object) -> None:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output


@pytest.fixture
def rendered(tmp_path: Path) -> tuple[np.ndarray, np.ndarray, Path]:
    """The song without the move, with it, and the plan that says so."""
    rng = np.random.default_rng(310)
    song = tmp_path / "song"
    song.mkdir()
    t = np.arange(10 * RATE) / RATE
    guitar = 0.2 * np.sin(2 * np.pi * HZ * t) + 0.02 * rng.standard_normal(t.size)
    soundfile.write(song / "GTR L.wav", guitar, RATE, subtype="FLOAT")
    soundfile.write(song / "Keys.wav", 0.05 * rng.standard_normal((t.size, 2)), RATE, subtype="FLOAT")
    plan = tmp_path / "plan.toml"
    run("suggest", song, "-o", plan)
    run("render", song, "--plan", plan, "-o", tmp_path / "without.wav")
    run("plan", "add", plan, "gtr-l", "--bell", HZ, DB, Q, "--span", f"0:0{START_S:g}-0:0{END_S:g}")
    run("render", song, "--plan", plan, "-o", tmp_path / "with.wav")
    without, _ = soundfile.read(tmp_path / "without.wav", dtype="float32", always_2d=True)
    changed, _ = soundfile.read(tmp_path / "with.wav", dtype="float32", always_2d=True)
    return without.T, changed.T, plan


def level_db(samples: np.ndarray) -> float:
    """Level of the line at HZ in a whole number of its periods."""
    n = np.arange(samples.size)
    return float(20.0 * np.log10(abs(np.mean(samples * np.exp(-2j * np.pi * HZ / RATE * n)))))


def test_the_change_begins_and_ends_on_the_frames_the_plan_names(
    rendered: tuple[np.ndarray, np.ndarray, Path],
) -> None:
    without, changed, plan = rendered
    written = tomllib.loads(plan.read_text(encoding="utf-8"))["move"][-1]
    assert written["span_s"] == [START_S, END_S]
    different = np.flatnonzero(np.any(without != changed, axis=0))
    assert different[0] == round(START_S * RATE)
    # The filter rings out after it is back at 0 dB; then not a bit differs.
    assert round(END_S * RATE) - 1 <= different[-1] <= round((END_S + 0.1) * RATE)


def test_the_spectrum_moves_by_the_decibels_the_plan_claims(
    rendered: tuple[np.ndarray, np.ndarray, Path],
) -> None:
    without, changed, plan = rendered
    steady = slice(3 * RATE, 7 * RATE)  # 1240 whole periods, clear of the edges
    claimed = load_plan(plan).moves[-1].sets[2]
    assert claimed.ref.parameter.endswith(".gain_db")
    for side in range(2):
        moved = level_db(changed[side, steady]) - level_db(without[side, steady])
        # The keys' noise in that one line is 60 dB under the tone.
        assert moved == pytest.approx(claimed.value, abs=0.05)
