"""The fader's cap: what several suggestions add to one track's level, up or down, stays within it together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, MoveSet, Value
from smartmix.plan.titles import title_in_force

FADER_DB = 6.0
"""How far suggestions may take a track's fader from where the session or the rough has it, all of them together
(house)."""
SMALLEST_HELD_DB = 0.5
"""A move that is left less than this is not worth making."""
_RULES = ("rule", "model")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Part:
    """One move of a fader: straight lines in dB between points, and nothing outside the move's span."""

    move: Move
    value: Value

    @property
    def edges_s(self) -> list[float]:
        """Where the lines bend or jump, with a hair to either side."""
        points = [p.time_s for p in self.value] if isinstance(self.value, tuple) else []
        return [t + aside for t in (*points, *(self.move.span_s or ())) for aside in (-1e-6, 0.0, 1e-6)]

    def at(self, times: Floats) -> Floats:
        value = self.value
        if isinstance(value, str):
            return np.zeros(times.size)
        drawn = (
            np.interp(times, [p.time_s for p in value], [p.value for p in value])
            if isinstance(value, tuple)
            else np.full(times.size, float(value))
        )
        if self.move.span_s is None:
            return drawn
        start_s, end_s = self.move.span_s
        return np.where((times >= start_s) & (times < end_s), drawn, 0.0)


@dataclass(slots=True)
class _Faders:
    """What has been taken of each fader so far."""

    taken: dict[str, list[_Part]] = field(default_factory=dict)

    def share(self, ref: ParamRef, part: _Part) -> float:
        """The share of a move (0..1) that the cap leaves room for, in either direction and at any time."""
        others = self.taken.get(str(ref), [])
        times = np.unique([0.0, *(t for p in (part, *others) for t in p.edges_s)])
        own = part.at(times)
        share = 1.0
        for sign in (1.0, -1.0):
            wanted = np.maximum(sign * own, 0.0)
            room = FADER_DB - np.sum([np.maximum(sign * p.at(times), 0.0) for p in others], axis=0)
            over = wanted > np.maximum(room, 0.0) + 1e-6
            if others and over.any():
                share = min(share, float(np.min(np.maximum(room, 0.0)[over] / wanted[over])))
        return share

    def take(self, ref: ParamRef, part: _Part) -> None:
        self.taken.setdefault(str(ref), []).append(part)


def held_within(moves: Iterable[Move]) -> tuple[dict[str, Move], dict[str, Move]]:
    """Of these moves, in plan order: those the cap makes smaller, by id, and for those it leaves no room, the move
    that takes most of it.

    Suggestions alone are counted: what a person wrote or edited, what follows the rough mix, trims, and the fader that
    only takes back what an EQ of the same move changes are free. What moves the fader for the whole song comes first,
    then what rides it; each in the order of the plan. A ride that is too much is made smaller as a whole: its shape
    stays. One move by itself has the cap of its own suggester.
    """
    faders = _Faders()
    smaller: dict[str, Move] = {}
    no_room: dict[str, Move] = {}
    for move in sorted((m for m in moves if _counts(m)), key=_rides):
        held = [(item, faders.share(item.ref, _Part(move, item.value))) for item in move.sets]
        cut = [(item, share) for item, share in held if share < 1.0]
        kept = tuple(item for item in (_scaled(*pair) for pair in held) if item is not None)
        first = _largest(faders.taken[str(cut[0][0].ref)]) if cut else move
        for item in kept:
            faders.take(item.ref, _Part(move, item.value))
        if cut and not kept:
            no_room[move.id] = first
        elif cut:
            smaller[move.id] = _told(replace(move, sets=kept), cut, first)
    return smaller, no_room


def _counts(move: Move) -> bool:
    return (
        move.authority in _RULES
        and move.status != "edited"
        and bool(move.sets)
        and all((s.ref.device, s.ref.parameter) == ("fader", "gain_db") for s in move.sets)
    )


def _rides(move: Move) -> bool:
    return move.span_s is not None or any(isinstance(s.value, tuple) for s in move.sets)


def _largest(parts: list[_Part]) -> Move:
    return max(parts, key=lambda part: _peak(part.value)).move


def _peak(value: Value) -> float:
    """The furthest a value goes from 0, dB."""
    return abs(_furthest(value))


def _furthest(value: Value) -> float:
    if isinstance(value, str):
        return 0.0
    return max((p.value for p in value), key=abs) if isinstance(value, tuple) else float(value)


def _scaled(item: MoveSet, share: float) -> MoveSet | None:
    """The setting made smaller; None where too little of it is left."""
    value = item.value
    if share >= 1.0 or isinstance(value, str):
        return item
    new: Value = (
        tuple(replace(p, value=p.value * share) for p in value)
        if isinstance(value, tuple)
        else _down(value * share)
    )
    return replace(item, suggested=new, chosen=None) if _peak(new) >= SMALLEST_HELD_DB else None


def _down(value_db: float) -> float:
    """Hundredths of a dB, towards 0: never over the cap by rounding."""
    return int(value_db * 100.0 + (1e-6 if value_db > 0.0 else -1e-6)) / 100.0


def _told(move: Move, cut: list[tuple[MoveSet, float]], first: Move) -> Move:
    """The move with what is left of it in its words; what it promised for all of it goes."""
    cap = f'with "{title_in_force(first)}" more would take the fader past {number(FADER_DB)} dB; edit it to go further'
    if move.grouped:
        tracks = ", ".join(item.ref.track for item, _ in cut)
        return replace(move, reason=f"{_closed(move.reason)} Held back on {tracks}: {cap}.")
    item, share = cut[0]
    was, now = (_furthest(value) for value in (item.value, move.sets[0].value))
    title = move.title
    for plus in (True, False):
        title = title.replace(f"{number(was, plus=plus)} dB", f"{number(now, plus=plus)} dB", 1)
    held = f"Held to {number(now, plus=True)} dB of {number(was, plus=True)}"
    kept = tuple(replace(e, amount=e.amount * share) if e.kind == "promise" else e for e in move.evidence)
    return replace(
        move, title=title, reason=f"{_closed(move.reason)} {held}: {cap}.", result="", evidence=kept
    )


def _closed(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
