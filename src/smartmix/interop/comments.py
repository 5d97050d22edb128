"""What a track of a DAW session says in its comment: the sentence of each move that works on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.plan.explain import sentence
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.plan.move import Move
    from smartmix.session.session import Session


def sentences(session: Session, moves: Sequence[Move]) -> dict[str, list[str]]:
    """By track, bus or return id: the sentences of the moves that set something there, in plan order.

    Of a grouped move (a first balance, a pan spread) each track gets its own part.
    """
    known = {*(t.id for t in session.tracks), *(b.id for b in session.buses), *(r.id for r in RETURNS)}
    told: dict[str, list[str]] = {}
    for move in moves:
        for owner in dict.fromkeys(s.ref.track for s in move.sets):
            if owner in known:
                own = tuple(s for s in move.sets if s.ref.track == owner)
                part = replace(move, track=owner, sets=own, grouped=False) if move.grouped else move
                told.setdefault(owner, []).append(sentence(part, session))
    return told
