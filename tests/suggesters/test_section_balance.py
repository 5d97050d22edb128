"""Rides of the rough between parts of the song come back; a rough that stands still gets none."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from small_band import SECONDS, band
from smartmix.analysis import Analysis, analyze
from smartmix.session.session import Bus, Section, Session
from smartmix.suggesters import Context, suggest
from smartmix.suggesters.fader_curves import fader_curves
from smartmix.suggesters.section_balance import SectionBalance
from sources import RATE, write_session

PARTS = (Section("verse", 0.0, 10.0), Section("chorus", 10.0, 20.0), Section("outro", 20.0, 30.0))
BUSES = (Bus("bus-drums", "Drums", ("kick", "snare", "hats")), Bus("bus-keys", "Keys", ("keys",)))


@cache
def song() -> dict[str, tuple[str, np.ndarray]]:
    return {name: (role, np.tile(x, 3)) for name, (role, x) in band().items()}


def ridden(rides_db: dict[str, float]) -> np.ndarray:
    """The plain sum, with some tracks ridden in the chorus and all of it 3 dB louder there, through a soft clipper."""
    total = np.zeros((2, 3 * int(SECONDS * RATE)))
    for name, (_, x) in song().items():
        y = np.repeat(x, 2, axis=0) if x.shape[0] == 1 else x.copy()
        y = y.copy()
        y[:, 10 * RATE : 20 * RATE] *= 10 ** (rides_db.get(name, 0.0) / 20)
        total += y
    total[:, 10 * RATE : 20 * RATE] *= 10 ** (3.0 / 20)
    return np.tanh(1.5 * total)


def heard(tmp_path: Path, rides_db: dict[str, float]) -> tuple[Session, Analysis]:
    session = write_session(tmp_path, song(), ridden(rides_db))
    session = dataclasses.replace(session, sections=PARTS, buses=BUSES, material="multitrack")
    return session, analyze(session)


def rides(session: Session, analysis: Analysis) -> dict[tuple[str, tuple[float, float] | None], float]:
    moves = SectionBalance().suggest(Context(session, analysis))
    return {(m.track, m.span_s): m.sets[0].suggested for m in moves}


def test_a_rough_that_stands_still_gets_no_ride(tmp_path: Path) -> None:
    assert rides(*heard(tmp_path, {})) == {}


def test_a_track_ridden_in_the_chorus_comes_back_there(tmp_path: Path) -> None:
    session, analysis = heard(tmp_path, {"keys": 4.0})
    plan = suggest(session, analysis)
    moves = [m for m in plan.moves if any(s.ref.track == "keys" for s in m.sets)]
    curve = fader_curves(session, moves, analysis.sum.features.active.size)["keys"]
    assert curve[110:190].mean() - curve[[*range(10, 90), *range(210, 290)]].mean() == pytest.approx(
        4.0, abs=1.2
    )
    assert not any(t == "vox" for t, _ in rides(session, analysis))
    (move,) = [m for m in plan.moves if m.source == "section-balance" and m.span_s == (10.0, 20.0)]
    assert move.authority == "rough" and move.interval[0] > 0 and "chorus" in move.title


def test_drums_ridden_together_are_one_group_move(tmp_path: Path) -> None:
    found = rides(*heard(tmp_path, dict.fromkeys(("kick", "snare", "hats"), -4.0)))
    chorus = {track: change for (track, span), change in found.items() if span == (10.0, 20.0)}
    assert set(chorus) == {"bus-drums"} and chorus["bus-drums"] == pytest.approx(-3.0, abs=1.5)


def test_prints_locks_and_a_missing_rough_keep_it_quiet(tmp_path: Path) -> None:
    session, analysis = heard(tmp_path, {"keys": 4.0})
    locked = dataclasses.replace(session, locks=frozenset({"keys"}))
    assert not any(track == "keys" for track, _ in rides(locked, analysis))
    assert rides(session, dataclasses.replace(analysis, material="prints")) == {}
    assert rides(session, dataclasses.replace(analysis, rough=None)) == {}
