"""The list that says which few moves do most of it."""

from __future__ import annotations

from plans import move
from smartmix.plan.evidence import Evidence
from smartmix.report.room import room_lines

NAMES = {"vox": "Lead Vox", "gtr": "GTR L", "keys": "Keys", "pad": "Pad"}


def step(id_: str, track: str, share: float, covered: str = "vox", source: str = "unmask"):
    fact = Evidence("together", "so far", share, "%", (covered,))
    return move(id_, track=track, source=source, evidence=(fact,))


def test_steps_are_told_in_the_order_of_what_they_reach() -> None:
    moves = (step("m2", "keys", 84.4), step("m1", "gtr", 61.0), step("m3", "pad", 100.0))
    assert room_lines(moves, NAMES) == [
        "Room for Lead Vox: GTR L (m1) 61 %, with Keys (m2) 84 %, with Pad (m3) 100 % of what all of them give"
    ]


def test_each_track_that_gets_room_has_its_line_and_other_moves_none() -> None:
    pair = move("m9", track="gtr", source="pairs", evidence=(Evidence("together", "t", 90.0, "%", ("vox",)),))
    lines = room_lines((step("m1", "gtr", 70.0), step("m2", "pad", 100.0, "keys"), pair), NAMES)
    assert [line.split(":")[0] for line in lines] == ["Room for Keys", "Room for Lead Vox"]
    assert room_lines((pair,), NAMES) == []
