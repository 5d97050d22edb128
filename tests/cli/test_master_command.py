"""``smartmix master``: references with weights, amounts, a folder with master and plan, a plan played again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from mastering.songs import RATE, song
from smartmix.cli.main import app


@pytest.fixture
def room(tmp_path: Path) -> Path:
    for name, samples in (
        ("mix.wav", song(1, 5.0)),
        ("a.wav", song(2, 5.0, tilt_db=9.0)),
        ("b.wav", song(3, 5.0, tilt_db=3.0)),
    ):
        soundfile.write(tmp_path / name, samples.T, RATE, subtype="FLOAT")
    (tmp_path / "out").mkdir()
    return tmp_path


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["master", *map(str, words)])


def test_references_amounts_and_a_folder(room: Path) -> None:
    done = run(
        room / "mix.wav", "--reference", room / "a.wav", f"{room / 'b.wav'}:0.5",
        "--amount", "eq=35,width=0", "--target", "match", "-o", room / "out", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert [Path(name).name for name in data["files"]] == ["mix_master.wav", "mix_master.toml"]
    plan = data["master"]["plan"]
    assert plan["references"] == [["a.wav", pytest.approx(2 / 3)], ["b.wav", pytest.approx(1 / 3)]]
    assert {stage["id"]: stage["amount"] for stage in plan["stages"]}["eq"] == 35.0
    assert any("turned" in each["text"] or "played" in each["text"] for each in data["master"]["platforms"])
    again = run(room / "mix.wav", "--plan", room / "out" / "mix_master.toml", "-o", room / "again.wav")
    assert again.exit_code == 0, again.output
    assert "eq (35 %)" in again.stdout
    first, second = (soundfile.read(room / name)[0] for name in ("out/mix_master.wav", "again.wav"))
    assert float(np.abs(first - second).max()) < 1e-3


def test_a_dry_run_says_the_plan_and_writes_nothing(room: Path) -> None:
    done = run(room / "mix.wav", "--reference", room / "a.wav", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "eq: Tone of a" in done.stdout
    assert "level: " in done.stdout
    assert sorted(p.name for p in room.iterdir()) == ["a.wav", "b.wav", "mix.wav", "out"]


def test_nothing_is_written_over(room: Path) -> None:
    assert run(room / "mix.wav", "-o", room / "out").exit_code == 0
    assert run(room / "mix.wav", "-o", room / "out").exit_code == 2
    assert run(room / "mix.wav", "-o", room / "out", "--force").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--amount", "loud=3"), "expected one of repair"),
        (("--target", "match"), "expected a reference"),
        (("--chain", "eq"), "expected STAGE=FILE"),
        (("--chain", "level=x.toml"), "chain for 'level'"),
        (("--repair", "hum"), "expected some of clips"),
        (("--reference", "nope.wav"), "no such file"),
        (("--plan", "nope.toml"), "no such file"),
        (("--plan", "nope.toml", "--target", "-9"), "has its own settings"),
        (("extra.wav",), "one mix at a time"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_2(room: Path, words: tuple[str, ...], said: str) -> None:
    done = run(room / "mix.wav", *words, "-o", room / "x.wav")
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1
    assert not (room / "x.wav").exists()


def test_check_takes_a_loudness_as_master_does(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    tone = 0.25 * np.sin(2 * np.pi * 997.0 * np.arange(3 * 48_000) / 48_000)
    soundfile.write(path, np.stack([tone, tone], axis=1), 48_000, subtype="PCM_24")
    good = CliRunner().invoke(app, ["check", str(path), "--target", "-12.1 LUFS"])
    assert good.exit_code == 0, good.output
    assert "asked for −12.1" in good.output
    assert CliRunner().invoke(app, ["check", str(path), "--target", "-20"]).exit_code == 1
    assert (
        CliRunner().invoke(app, ["check", str(path), "--target", "-12.1", "--ceiling", "-13"]).exit_code == 1
    )
    assert CliRunner().invoke(app, ["check", str(path), "--target", "7"]).exit_code == 2
