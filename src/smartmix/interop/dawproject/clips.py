"""Clips of a project as plain pieces of sound files: nested clips opened, loops unrolled, aliases followed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.dawproject.numbers import finite, number, switch
from smartmix.interop.dawproject.timing import Clock, TempoMap
from smartmix.interop.lanes import to_db
from smartmix.interop.model import Clip, Fades

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

TIMELINES = (
    "Lanes",
    "Clips",
    "Warps",
    "Audio",
    "Notes",
    "Points",
    "Video",
    "ClipSlot",
    "markers",
    "Timeline",
)
MOST_CLIPS = 100_000
MOST_TURNS = 20_000
"""Of one loop: more than a quarter note at a time for three hours."""
DEEPEST = 32
SHORTEST_S = 1e-6
STRETCH = 1e-3
"""A warped part whose length is within a thousandth of the sound's own counts as unstretched."""


@dataclass(slots=True)
class Flattening:
    """Takes Clips elements apart. ``by_id``: every time line with an id, for aliases; ``lost``: kinds of content that
    are no sound, as people call them.
    """

    tempo: TempoMap
    by_id: Mapping[str, Element]
    lost: list[str] = field(default_factory=list)
    found: list[Clip] = field(default_factory=list)

    def take(self, clips: Element, unit: str) -> None:
        """All clips of a track's Clips element, whose times are counted in ``unit`` from the project's start."""
        clock = Clock(self.tempo, unit, 0.0, 0.0)
        for clip in clips.findall("Clip"):
            self._clip(clip, unit, clock, (float("-inf"), float("inf")), 0)

    def _clip(self, clip: Element, unit: str, clock: Clock, window: tuple[float, float], depth: int) -> None:
        if depth > DEEPEST:
            raise InteropError(f"clips nested deeper than {DEEPEST}")
        content = self._content(clip)
        if content is None:
            return
        what = f"clip {clip.get('name') or ''!r}"
        time = finite(number(clip.get("time"), f"{what}: time"), f"{what}: time")
        inner = clip.get("contentTimeUnit") or content.get("timeUnit") or unit
        start_s = clock.seconds(time)
        play = finite(number(clip.get("playStart"), f"{what}: playStart", 0.0), f"{what}: playStart")
        if (said := clip.get("duration")) is not None:
            end_s = clock.seconds(time + finite(number(said, f"{what}: duration"), f"{what}: duration"))
        else:
            length = number(content.get("duration"), f"{what}: duration", 0.0)
            end_s = Clock(self.tempo, inner, start_s, play).seconds(
                play + finite(length, f"{what}: duration")
            )
        fades = self._fades(clip, inner, start_s, what)
        before = len(self.found)
        for at_s, inside, until_s in self._turns(clip, inner, (start_s, end_s), play, what):
            turn = Clock(self.tempo, inner, at_s, inside)
            low, high = max(at_s, window[0]), min(until_s, window[1])
            if high - low > SHORTEST_S:
                self._emit(content, inner, turn, (low, high), depth)
        self._dress(clip, before, Fades(start_s, end_s, *fades))

    def _content(self, clip: Element) -> Element | None:
        if (alias := clip.get("reference")) is not None:
            return self.by_id.get(alias)
        return next((part for part in clip if part.tag in TIMELINES), None)

    def _fades(self, clip: Element, unit: str, start_s: float, what: str) -> tuple[float, float]:
        own = Clock(self.tempo, clip.get("fadeTimeUnit") or unit, start_s, 0.0)
        lengths = []
        for name in ("fadeInTime", "fadeOutTime"):
            length = abs(finite(number(clip.get(name), f"{what}: {name}", 0.0), f"{what}: {name}"))
            lengths.append(own.seconds(length) - start_s)
        return lengths[0], lengths[1]

    def _turns(
        self, clip: Element, unit: str, span: tuple[float, float], play: float, what: str
    ) -> Iterator[tuple[float, float, float]]:
        """(start, time inside, end) of each turn: one, or one for each time a loop comes round."""
        at_s, end_s = span
        if clip.get("loopEnd") is None:
            yield at_s, play, end_s
            return
        low = finite(number(clip.get("loopStart"), f"{what}: loopStart", 0.0), f"{what}: loopStart")
        high = finite(number(clip.get("loopEnd"), f"{what}: loopEnd"), f"{what}: loopEnd")
        if high - low <= 0.0:
            yield at_s, play, end_s
            return
        turns, inside = 0, play
        while at_s < end_s - SHORTEST_S:
            turns += 1
            until_s = min(Clock(self.tempo, unit, at_s, inside).seconds(high), end_s)
            if turns > MOST_TURNS or until_s <= at_s:
                raise InteropError(f"{what}: its loop comes round too often")
            yield at_s, inside, until_s
            at_s, inside = until_s, low

    def _emit(self, content: Element, unit: str, clock: Clock, span: tuple[float, float], depth: int) -> None:
        if content.tag == "Audio":
            start = clock.inside_at(span[0]) if unit == "seconds" else clock.seconds(0.0)
            inside = start if unit == "seconds" else span[0] - start
            self._audio(content, inside, span, stretched=False)
        elif content.tag == "Warps":
            self._warped(content, clock, span, depth)
        elif content.tag == "Clips":
            for clip in content.findall("Clip"):
                self._clip(clip, unit, clock, span, depth + 1)
        elif content.tag == "Lanes":
            before = len(self.found)
            gain_db = 0.0
            for part in content:
                if (own_db := _standing_gain(part)) is not None:
                    gain_db += own_db
                elif part.tag in TIMELINES:
                    self._emit(part, part.get("timeUnit") or unit, clock, span, depth + 1)
            self.found[before:] = [replace(c, gain_db=c.gain_db + gain_db) for c in self.found[before:]]
        else:
            words = {"Notes": "notes", "Video": "video", "Points": "automation inside clips"}
            self.lost.append(words.get(content.tag, content.tag))

    def _warped(self, warps: Element, clock: Clock, span: tuple[float, float], depth: int) -> None:
        """A sound under warp markers: plain where they leave its speed as it is."""
        audio = next((part for part in warps if part.tag in ("Audio", "Clips", "Lanes", "Warps")), None)
        marks = sorted(
            (
                finite(number(w.get("time"), "warp: time"), "warp: time"),
                finite(number(w.get("contentTime"), "warp: contentTime"), "warp: contentTime"),
            )
            for w in warps.findall("Warp")
        )
        if audio is None or audio.tag != "Audio" or len(marks) < 2:
            self.lost.append("a warped clip")
            return
        inside = _interpolated(marks, clock.inside_at(span[0]))
        played = _interpolated(marks, clock.inside_at(span[1])) - inside
        straight = abs(played - (span[1] - span[0])) <= STRETCH * max(span[1] - span[0], 0.1)
        for time, sound in marks:
            at_s = clock.seconds(time)
            if span[0] < at_s < span[1] and abs((sound - inside) - (at_s - span[0])) > 0.002:
                straight = False
        self._audio(audio, inside, span, stretched=not straight)

    def _audio(self, audio: Element, inside: float, span: tuple[float, float], *, stretched: bool) -> None:
        file = audio.find("File")
        if file is None or not file.get("path"):
            self.lost.append("a clip without a sound file")
            return
        if len(self.found) >= MOST_CLIPS:
            raise InteropError(f"more than {MOST_CLIPS} clips")
        rate = int(finite(number(audio.get("sampleRate"), "Audio: sampleRate", 0.0), "sampleRate", 1e7))
        length = finite(number(audio.get("duration"), "Audio: duration", 0.0), "Audio: duration")
        late = max(-inside, 0.0)  # the clip begins before its sound
        start_s, inside = span[0] + late, inside + late
        duration_s = span[1] - start_s
        if length > 0.0 and not stretched:
            duration_s = min(duration_s, length - inside)
        if duration_s <= SHORTEST_S:
            return
        self.found.append(
            Clip(
                time_s=start_s,
                duration_s=duration_s,
                member=("external:" if switch(file.get("external"), False) else "") + str(file.get("path")),
                start_s=inside,
                stretched=stretched,
                sample_rate=max(rate, 0),
                channels=int(finite(number(audio.get("channels"), "Audio: channels", 0.0), "channels", 1e3)),
                frames=round(length * rate) if rate > 0 else 0,
            )
        )

    def _dress(self, clip: Element, first: int, fades: Fades) -> None:
        """Name, mute and fades of a clip for what came out of it: its own where that fills it, else over all of it."""
        muted = not switch(clip.get("enable"), True)
        for index in range(first, len(self.found)):
            piece = replace(
                self.found[index],
                name=self.found[index].name or clip.get("name") or "",
                comment=self.found[index].comment or clip.get("comment") or "",
                muted=self.found[index].muted or muted,
            )
            self.found[index] = _faded(piece, fades)


