"""Pieces that a REAPER project is written of: numbers, ids, lanes, notes."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from smartmix.interop.lanes import to_gain
from smartmix.interop.model import Control
from smartmix.interop.rpp.text import Block, Line, made_block, made_line
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_HOUSE = uuid.UUID("5b0c3d36-0f0e-5e0c-9f0b-7b1d1d2a6c51")
"""Ids are made from names under this one, so that the same project gives the same bytes."""


def number(value: float) -> str:
    """A number without exponent, to 12 decimals."""
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def exact(value: float) -> str:
    """A number without exponent that reads back as the same: a plugin may treat a knob at 0 and one near it apart."""
    return f"{Decimal(repr(float(value))):f}"


def guid(name: str) -> str:
    """The id that goes with a name, the same in every export."""
    return "{" + str(uuid.uuid5(_HOUSE, name)).upper() + "}"


def fader(control: Control) -> str:
    """Where a fader stands, as linear gain: at 1 where a lane moves it."""
    return "1" if control.points else number(to_gain(control.value))


def place(control: Control) -> str:
    """Where a pan stands: at 0 where a lane moves it."""
    return "0" if control.points else number(control.value)


def turned(pan: Control) -> list[Breakpoint]:
    """A pan lane, where REAPER counts left as positive; its knob counts right as positive (docs/interop.md)."""
    return [replace(point, value=-point.value) for point in pan.points]


def standing(control: Control) -> Control:
    """A level as a lane, for what has no fader: in front of the effects. Where it does nothing it has no points."""
    if control.is_neutral:
        return Control()
    return control if control.points else Control(control.value, (Breakpoint(0.0, control.value),))


def lane(
    tag: str,
    points: Iterable[Breakpoint],
    owner: str,
    depth: int,
    end: bytes = b"\n",
    *,
    words: Sequence[str] = (),
    show: Callable[[float], str] = number,
) -> Block:
    """An envelope, switched on and seen. ``owner`` is what its id is made from, ``words`` follow the tag, ``show``
    writes the values.
    """
    made = made_block(tag, *words, depth=depth, end=end)
    rows = [
        ("EGUID", guid(f"{owner}.{tag}")),
        ("ACT", "1", "-1"),
        ("VIS", "1", "1", "1"),
        ("LANEHEIGHT", "0", "0"),
        ("ARM", "0"),
        ("DEFSHAPE", "0", "-1", "-1"),
    ]
    rows += [("PT", number(p.time_s), show(p.value), "1" if p.curve == "hold" else "0") for p in points]
    made.parts += [made_line(row[0], *row[1:], depth=depth + 1, end=end) for row in rows]
    return made


def notes(text: str, depth: int, *words: str, end: bytes = b"\n") -> Block:
    """A block of notes, a line of text a line."""
    made = made_block("NOTES", *words, depth=depth, end=end)
    for line in text.splitlines():
        text_line = b"|" + line.replace("\0", " ").encode("utf-8", "surrogateescape")
        made.parts.append(Line(b"  " * (depth + 1) + text_line + end))
    return made
