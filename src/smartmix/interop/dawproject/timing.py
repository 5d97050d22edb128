"""Beats to seconds: where a project counts in beats, its tempo says when that is."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from itertools import pairwise

from smartmix.errors import InteropError

LEAST_BPM, MOST_BPM = 1.0, 2000.0
_RAMP_STEPS = 64


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """From ``beat`` on (quarter notes) ``bpm``; ``ramp``: in a straight line to the next."""

    beat: float
    bpm: float
    ramp: bool = False


class TempoMap:
    """The way between beats and seconds. A ramp goes straight in bpm over beats: its time is an integral."""

    def __init__(self, points: list[TempoPoint]) -> None:
        points = sorted(points, key=lambda p: p.beat)
        if not points or points[0].beat > 0.0:
            points = [TempoPoint(0.0, points[0].bpm if points else 120.0), *points]
        for point in points:
            if not LEAST_BPM <= point.bpm <= MOST_BPM:
                raise InteropError(f"tempo {point.bpm:g}: expected {LEAST_BPM:g} to {MOST_BPM:g} bpm")
        self.points = points
        self._starts = [0.0]
        for here, after in pairwise(points):
            self._starts.append(self._starts[-1] + _length(here, after, after.beat - here.beat))
        first = points[0]
        if first.beat < 0.0:
            at_zero = self.seconds(0.0)
            self._starts = [start - at_zero for start in self._starts]

    @classmethod
    def from_seconds(cls, points: list[tuple[float, float, bool]]) -> TempoMap:
        """From points (seconds, bpm, ramp): a ramp over time gets the beats its mean tempo gives."""
        placed: list[TempoPoint] = []
        beat, before = 0.0, (0.0, points[0][1] if points else 120.0, False)
        for time_s, bpm, ramp in sorted(points):
            mean = (before[1] + bpm) / 2.0 if before[2] else before[1]
            beat += (time_s - before[0]) * mean / 60.0
            placed.append(TempoPoint(beat, bpm, ramp))
            before = (time_s, bpm, ramp)
        return cls(placed)

    def seconds(self, beat: float) -> float:
        """When a beat is."""
        index = max(bisect.bisect_right([p.beat for p in self.points], beat) - 1, 0)
        here = self.points[index]
        after = self.points[index + 1] if index + 1 < len(self.points) else here
        return self._starts[index] + _length(here, after, beat - here.beat)

    def beats(self, time_s: float) -> float:
        """The beat at a time."""
        index = max(bisect.bisect_right(self._starts, time_s) - 1, 0)
        here = self.points[index]
        after = self.points[index + 1] if index + 1 < len(self.points) else here
        width, passed = after.beat - here.beat, time_s - self._starts[index]
        if not here.ramp or width <= 0.0 or after.bpm == here.bpm or passed < 0.0:
            return here.beat + passed * here.bpm / 60.0
        slope = (after.bpm - here.bpm) / width
        return here.beat + here.bpm / slope * math.expm1(slope * passed / 60.0)

    def steps(self) -> list[tuple[float, float]]:
        """(seconds, bpm) of a tempo that only steps: ramps in steps of a beat at most, each at its mean."""
        found: list[tuple[float, float]] = []
        for here, after in zip(self.points, [*self.points[1:], None], strict=True):
            if after is None or not here.ramp or after.bpm == here.bpm:
                found.append((self.seconds(here.beat), here.bpm))
                continue
            count = min(max(math.ceil(after.beat - here.beat), 1), _RAMP_STEPS)
            edges = [here.beat + (after.beat - here.beat) * k / count for k in range(count + 1)]
            for low, high in pairwise(edges):
                length = self.seconds(high) - self.seconds(low)
                found.append((self.seconds(low), 60.0 * (high - low) / length if length > 0.0 else here.bpm))
        return found


def _length(here: TempoPoint, after: TempoPoint, beats: float) -> float:
    """Seconds of the first ``beats`` beats after a point."""
    width = after.beat - here.beat
    if not here.ramp or width <= 0.0 or after.bpm == here.bpm or beats < 0.0:
        return 60.0 * beats / here.bpm
    slope = (after.bpm - here.bpm) / width
    return 60.0 / slope * math.log((here.bpm + slope * beats) / here.bpm)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time inside a clip: ``inside`` is played at ``at_s`` on the project's time line, in beats or seconds."""

    tempo: TempoMap
    unit: str
    at_s: float
    inside: float

    def seconds(self, inside: float) -> float:
        """When a time inside is played."""
        if self.unit == "seconds":
            return self.at_s + (inside - self.inside)
        return self.tempo.seconds(self.tempo.beats(self.at_s) + (inside - self.inside))

    def inside_at(self, time_s: float) -> float:
        """What is played at a time."""
        if self.unit == "seconds":
            return self.inside + (time_s - self.at_s)
        return self.inside + self.tempo.beats(time_s) - self.tempo.beats(self.at_s)
