"""EQs of buses and the mix reach the DAW as EQs of groups and the master; what listens to another track is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.scenes import residual_db, session
from mixes import eq_move, move_of, plan_of
from smartmix.interop.export import export_session
from smartmix.interop.from_plan import hand_over
from smartmix.interop.model import Equalizer
from smartmix.interop.to_session import import_project
from smartmix.rendering import render

CARRIES = frozenset({"eq", "compressor"})


def test_an_eq_on_the_mix_and_on_a_bus(tmp_path: Path) -> None:
    plan = plan_of(
        eq_move("m1", "mix", "bell", 900.0, gain_db=-3.0, q=1.0),
        eq_move("m2", "drums", "high_shelf", 6_000.0, gain_db=2.0, q=0.7),
    )
    tracks = {t.name: t for t in hand_over(session(tmp_path), plan, CARRIES).project.tracks}
    for name, hz, gain_db in (("Master", 900.0, -3.0), ("Drums", 6_000.0, 2.0)):
        (eq,) = tracks[name].devices
        assert isinstance(eq, Equalizer)
        (band,) = eq.bands
        assert (band.freq_hz.value, band.gain_db.value) == (pytest.approx(hz), pytest.approx(gain_db))


def test_a_format_without_an_eq_loses_it_aloud(tmp_path: Path) -> None:
    plan = plan_of(eq_move("m1", "mix", "bell", 900.0, gain_db=-3.0, q=1.0))
    losses = hand_over(session(tmp_path), plan, frozenset()).project.losses
    assert any(loss.where == "Master" and "EQ" in loss.what for loss in losses)


def test_what_listens_to_another_track_is_told(tmp_path: Path) -> None:
    keyed = {
        "pad/compressor/threshold_db": -30.0,
        "pad/compressor/ratio": 3.0,
        "pad/compressor/key": "kick",
    }
    handed = hand_over(session(tmp_path), plan_of(move_of("m1", keyed)), CARRIES)
    assert any("listens to kick" in loss.what for loss in handed.project.losses)
    assert "pad" in handed.printed


@pytest.mark.parametrize("to", ["dawproject", "rpp"])
def test_a_return_goes_through_the_eq_of_the_mix_once(tmp_path: Path, to: str) -> None:
    """It is on the master there: its print is in front of it."""
    plan = plan_of(
        eq_move("m1", "mix", "bell", 900.0, gain_db=-6.0, q=1.0),
        move_of("room", {"vox/send/return-reverb.level_db": -6.0}),
    )
    export_session(session(tmp_path), plan, tmp_path / f"x.{to}", to)
    made = import_project(tmp_path / f"x.{to}", tmp_path / "back")
    ours = render(session(tmp_path), plan).samples
    assert residual_db(ours, render(made.session, made.plan).samples) <= -100.0
