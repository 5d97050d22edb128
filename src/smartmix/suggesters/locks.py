"""Locks of the session: what no move may touch."""

from __future__ import annotations

from dataclasses import replace

from smartmix.parameter import ParamRef
from smartmix.plan.move import Move
from smartmix.plan.ranges import RETURN_DEVICES
from smartmix.session.session import Session


def is_idle(move: Move) -> bool:
    """Whether a grouped move only sets effects that nothing is sent to: its tracks are locked or to be left alone."""
    return move.grouped and bool(move.sets) and all(s.ref.device in RETURN_DEVICES for s in move.sets)


def without_locked(move: Move, session: Session) -> Move | None:
    """The move without what is locked; None when nothing is left of it, or when a locked setting was its point."""

    def free(ref: ParamRef) -> bool:
        return ref.track not in session.locks and str(ref) not in session.locks

    sets = tuple(s for s in move.sets if free(s.ref))
    if len(sets) == len(move.sets):
        return move
    return replace(move, sets=sets) if sets and move.grouped else None
