"""The time line of a project.xml: tempo, bars, markers, and what its times are counted in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.dawproject.numbers import finite, number
from smartmix.interop.dawproject.timing import TempoMap, TempoPoint
from smartmix.interop.model import Loss, Marker, Tempo
from smartmix.interop.sections import ASSUMED_BPM

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SECONDS = "seconds"
_MOST_BEATS = 999


@dataclass(slots=True)
class Timeline:
    """Tempo, bars and markers under a Project element; ``losses`` is what of them cannot be told."""

    root: Element
    losses: list[Loss] = field(default_factory=list)
    tempo: TempoMap = field(init=False)
    is_said: bool = field(init=False)
    """Whether the file has a tempo that a song can have."""

    def __post_init__(self) -> None:
        """Read the tempo; what DAWs start with, where the file has one that no song can have."""
        self.is_said = self.root.find("Transport/Tempo") is not None
        try:
            self.tempo = self._tempo_map()
        except InteropError as error:
            done = "read as 120 bpm throughout: what lies on beats may lie elsewhere"
            self.losses.append(Loss("project", str(error), done))
            self.is_said = False
            self.tempo = TempoMap([TempoPoint(0.0, ASSUMED_BPM)])

    def unit(self, element: Element | None, inherited: str = "beats") -> str:
        """What the times of an element of the Arrangement are counted in, "beats" or "seconds"."""
        arrangement = self.root.find("Arrangement")
        own = None if element is None else element.get("timeUnit")
        return own or (None if arrangement is None else arrangement.get("timeUnit")) or inherited

    def seconds(self, time: float, unit: str) -> float:
        """When a time counted in ``unit`` is."""
        return time if unit == SECONDS else self.tempo.seconds(time)

    def counted(self, time_s: float, unit: str) -> float:
        """A time in seconds, counted in ``unit``."""
        return time_s if unit == SECONDS else self.tempo.beats(time_s)

    def _tempo_map(self) -> TempoMap:
        tempo = self.root.find("Transport/Tempo")
        bpm = number(None if tempo is None else tempo.get("value"), "Tempo", ASSUMED_BPM)
        points = self.root.find("Arrangement/TempoAutomation")
        if points is None or points.find("RealPoint") is None:
            return TempoMap([TempoPoint(0.0, bpm)])
        rows = [
            (
                _time(p, "TempoAutomation"),
                number(p.get("value"), "TempoAutomation: value"),
                p.get("interpolation") == "linear",
            )
            for p in points.findall("RealPoint")
        ]
        if self.unit(points) == SECONDS:
            return TempoMap.from_seconds(rows)
        return TempoMap([TempoPoint(*row) for row in rows])

    def steps(self) -> tuple[Tempo, ...]:
        """Tempo and bars where they change; () where the file names no tempo."""
        if not self.is_said:
            return ()
        meter = self.root.find("Transport/TimeSignature")
        meters = [(0.0, *_meter(meter))] if meter is not None else [(0.0, 4, 4)]
        changes = self.root.find("Arrangement/TimeSignatureAutomation")
        if changes is not None:
            unit = self.unit(changes)
            for point in changes.findall("TimeSignaturePoint"):
                meters.append((self.seconds(_time(point, point.tag), unit), *_meter(point)))
        meters.sort(key=lambda m: m[0])
        speeds = self.tempo.steps()
        times = sorted({max(t, 0.0) for t in (*(s[0] for s in speeds), *(m[0] for m in meters))})
        found = []
        for time_s in times:
            bpm = next(
                s[1] for s in reversed([speeds[0], *speeds]) if s[0] <= time_s + 1e-9 or s is speeds[0]
            )
            bars = next(m for m in reversed(meters) if m[0] <= time_s + 1e-9)
            found.append(Tempo(time_s, bpm, bars[1], bars[2]))
        return tuple(found)

    def markers(self) -> tuple[Marker, ...]:
        """Markers in order of time."""
        holder = self.root.find("Arrangement/Markers")
        if holder is None:
            return ()
        unit = self.unit(holder)
        found = [
            Marker(
                self.seconds(_time(marker, "Marker"), unit),
                marker.get("name") or "",
                marker.get("comment") or "",
            )
            for marker in holder.findall("Marker")
        ]
        return tuple(sorted(found, key=lambda m: m.time_s))


def _time(element: Element, what: str) -> float:
    return finite(number(element.get("time"), f"{what}: time"), f"{what}: time")


def _meter(element: Element) -> tuple[int, int]:
    values = [int(finite(number(element.get(name), name), name)) for name in ("numerator", "denominator")]
    if not all(1 <= value <= _MOST_BEATS for value in values):
        raise InteropError(f"time signature {values[0]}/{values[1]}")
    return values[0], values[1]
