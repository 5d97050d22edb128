"""Rides between two ways of drawing a line: straight in dB, as a fader moves here, and straight in linear gain, as DAWs
draw it. Each is told with so many points that the other's line stays within a stated error.

The chord of an exponential: over a step of d dB a straight line of gain lies at most d^2 * ln(10) / 160 dB off a line
straight in dB, which is 0.047 dB for 1.8 dB (tests/interop measure it).
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.automation.lane import FrameLane, add
from smartmix.errors import InteropError
from smartmix.interop.model import OFF_DB, Control
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PER_SECOND = 1e9
"""How finely times are told apart when rides are added."""
MAX_STEP_DB = 1.8
"""A longer step gets points in between: a straight line of gain over it would be more than 0.05 dB off."""
SAME_LINE_DB = 2e-4
"""A point this close to the line its neighbours make, in dB, is one that was put in between."""


MOST_GAIN = 1e9
"""No gain of a song is past this."""


def to_gain(level_db: float) -> float:
    """Linear gain of a level; 0 from OFF_DB down."""
    return 0.0 if level_db <= OFF_DB else math.pow(10.0, level_db / 20.0)


def to_db(gain: float) -> float:
    """Level of a linear gain, OFF_DB for none."""
    if gain > MOST_GAIN:
        raise InteropError(f"a gain of {gain:g}: expected at most {MOST_GAIN:g}")
    return max(round(20.0 * math.log10(gain), 9), OFF_DB) if gain > 0.0 else OFF_DB


def amplitude_points(control: Control) -> tuple[Breakpoint, ...]:
    """A ride in dB as points (s, linear gain) between which gain goes in straight lines, at most 0.05 dB off.

    Holds stay holds. Empty for a control without points.
    """
    points: list[Breakpoint] = []
    for start, end in pairwise(control.points):
        points.append(Breakpoint(start.time_s, to_gain(start.value), start.curve))
        if start.curve == "linear":
            points += _between(start, end)
    points += [Breakpoint(p.time_s, to_gain(p.value), p.curve) for p in control.points[-1:]]
    return tuple(points)


def _between(start: Breakpoint, end: Breakpoint) -> Iterator[Breakpoint]:
    """Points inside a line straight in dB."""
    steps = math.ceil(abs(end.value - start.value) / MAX_STEP_DB) if end.time_s > start.time_s else 0
    for step in range(1, steps):
        share = step / steps
        level = start.value + share * (end.value - start.value)
        yield Breakpoint(start.time_s + share * (end.time_s - start.time_s), to_gain(level))


def decibel_points(points: Sequence[Breakpoint]) -> tuple[Breakpoint, ...]:
    """Points (s, linear gain) of lines straight in gain as a ride in dB, at most 0.05 dB off.

    Points that lie on one line in dB, as ``amplitude_points`` puts them, become one line again: a ride that was written
    there comes back with the points it had.
    """
    drawn: list[Breakpoint] = []
    for start, end in pairwise(points):
        drawn.append(Breakpoint(start.time_s, to_db(start.value), start.curve))
        if start.curve == "linear":
            drawn += _inside_chord(start, end)
    drawn += [Breakpoint(p.time_s, to_db(p.value), p.curve) for p in points[-1:]]
    return without_between(drawn)


def _inside_chord(start: Breakpoint, end: Breakpoint) -> Iterator[Breakpoint]:
    """Points on a line straight in gain, equal steps in dB apart."""
    if end.time_s <= start.time_s or start.value == end.value:
        return
    first, last = to_db(start.value), to_db(end.value)
    steps = math.ceil(abs(last - first) / MAX_STEP_DB - 1e-6)
    for step in range(1, steps):
        level = first + step / steps * (last - first)
        share = (to_gain(level) - start.value) / (end.value - start.value)
        yield Breakpoint(start.time_s + share * (end.time_s - start.time_s), level)


def without_between(points: Sequence[Breakpoint], tolerance: float = SAME_LINE_DB) -> tuple[Breakpoint, ...]:
    """The points without those on the straight line between the ones that stay, all of them within ``tolerance``."""
    if len(points) < 3:
        return tuple(points)
    kept = [points[0]]
    anchor = 0
    for index in range(2, len(points) + 1):
        if index < len(points) and _on_line(points[anchor : index + 1], tolerance):
            continue
        kept.append(points[index - 1])
        anchor = index - 1
    return tuple(kept)


def _on_line(run: Sequence[Breakpoint], tolerance: float) -> bool:
    first, last = run[0], run[-1]
    length = last.time_s - first.time_s
    if length <= 0.0 or any(p.curve != "linear" for p in run[:-1]) or run[1].time_s == first.time_s:
        return False
    slope = (last.value - first.value) / length
    if run[-2].time_s == last.time_s:
        return False
    return all(abs(first.value + slope * (p.time_s - first.time_s) - p.value) <= tolerance for p in run[1:-1])


def added(*controls: Control) -> Control:
    """Controls in dB that work one behind the other, as one."""
    moving = [c for c in controls if not c.is_neutral]
    if not any(c.points for c in moving):
        return Control(sum(c.value for c in moving))
    if len(moving) == 1:
        return moving[0]
    total = add([_lane(c) for c in moving])
    pairs = zip((total.frames / _PER_SECOND).tolist(), total.values.tolist(), strict=True)
    return Control(sum(c.value for c in moving), tuple(Breakpoint(time_s, value) for time_s, value in pairs))


def negative(control: Control) -> Control:
    """What undoes a level."""
    return Control(-control.value, tuple(replace(point, value=-point.value) for point in control.points))


def _lane(control: Control) -> FrameLane:
    if not control.points:
        return FrameLane.constant(control.value)
    return FrameLane.from_breakpoints(control.points, _PER_SECOND)
