"""Group moves: a family that moves together moves by its bus; nothing is dragged along."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mixes import move_of, plan_of, session_of, track_of
from small_band import band, mix
from smartmix.analysis import analyze
from smartmix.session.session import Bus, Session
from smartmix.suggesters import suggest
from smartmix.suggesters.fader_curves import fader_curves
from smartmix.suggesters.groups import Wanted, grouped_faders
from sources import write_session


def session() -> Session:
    tracks = [track_of(name) for name in ("kick", "snare", "hats", "vox")]
    return session_of(*tracks, buses=(Bus("bus-drums", "Drums", ("kick", "snare", "hats")),))


def moved(changes: dict[str, float], song: Session | None = None) -> dict[str, float]:
    wanted = {name: Wanted(change, 0.2) for name, change in changes.items()}
    return {name: w.change_db for name, w in grouped_faders(song or session(), wanted).items()}


def test_a_family_that_goes_the_same_way_is_one_fader() -> None:
    assert moved({"kick": -3.0, "snare": -3.2, "hats": -2.8, "vox": 2.0}) == {"bus-drums": -3.0, "vox": 2.0}


def test_a_member_keeps_what_it_needs_beyond_its_group() -> None:
    found = moved({"kick": -3.0, "snare": -3.2, "hats": -6.0})
    assert found == {"bus-drums": -3.2, "hats": pytest.approx(-2.8)}


@pytest.mark.parametrize(
    "changes", [{"kick": -3.0, "snare": 3.0, "hats": -3.0}, {"kick": -3.0, "snare": -3.0}, {"vox": 2.0}]
)
def test_no_group_where_members_differ_or_one_is_unknown(changes: dict[str, float]) -> None:
    assert moved(changes) == changes


def test_a_locked_member_keeps_the_bus_still_and_a_muted_one_does_not_matter() -> None:
    changes = {"kick": -3.0, "snare": -3.0, "hats": -3.0}
    locked = dataclasses.replace(session(), locks=frozenset({"hats"}))
    assert set(moved(changes, locked)) == set(changes)
    tracks = tuple(dataclasses.replace(t, muted=t.id == "hats") for t in session().tracks)
    assert set(moved({"kick": -3.0, "snare": -3.0}, dataclasses.replace(session(), tracks=tracks))) == {
        "bus-drums"
    }


def test_drums_down_in_the_rough_are_one_bus_move(tmp_path: Path) -> None:
    drums = ("kick", "snare", "hats")
    made = write_session(tmp_path, band(), mix(band(), dict.fromkeys(drums, -4.0)))
    made = dataclasses.replace(made, buses=(Bus("bus-drums", "Drums", drums),))
    (move,) = [m for m in suggest(made, analyze(made)).moves if m.grouped]
    faders = {s.ref.track: s.suggested for s in move.sets}
    assert faders["bus-drums"] == pytest.approx(-4.0, abs=0.4) and not set(drums) & set(faders)
    assert any("all of Drums" in e.text for e in move.evidence)


def test_curves_fold_buses_spans_and_lanes_into_tracks() -> None:
    plan = plan_of(
        move_of("a", {"bus-drums/fader/gain_db": -2.0}),
        move_of("b", {"kick/fader/gain_db": 1.0}, span_s=(1.0, 2.0)),
    )
    curves = fader_curves(session(), plan.moves, 40)
    assert set(curves) == {"kick", "snare", "hats"}
    np.testing.assert_allclose(curves["kick"][[5, 15, 25]], [-2.0, -1.0, -2.0])
