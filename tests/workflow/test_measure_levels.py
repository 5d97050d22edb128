"""What moves of level and place did, measured on the render; a move that does not do what it says is told."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixes import move_of, plan_of
from smartmix.analysis import analyze
from smartmix.plan import MixPlan, Move
from smartmix.session import Session
from smartmix.session.session import Bus
from smartmix.workflow.levels import level_changes
from smartmix.workflow.limiter_share import limiter_work
from smartmix.workflow.measure import Measured, measure_move

RATE = 48_000


@pytest.fixture
def song(tmp_path: Path) -> Session:
    """Drums of two tracks and a voice of short words, all mono."""
    rng = np.random.default_rng(3)
    t = np.arange(8 * RATE) / RATE
    words = np.where(t % 0.8 < 0.4, 1.0, 0.0)
    sources = {
        "Kick": 0.3 * np.sin(2 * np.pi * 60 * t) * np.exp(-(t % 0.5) / 0.1),
        "Snare": 0.1 * rng.standard_normal(t.size) * np.exp(-((t + 0.25) % 0.5) / 0.05),
        "Lead Vox": 0.05 * rng.standard_normal(t.size) * words,
    }
    for name, x in sources.items():
        soundfile.write(tmp_path / f"{name}.wav", x, RATE, subtype="FLOAT")
    session = Session.open(tmp_path)
    return dataclasses.replace(session, buses=(Bus("bus-drums", "Drums", ("kick", "snare")),))


def measured(song: Session, move: Move) -> Measured:
    return measure_move(song, analyze(song), plan_of(move), move)


def test_a_group_move_is_measured_on_the_group(song: Session) -> None:
    outcome = measured(song, move_of("m1", {"bus-drums/fader/gain_db": -2.0}))
    assert outcome.text == "level −2.0 LU" and outcome.beats_bypass


def test_a_section_move_is_measured_in_its_section(song: Session) -> None:
    move = move_of("m1", {"lead-vox/fader/gain_db": 3.0}, span_s=(2.0, 5.0))
    outcome = measured(song, move)
    assert outcome.text == "+3.0 LU there" and outcome.beats_bypass
    silent = move_of("m1", {"lead-vox/fader/gain_db": 3.0}, span_s=(2.15, 2.35))
    assert measured(song, silent) == Measured("the track is silent there", False)


def test_a_fader_is_measured_from_where_the_session_has_it(song: Session) -> None:
    tracks = tuple(dataclasses.replace(t, gain_db=-5.0 if t.id == "kick" else 0.0) for t in song.tracks)
    outcome = measured(dataclasses.replace(song, tracks=tracks), move_of("m1", {"kick/fader/gain_db": 1.0}))
    assert outcome.text == "level +1.0 LU" and outcome.beats_bypass


def test_a_pan_is_measured_from_where_the_session_has_it(song: Session) -> None:
    """From R50 to the centre is a move, though the file itself has no side."""
    tracks = tuple(dataclasses.replace(t, pan=0.5 if t.id == "kick" else 0.0) for t in song.tracks)
    outcome = measured(dataclasses.replace(song, tracks=tracks), move_of("m1", {"kick/pan/pan": 0.0}))
    assert outcome.beats_bypass and outcome.text.startswith("sides level (was +"), outcome


def spread(**pans: float) -> Move:
    move = move_of("m1", {f"{name.replace('_', '-')}/pan/pan": pan for name, pan in pans.items()})
    return dataclasses.replace(move, grouped=True)


def test_a_pan_spread_tells_sides_correlation_and_mono(song: Session) -> None:
    outcome = measured(song, spread(snare=-0.5, lead_vox=0.5))
    assert outcome.text.startswith("sides ") and "mono loses" in outcome.text
    assert "(was +1.00)" in outcome.text and outcome.beats_bypass


def test_a_crooked_spread_does_not_beat_its_bypass(song: Session) -> None:
    assert not measured(song, spread(kick=0.8, lead_vox=0.8)).beats_bypass


def sent(song: Session, send_db: float) -> tuple[float, bool]:
    sets = {"lead-vox/send/return-reverb.level_db": send_db, "return-reverb/reverb/decay_s": 1.2}
    outcome = measured(song, dataclasses.replace(move_of("m1", sets), grouped=True))
    assert outcome.text.startswith("return ") and outcome.text.endswith(" LU under Lead Vox")
    return float(outcome.text.split()[1]), outcome.beats_bypass


def test_a_return_is_measured_under_its_dry_track(song: Session) -> None:
    (near, near_beats), (far, far_beats) = sent(song, -6.0), sent(song, -26.0)
    assert far - near == pytest.approx(20.0, abs=0.2)
    assert near == pytest.approx(9.0, abs=2.0) and near_beats and not far_beats


def test_track_changes_count_groups_and_spans(song: Session) -> None:
    analysis = analyze(song)
    moves = (
        move_of("m1", {"bus-drums/fader/gain_db": -2.0}),
        move_of("m2", {"snare/fader/gain_db": 4.0}, span_s=(0.0, 4.0)),
    )
    changes = level_changes(song, analysis, plan_of(*moves))
    assert changes["kick"] == pytest.approx(-2.0) and changes["lead-vox"] == 0.0
    assert 0.0 < changes["snare"] < 2.0


def test_whose_energy_hits_the_limiter_follows_groups_and_locks(song: Session) -> None:
    """The drums' share falls with their group, through a bus in a bus too; a locked member stays where it is."""
    nested = (Bus("bus-drums", "Drums", ("kick", "snare")), Bus("bus-band", "Band", ("bus-drums",)))
    song = dataclasses.replace(song, buses=nested)
    analysis = analyze(song)
    taken = np.full(80, 2.0)
    down = plan_of(move_of("m1", {"bus-band/fader/gain_db": -100.0}))

    def shares(session: Session, plan: MixPlan) -> dict[str, float]:
        work = limiter_work(session, analysis, plan, taken)
        assert work is not None
        assert (work.working_s, work.hardest_db) == (pytest.approx(8.0), 2.0)
        return {s.track: s.share for s in work.shares}

    before = shares(song, plan_of())
    assert sum(before.values()) == pytest.approx(1.0)
    assert before["kick"] > 0.5
    after = shares(song, down)
    assert after["kick"] < 1e-6 and after["snare"] < 1e-6 and after["lead-vox"] == pytest.approx(1.0)
    held = tuple(dataclasses.replace(t, locked=t.id == "kick") for t in song.tracks)
    assert shares(dataclasses.replace(song, tracks=held), down)["kick"] > 0.5
    assert limiter_work(song, analysis, down, np.zeros(80)) is None
