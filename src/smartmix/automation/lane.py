"""Lanes counted in frames: made from breakpoints or from a span, added up, limited to a part of the song."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from smartmix import _automation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from smartmix.parameter import Breakpoint

EDGE_S = 0.020
"""How long a move that is limited in time takes to come in and to go out."""

JUMP_S = 0.005
"""How long a value that jumps takes: a fader that steps within one sample clicks."""

FrameSpan = tuple[int, int | None]
"""First frame that a move changes, and the first that it leaves alone again (None: changed to the end)."""


@dataclass(frozen=True, eq=False, slots=True)
class FrameLane:
    """Straight lines between (frame, value) points; holds outside. Two points on one frame are a jump."""

    frames: NDArray[np.int64]
    values: NDArray[np.float64]

    @classmethod
    def constant(cls, value: float) -> FrameLane:
        """One value for the whole song."""
        return cls(np.zeros(1, np.int64), np.full(1, float(value)))

    @classmethod
    def from_points(cls, points: Sequence[tuple[int, float]]) -> FrameLane:
        """Points (frame, value) in rising order."""
        return cls(
            np.asarray([frame for frame, _ in points], np.int64),
            np.asarray([value for _, value in points], np.float64),
        )

    @classmethod
    def from_breakpoints(cls, points: Sequence[Breakpoint], sample_rate: float) -> FrameLane:
        """Breakpoints in seconds: each on its nearest frame, a half upwards."""
        times = np.asarray([point.time_s for point in points], np.float64)
        values = np.asarray([point.value for point in points], np.float64)
        holds = np.asarray([point.curve == "hold" for point in points], np.uint8)
        return cls(*_automation.with_holds(_automation.to_frames(times, sample_rate), values, holds))

    def value_at(self, frame: int, *, arriving: bool = False, log_scale: bool = False) -> float:
        """The value on a frame; ``arriving``: what the line reaches just before a jump on that frame."""
        return _automation.value_at(self.frames, self.values, frame, arriving, log_scale)

    def mapped(self, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> FrameLane:
        """The same frames with other values."""
        return FrameLane(self.frames, np.asarray(function(self.values), np.float64))

    def limited(
        self, span: FrameSpan, edge_frames: int, *, rest: float, log_scale: bool = False
    ) -> FrameLane:
        """The lane inside ``span`` and ``rest`` outside, with straight edges inside the span.

        The line leaves ``rest`` on the frame before the span, so the span's first frame is the first
        that moves; it is back on the frame where the span ends. A span from the start of the song has no
        edge there, one to the end of the song (end None) none there.
        """
        start, end = span
        edge = edge_frames if end is None else max(min(edge_frames, (end - start) // 2), 1)
        begin = start if start <= 0 else start - 1 + edge
        points: list[tuple[int, float]] = [] if start <= 0 else [(start - 1, rest)]
        points.append((begin, self.value_at(begin, log_scale=log_scale)))
        stop = None if end is None else max(end - edge, begin)
        inside = self.frames > begin if stop is None else (self.frames > begin) & (self.frames < stop)
        points += zip(self.frames[inside].tolist(), self.values[inside].tolist(), strict=True)
        if stop is not None and stop > begin:
            points.append((stop, self.value_at(stop, arriving=True, log_scale=log_scale)))
        if end is not None:
            points.append((end, rest))
        return FrameLane.from_points(points)

    def tidy(self) -> FrameLane:
        """The same curve without points that repeat the one before."""
        repeats = (np.diff(self.frames) == 0) & (np.diff(self.values) == 0.0)
        kept = np.append(True, ~repeats)
        return FrameLane(self.frames[kept], self.values[kept])

    def without_jumps(self, edge_frames: int, *, log_scale: bool = False) -> FrameLane:
        """Each jump as a line of ``edge_frames`` from there on, shorter if the next point comes before."""
        jumps = np.diff(self.frames) == 0
        if not jumps.any():
            return self
        points: list[tuple[int, float]] = []
        starts = np.append(jumps, False)
        for index, (frame, value) in enumerate(zip(self.frames.tolist(), self.values.tolist(), strict=True)):
            if frame <= 0:  # before the song or with its first frame: nobody hears it
                points.append((frame, value))
            elif starts[index]:
                last = points[-1][0] if points else frame - 1
                start = max(frame - 1, last)
                if start > last or not points:
                    points.append((start, self.value_at(start, arriving=True, log_scale=log_scale)))
                later = self.frames[self.frames > frame]
                end = min(start + edge_frames, int(later[0])) if len(later) else start + edge_frames
                points.append((end, self.value_at(end, arriving=True, log_scale=log_scale)))
            elif not points or frame > points[-1][0]:
                points.append((frame, value))
        return FrameLane.from_points(points)


def add(lanes: Iterable[FrameLane]) -> FrameLane:
    """The sum of lanes, exact between points and at jumps."""
    return FrameLane(*_automation.add_lanes([(lane.frames, lane.values) for lane in lanes]))
