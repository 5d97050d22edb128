"""``smartmix listen`` and ``--explain learner``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from typer.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def move_id(mixed: tuple[Path, Result], run: Run) -> str:
    plan = json.loads(run("plan", "show", mixed[0] / "plan.toml", "--json").stdout)
    return next(m["id"] for m in plan["moves"] if m["status"] == "accepted")


def test_clips_of_a_move(
    song: Path, mixed: tuple[Path, Result], move_id: str, run: Run, tmp_path: Path
) -> None:
    words = ("listen", song, move_id, "--plan", mixed[0] / "plan.toml", "-o", tmp_path / "clips")
    result = run(*words, "--seconds", 4, "--json")
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    assert {row["clip"] for row in data["clips"]} >= {"with", "without", "delta"}
    for row in data["clips"]:
        assert soundfile.info(row["file"]).duration == pytest.approx(4.0)
    again = run(*words)
    assert again.exit_code == 2
    assert "already there" in again.stderr


@pytest.mark.parametrize(
    ("more", "message"),
    [(["--at", "soon"], "such as 1:04"), (["--seconds", "0"], "greater than or equal to 1")],
)
def test_wrong_words(
    song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path, more: list[str], message: str
) -> None:
    result = run("listen", song, "m1", "--plan", mixed[0] / "plan.toml", "-o", tmp_path / "clips", *more)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "clips").exists()


def test_an_unknown_move(song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path) -> None:
    result = run("listen", song, "nope", "--plan", mixed[0] / "plan.toml", "-o", tmp_path / "clips")
    assert result.exit_code == 2
    assert "no move 'nope'" in result.stderr


def test_nothing_is_written_among_the_inputs(
    song: Path, mixed: tuple[Path, Result], move_id: str, run: Run
) -> None:
    result = run("listen", song, move_id, "--plan", mixed[0] / "plan.toml", "-o", song / "clips")
    assert result.exit_code == 2
    assert "among the inputs" in result.stderr


def test_a_plan_for_learners(mixed: tuple[Path, Result], run: Run) -> None:
    plain = run("plan", "show", mixed[0] / "plan.toml").stdout
    told = run("plan", "show", mixed[0] / "plan.toml", "--explain", "learner").stdout
    assert "For the ear: " not in plain
    assert told.count("For the ear: ") == told.count("The fault: ") > 0
