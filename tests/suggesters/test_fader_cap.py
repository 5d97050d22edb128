"""All moves accepted, the fader of a lead that was turned far down still comes up by no more than its cap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from smartmix.analysis import analyze
from smartmix.analysis.analysis import Analysis
from smartmix.automation import compile_plan
from smartmix.plan import MixPlan, apply_policy
from smartmix.plan.conflicts import held_back
from smartmix.session import Session
from smartmix.suggesters import suggest
from smartmix.suggesters.limits import FADER_DB


def turned_down(session: Session, lead: str, by_db: float) -> Session:
    """The session without its rough, the lead's own gain down."""
    tracks = tuple(replace(t, gain_db=t.gain_db - by_db) if t.id == lead else t for t in session.tracks)
    return replace(session, rough=None, tracks=tracks)


def highest_db(session: Session, plan: MixPlan, track: str) -> float:
    """Where the compiled fader of a track comes to at most, lanes included."""
    mix = compile_plan(session, plan)
    strip = [s.track_id for s in mix.strips].index(track)
    fader = "fader.gain_db"
    events = mix.events
    mine = events.strips == strip
    if fader in events.parameter_ids:
        mine &= events.params == events.parameter_ids.index(fader)
    return max(
        [
            mix.strips[strip].static.get(fader, 0.0),
            *(events.values[mine] if fader in events.parameter_ids else ()),
        ]
    )


def accepted(session: Session, analysis: Analysis) -> MixPlan:
    return apply_policy(suggest(session, replace(analysis, rough=None)), "all")


@pytest.mark.parametrize("by_db", [8.0, 12.0])
def test_the_lead_of_the_demo_comes_up_by_its_cap(by_db: float, demo_heard: tuple[Session, Analysis]) -> None:
    session, analysis = demo_heard
    session = turned_down(session, "11-lead-vox", by_db)
    plan = accepted(session, analysis)
    sources = {m.source for m in plan.in_force for s in m.sets if str(s.ref) == "11-lead-vox/fader/gain_db"}
    assert {"role-balance", "vocal-ride"} <= sources
    assert highest_db(session, plan, "11-lead-vox") == pytest.approx(FADER_DB - by_db, abs=0.02)
    (told,) = held_back(plan).values()
    assert "past 6.0 dB" in told


def test_so_does_the_lead_of_a_real_song(dev_songs: Path) -> None:
    session = Session.open(dev_songs / "eif_rubidium")
    analysis = analyze(session)
    (lead,) = (t.id for t in session.tracks if t.role == "lead_vocal")
    held = 0
    for other in ("pluck", "melody-break"):  # against a band without them the lead rides
        down = turned_down(session, other, 10.0)
        plan = accepted(down, analysis)
        assert highest_db(down, plan, lead) <= FADER_DB + 0.02
        held += len(held_back(plan))
    assert held  # without the cap it would have come to more


@pytest.fixture(scope="module")
def demo_heard(demo_song) -> tuple[Session, Analysis]:
    session = Session.open(demo_song.folder)
    return session, analyze(session)
