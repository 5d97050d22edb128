"""What ``plan undo`` takes back: a person's decisions and the restore of a snapshot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import Result

from cli.conftest import Run
from smartmix.plan import load_plan
from smartmix.session import Session


def test_undo_takes_back_what_a_person_did_and_no_more(
    mixed: tuple[Path, Result], run: Run, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.toml"
    shutil.copy(mixed[0] / "plan.toml", plan)
    before = load_plan(plan)
    assert before.in_force
    nothing = run("plan", "undo", plan)
    assert nothing.exit_code == 2
    assert "no decision of yours is left" in nothing.stderr
    assert load_plan(plan) == before

    run("plan", "add", plan, "keys", "--fader", "-2")
    mine = load_plan(plan)
    run("plan", "snapshot", plan, "s1")
    run("plan", "reject", plan, before.in_force[0].id)
    rejected = load_plan(plan)
    run("plan", "restore", plan, "s1")
    assert load_plan(plan) == mine
    assert run("plan", "undo", plan).exit_code == 0
    assert load_plan(plan) == rejected  # the restore, and not the move that is older
    run("plan", "undo", plan)
    run("plan", "undo", plan)
    assert load_plan(plan).in_force == before.in_force
    assert run("plan", "undo", plan).exit_code == 2


def test_moves_of_ones_own_on_the_mix_and_a_bus_are_measured(
    mixed: tuple[Path, Result], song: Path, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(mixed[0], out)
    plan = out / "plan.toml"
    (bus, *_) = (b.id for b in Session.open(song).buses)
    assert run("plan", "add", plan, "mix", "--bell", "120", "1.5", "0.7").exit_code == 0
    assert run("plan", "add", plan, bus, "--bell", "3000", "-2", "1").exit_code == 0
    assert run("plan", "add", plan, bus, "--fader", "-1").exit_code == 0
    wrong = run("plan", "add", plan, "mix", "--compressor", "-20", "2")
    assert "the mix has an EQ only: expected --bell, --high-pass" in wrong.stderr
    assert "a bus has a fader and an EQ only" in run("plan", "add", plan, bus, "--pan", "L30").stderr
    done = run("mix", song, "-o", out, "--force", "--json")
    assert done.exit_code == 0, done.stderr
    told = {move["id"]: move for move in json.loads(done.stdout)["moves"]}
    moves = [m for m in load_plan(plan).moves if m.track in ("mix", bus) and m.authority == "person"]
    assert len(moves) == 3
    assert all(told[m.id]["verdict"] == "applied" for m in moves)


@pytest.mark.parametrize("to", ["rpp", "dawproject"])
def test_a_pass_over_an_import_with_an_eq_on_its_master(
    song: Path, run: Run, tmp_path: Path, to: str
) -> None:
    out = tmp_path / "out"
    assert run("mix", song, "-o", out, "-q").exit_code == 0
    assert run("plan", "add", out / "plan.toml", "mix", "--bell", "120", "1.5", "0.7").exit_code == 0
    assert run("export", out, "--to", to, "-o", tmp_path / f"x.{to}", "-q").exit_code == 0
    assert run("import", tmp_path / f"x.{to}", "-o", tmp_path / "back", "-q").exit_code == 0
    done = run("mix", tmp_path / "back", "-o", tmp_path / "again", "-q")
    assert done.exit_code == 0, done.stderr
