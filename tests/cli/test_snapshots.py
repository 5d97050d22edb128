"""Snapshots of a plan: kept, listed, compared with, gone back to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from smartmix.cli.main import app
from smartmix.parameter import ParamRef
from smartmix.plan import MixPlan, load_plan, save_plan
from smartmix.plan.move import Move, MoveSet


def run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    fader = MoveSet(ParamRef("kick", "fader", "gain_db"), "dB", 0.0, 2.0)
    move = Move("m1", "kick", "Kick up", "rule", 0.8, "", (fader,))
    save_plan(MixPlan("song", (move,), input_hashes={"kick": "ab"}), tmp_path / "plan.toml")
    return tmp_path / "plan.toml"


def test_a_snapshot_brings_every_decision_back(plan: Path) -> None:
    run("plan", "accept", plan, "m1")
    plan.write_text("# my comment\n" + plan.read_text(encoding="utf-8"), encoding="utf-8")
    kept = plan.read_bytes()
    run("plan", "snapshot", plan, "mix 1")
    run("plan", "edit", plan, "m1", "0", "-1")
    assert load_plan(plan).move("m1").sets[0].value == -1.0
    assert "m1" in run("plan", "diff", "mix 1", plan)
    run("plan", "restore", plan, "mix 1")
    assert plan.read_bytes() == kept
    assert load_plan(plan).move("m1").status == "accepted"
    assert load_plan(plan.with_name("plan.toml.bak")).move("m1").sets[0].value == -1.0
    assert json.loads(run("plan", "snapshots", plan, "--json"))["snapshots"] == ["mix 1"]


def test_a_name_is_not_taken_twice_and_is_no_path(plan: Path) -> None:
    run("plan", "snapshot", plan, "a")
    run("plan", "snapshot", plan, "a", code=2)
    run("plan", "snapshot", plan, "a", "--force")
    for name in ("../a", "/tmp/a", "", ".hidden", "x" * 80, "a/b"):
        run("plan", "snapshot", plan, name, code=2)
    run("plan", "restore", plan, "b", code=2)
    assert [p.name for p in (plan.parent / "snapshots").iterdir()] == ["a.toml"]


def test_a_snapshot_of_another_song_is_refused(plan: Path) -> None:
    run("plan", "snapshot", plan, "a")
    other = plan.parent / "snapshots" / "a.toml"
    other.write_text(
        other.read_text(encoding="utf-8").replace('session = "song"', 'session = "other"'), encoding="utf-8"
    )
    before = plan.read_bytes()
    run("plan", "restore", plan, "a", code=2)
    assert plan.read_bytes() == before
