"""Pans for raw mono tracks: the rules of the paper, and every reason to keep quiet."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from small_band import band, hits
from smartmix.analysis import analyze
from smartmix.plan.accept import is_confident
from smartmix.plan.move import Move
from smartmix.session.session import Session
from smartmix.suggesters import Context
from smartmix.suggesters.name_sides import side_of_name
from smartmix.suggesters.pan_spread import PanSpread, side_balance_db
from sources import melody, write_session

NOTES = [440, 494, 523, 587, 523] * 2


def tracks() -> dict[str, tuple[str, np.ndarray]]:
    raw = {name: source for name, source in band().items() if name != "keys"}
    return raw | {
        "gtr one": ("guitar", melody(NOTES)),
        "gtr two": ("guitar", 0.9 * melody(NOTES, tilt=0.9)),
        "piano": ("piano", 0.8 * melody([880, 784, 698, 880, 988] * 2)),
        "shaker": ("percussion", 0.4 * hits((5000, 12000), 0.125, 5)),
    }


def moves_of(session: Session) -> list[Move]:
    return PanSpread().suggest(Context(session, analyze(session)))


def seats(moves: list[Move]) -> dict[str, float]:
    return {s.ref.track: s.suggested for m in moves for s in m.sets}


def test_same_band_apart_lows_and_leads_centre_sides_balanced(tmp_path: Path) -> None:
    session = write_session(tmp_path, tracks())
    (move,) = moves_of(session)
    found = seats([move])
    assert not {"kick", "snare", "bass", "vox"} & set(found)
    assert found["gtr one"] * found["gtr two"] < 0
    assert all(0.1 <= abs(p) <= 0.65 for p in found.values())
    assert abs(side_balance_db(analyze(session), session, found)) <= 1.0
    assert move.grouped and not is_confident(move)
    assert all(round(p * 20) == pytest.approx(p * 20) for p in found.values())


def test_higher_sources_go_wider(tmp_path: Path) -> None:
    found = seats(moves_of(write_session(tmp_path, tracks())))
    assert abs(found["hats"]) > abs(found["gtr one"])


def test_names_that_say_left_and_right_are_likely(tmp_path: Path) -> None:
    named = {"Gtr L" if n == "gtr one" else "Gtr R" if n == "gtr two" else n: v for n, v in tracks().items()}
    moves = moves_of(write_session(tmp_path, named))
    pair = next(m for m in moves if m.title.startswith("Pan: pairs"))
    assert seats([pair]) == {"Gtr L": -0.8, "Gtr R": 0.8} and is_confident(pair)
    assert all("Gtr" not in name for m in moves if m is not pair for name in seats([m]))


@pytest.mark.parametrize("why", ["rough", "prints", "panned", "stereo", "few"])
def test_reasons_to_keep_quiet(tmp_path: Path, why: str) -> None:
    sources = tracks()
    if why == "stereo":
        sources = {name: (role, np.repeat(x, 2, axis=0)) for name, (role, x) in sources.items()}
    if why == "few":
        sources = {name: sources[name] for name in ("gtr one", "gtr two", "piano")}
    session = write_session(tmp_path, sources, 0.5 * np.tanh(sources["piano"][1]) if why == "rough" else None)
    if why == "prints":
        session = dataclasses.replace(session, material="prints")
    if why == "panned":
        first = dataclasses.replace(session.tracks[0], pan=0.2)
        session = dataclasses.replace(session, tracks=(first, *session.tracks[1:]))
    assert moves_of(session) == []


def test_kit_microphones_are_left_to_the_overheads(tmp_path: Path) -> None:
    sources = tracks() | {"oh": ("overheads", np.repeat(hits((500, 12000), 0.5, 7), 2, axis=0))}
    assert "hats" not in seats(moves_of(write_session(tmp_path, sources)))


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Gtr L", ("gtr", -1)), ("07 GTR R", ("gtr", 1)), ("BGV_left_2", ("bgv 2", -1)), ("Vocal", None),
        ("Lead", None), ("OH-R", ("oh", 1)), ("L R Room", None),
    ],
)  # fmt: skip
def test_sides_in_names(name: str, side: tuple[str, int] | None) -> None:
    assert side_of_name(name) == side
