"""What ``plan undo`` takes back: a person's decisions and the restore of a snapshot."""

from __future__ import annotations

import shutil
from pathlib import Path

from typer.testing import Result

from cli.conftest import Run
from smartmix.plan import load_plan


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
