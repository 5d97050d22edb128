"""Parts of a project file that more than one writer needs: numbers, ids, envelopes."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

from smartmix.interop.rpp.text import Block, made_block, made_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from smartmix.parameter import Breakpoint

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
    """An id that is always the same for a name."""
    return "{" + str(uuid.uuid5(_HOUSE, name)).upper() + "}"


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
