"""The elements every part of project.xml is made of: parameters with ids, and lanes of points that name them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from smartmix.interop.dawproject.numbers import flag, plain, told
from smartmix.interop.lanes import amplitude_points, to_gain
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartmix.interop.model import Control

_FINEST_RATIO = 1.06
"""A step of a frequency or Q longer than this gets points in between (a semitone: 0.04 % off in the middle)."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The points of one parameter, to be put on its track's time line."""

    id: str
    parameter: str
    unit: str
    points: tuple[Breakpoint, ...]


@dataclass(slots=True)
class Writing:
    """What is gathered while a track is written: its lanes."""

    lanes: list[Lane] = field(default_factory=list)


def child(parent: Element, tag: str, **attributes: str) -> Element:
    """An element with attributes in the order given; texts lose what XML cannot hold."""
    return SubElement(parent, tag, {name: plain(value) for name, value in attributes.items()})


def real(
    parent: Element, tag: str, id_: str, value: float, unit: str, *, span: tuple[float, float], name: str = ""
) -> Element:
    """A RealParameter; a value outside ``span`` widens it."""
    low, high = min(span[0], value), max(span[1], value)
    made = child(parent, tag, id=id_, unit=unit, value=told(value), min=told(low), max=told(high))
    if name:
        made.set("name", name)
    return made


def switch(parent: Element, tag: str, id_: str, value: bool, name: str) -> Element:
    """A BoolParameter."""
    return child(parent, tag, id=id_, value=flag(value), name=name)


def volume(
    parent: Element, tag: str, id_: str, control: Control, writing: Writing, *, name: str = "Volume"
) -> None:
    """A level as linear gain, its ride densified so that straight lines of gain stay within 0.05 dB."""
    points = amplitude_points(control)
    top = max([2.0, to_gain(control.value), *(p.value for p in points)])
    real(parent, tag, id_, to_gain(control.value), "linear", span=(0.0, top), name=name)
    if points:
        writing.lanes.append(Lane(f"{id_}.lane", id_, "linear", points))


def knob(  # noqa: PLR0913 (one per attribute)
    parent: Element,
    tag: str,
    id_: str,
    control: Control,
    unit: str,
    *,
    span: tuple[float, float],
    writing: Writing,
    way: Callable[[float], float] = float,
    log: bool = False,
    name: str = "",
) -> None:
    """A parameter that follows its control; ``way`` goes from the model's unit to the file's."""
    real(parent, tag, id_, way(control.value), unit, span=span, name=name)
    if control.points:
        points = _log_points(control.points) if log else control.points
        moved = tuple(Breakpoint(p.time_s, way(p.value), p.curve) for p in points)
        writing.lanes.append(Lane(f"{id_}.lane", id_, unit, moved))


def _log_points(points: Sequence[Breakpoint]) -> list[Breakpoint]:
    """Lines straight in the logarithm, as lines straight in the value."""
    drawn: list[Breakpoint] = []
    for start, end in pairwise(points):
        drawn.append(start)
        ratio = abs(math.log(end.value / start.value))
        steps = math.ceil(ratio / math.log(_FINEST_RATIO)) if start.curve == "linear" else 0
        if end.time_s <= start.time_s:
            steps = 0
        for k in range(1, steps):
            share = k / steps
            time_s = start.time_s + share * (end.time_s - start.time_s)
            drawn.append(Breakpoint(time_s, start.value * (end.value / start.value) ** share))
    return [*drawn, *points[-1:]]


def points(parent: Element, lane: Lane) -> None:
    """A Points time line that moves one parameter."""
    made = child(parent, "Points", id=lane.id, unit=lane.unit)
    child(made, "Target", parameter=lane.parameter)
    for point in lane.points:
        child(made, "RealPoint", time=told(point.time_s), value=told(point.value), interpolation=point.curve)