def _faded(piece: Clip, fades: Fades) -> Clip:
    if not (fades.in_s or fades.out_s):
        return piece
    ends = (piece.time_s - fades.start_s, piece.time_s + piece.duration_s - fades.end_s)
    if max(map(abs, ends)) <= SHORTEST_S and not (piece.fade_in_s or piece.fade_out_s):
        return replace(piece, fade_in_s=fades.in_s, fade_out_s=fades.out_s)
    return replace(piece, outer=(*piece.outer, fades))


def _standing_gain(points: Element) -> float | None:
    """A clip's gain (dB), which Bitwig writes as automation of the expression "gain", where it does not move."""
    target = points.find("Target")
    if points.tag != "Points" or target is None or target.get("expression") != "gain":
        return None
    values = {number(row.get("value"), "gain") for row in points.findall("RealPoint")}
    if len(values) != 1:
        return None
    value = finite(values.pop(), "gain")
    return value if points.get("unit") == "decibel" else to_db(value)


def _interpolated(marks: list[tuple[float, float]], time: float) -> float:
    """The way straight between marks; beyond the last ones at their slope."""
    for (low, first), (high, last) in pairwise(marks):
        if (time <= high or (high, last) == marks[-1]) and high > low:
            return first + (time - low) * (last - first) / (high - low)
    return marks[-1][1]
