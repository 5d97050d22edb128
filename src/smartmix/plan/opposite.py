"""The opposite of a move, to hear the fault it mends: what was turned down goes up by as much."""

from __future__ import annotations

from dataclasses import replace

from smartmix.parameter import Breakpoint
from smartmix.plan.move import Move, MoveSet, Value
from smartmix.plan.ranges import range_of

_TURNED = ("gain_db", "range_db", "side_db", "pan")
"""Settings that have another side. A filter, a compressor, a send or polarity has none: there the fault is what is
heard without the move."""


def opposite_of(move: Move) -> Move | None:
    """The move turned round at where each setting was before, within its range; None if it has no other side."""
    sets = tuple(_turned(item) for item in move.sets)
    if all(new is item for new, item in zip(sets, move.sets, strict=True)):
        return None
    return replace(move, sets=sets)


def _turned(item: MoveSet) -> MoveSet:
    name = item.ref.parameter.rpartition(".")[2]
    before = item.before if isinstance(item.before, float) else 0.0
    value = item.value
    if name not in _TURNED or isinstance(value, str) or value == before:
        return item
    new: Value
    if isinstance(value, tuple):
        new = tuple(Breakpoint(p.time_s, _within(item, 2.0 * before - p.value)) for p in value)
    else:
        new = _within(item, 2.0 * before - value)
    return replace(item, suggested=new, chosen=None)


def _within(item: MoveSet, value: float) -> float:
    allowed = range_of(item.ref)
    return value if allowed is None else min(max(value, allowed.low), allowed.high)
