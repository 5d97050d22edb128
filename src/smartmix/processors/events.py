"""Automation of a call as the events the native side reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.errors import SmartmixError
from smartmix.parameter import AutomationLane, Breakpoint

Lane = AutomationLane | Sequence[Breakpoint] | Sequence[tuple[float, float]]
"""A parameter's way through a call: a lane, breakpoints, or (seconds, value) pairs."""


Column = NDArray[Any]
_EMPTY: Column = np.zeros(0, dtype=np.int32)


class Events:
    """Parameter movements of a whole call, sorted by frame, as the columns the native side reads."""

    def __init__(self, rows: list[tuple[int, int, float, int]]) -> None:
        rows.sort(key=lambda row: row[0])
        self.frames = np.array([row[0] for row in rows], dtype=np.int64)
        self.params = np.array([row[1] for row in rows], dtype=np.int32)
        self.values = np.array([row[2] for row in rows], dtype=np.float64)
        self.ramps = np.array([row[3] for row in rows], dtype=np.int32)

    def between(self, first: int, end: int) -> tuple[Column, Column, Column, Column]:
        """Columns of the events of frames first..end-1, counted from `first`."""
        if not len(self.frames):
            return _EMPTY, _EMPTY, _EMPTY, _EMPTY
        cut = slice(*np.searchsorted(self.frames, (first, end)))
        return (
            (self.frames[cut] - first).astype(np.int32),
            self.params[cut],
            self.values[cut],
            self.ramps[cut],
        )


def points_of(parameter_id: str, lane: Lane) -> list[Breakpoint]:
    """Breakpoints of a lane in any of its forms; SmartmixError unless their times rise from 0 s."""
    raw = lane.points if isinstance(lane, AutomationLane) else lane
    points = [p if isinstance(p, Breakpoint) else Breakpoint(float(p[0]), p[1]) for p in raw]
    times = [p.time_s for p in points]
    if not points or not np.all(np.isfinite(times)) or times[0] < 0 or times != sorted(times):
        raise SmartmixError(
            f"automation of {parameter_id}: expected points in rising time from 0 s, got {times}"
        )
    return points


def movements(points: list[tuple[int, float, bool]]) -> Iterator[tuple[int, float, int]]:
    """(frame, value, ramp frames) of points (frame, value, hold); hold steps at the next point."""
    yield 0, points[0][1], 0
    for (at, _, hold), (then, value, _) in pairwise(points):
        if hold or then == at:
            yield then, value, 0
        else:
            yield at, value, then - at
