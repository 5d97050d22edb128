"""Which few moves do most of it: for each track that room is made for, how far the first ones get."""

from __future__ import annotations

from collections.abc import Iterable

from smartmix.plan.move import Move

TOGETHER = "together"
"""Kind of the evidence that says how much of what all cuts for a track give, this and the ones before it give (%)."""
SOURCE = "unmask"


def room_lines(moves: Iterable[Move], names: dict[str, str]) -> list[str]:
    """A line for each track with several cuts: "Room for Lead Vox: GTR L 61 %, with Keys 84 %, with Pad 100 % of what
    all three give". The moves come in the order of what they add.
    """
    steps: dict[str, list[tuple[float, str, str]]] = {}
    for move in moves:
        for fact in move.evidence:
            if move.source == SOURCE and fact.kind == TOGETHER and fact.unit == "%" and fact.tracks:
                steps.setdefault(fact.tracks[0], []).append((fact.amount, move.track, move.id))
    return [
        _line(names.get(covered, covered), sorted(found), names) for covered, found in sorted(steps.items())
    ]


def _line(covered: str, found: list[tuple[float, str, str]], names: dict[str, str]) -> str:
    told = [
        f"{'with ' if number else ''}{names.get(track, track)} ({id_}) {share:.0f} %"
        for number, (share, track, id_) in enumerate(found)
    ]
    return f"Room for {covered}: {', '.join(told)} of what all of them give"
