"""A move that loses to its own bypass leaves the mix, unless a person put it there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from smartmix.analysis import Analysis, analyze
from smartmix.plan import MixPlan, load_plan, save_plan
from smartmix.plan.own import high_pass_move
from smartmix.progress import silent
from smartmix.session import Session
from smartmix.workflow.outcomes import outcomes_of, verify


@pytest.fixture
def song(tmp_path: Path) -> tuple[Session, Analysis]:
    folder = tmp_path / "song"
    folder.mkdir()
    rate, rng = 48_000, np.random.default_rng(7)
    t = np.arange(6 * rate) / rate
    keys = 0.1 * np.sin(2 * np.pi * 400.0 * t) + 0.02 * np.sin(2 * np.pi * 30.0 * t)
    soundfile.write(folder / "Keys.wav", keys + 1e-4 * rng.standard_normal(t.size), rate, subtype="FLOAT")
    session = Session.open(folder)
    return session, analyze(session)


def plan_with(session: Session, corner_hz: float, by: str) -> tuple[MixPlan, str]:
    """A plan with one high-pass in force, accepted by a policy or by a person."""
    move = replace(high_pass_move("keys", corner_hz), authority="person" if by == "person" else "rule")
    return MixPlan(session.name, (move,)).accept(move.id, by=by), move.id


def verdicts(song: tuple[Session, Analysis], corner_hz: float, by: str) -> tuple[MixPlan, str, str]:
    plan, name = plan_with(song[0], corner_hz, by)
    checked, verified = verify(*song, plan, progress=silent)
    (outcome,) = outcomes_of(song[0], checked, verified)
    return checked, outcome.verdict, name


def test_a_high_pass_that_takes_only_rumble_stays(song: tuple[Session, Analysis]) -> None:
    plan, verdict, name = verdicts(song, 80.0, "policy")
    assert (verdict, plan.move(name).status) == ("applied", "accepted")


def test_a_high_pass_that_takes_the_music_is_backed_out_and_shown(
    song: tuple[Session, Analysis], tmp_path: Path
) -> None:
    plan, verdict, name = verdicts(song, 1_000.0, "policy")
    assert (verdict, plan.move(name).status) == ("backed out", "proposed")
    assert "does not beat its own bypass" in plan.history[-1].detail
    save_plan(plan, tmp_path / "plan.toml")
    assert load_plan(tmp_path / "plan.toml") == plan


def test_a_person_keeps_the_last_word(song: tuple[Session, Analysis]) -> None:
    plan, verdict, name = verdicts(song, 1_000.0, "person")
    assert (verdict, plan.move(name).status) == ("applied", "accepted")
