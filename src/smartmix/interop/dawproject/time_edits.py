"""What changed on the time line of a .dawproject that goes back: shifted tracks, tempo, sections."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from smartmix.interop.dawproject.document import put_tempo
from smartmix.interop.dawproject.elements import child
from smartmix.interop.dawproject.numbers import finite, number, told
from smartmix.interop.dawproject.timeline import SECONDS, Timeline
from smartmix.interop.model import Loss, Marker
from smartmix.interop.sections import (
    TEMPO_GONE,
    is_named,
    is_placed,
    is_same_tempo,
    open_ends,
    paired,
    told_sections,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartmix.interop.dawproject.canvas import Canvas
    from smartmix.interop.model import Project, Track
    from smartmix.session.session import Section

_TIMED = ("Lanes", "Clips", "Points", "Markers", "Audio", "Warps", "Notes", "Video")
_LOOSE = ("loopStart", "loopEnd", "fadeInTime")
"""What of a clip cannot be cut at its start without moving something else."""


def shift_clips(canvas: Canvas, element: Element, track: Track, shift_s: float) -> list[Loss]:
    """Move all clips of a track by seconds; what comes in front of 0 is cut off. Where the format does not let them
    move alone (clips of beats under a tempo that changes, loops cut at their start) none moves, and that is said.
    """
    time = Timeline(canvas.root)
    clips = [
        (c, u) for holder, u in _clips_of(canvas.root, str(element.get("id"))) for c, u in _in(holder, u)
    ]
    moved = [_moved(clip, unit, shift_s, time) for clip, unit in clips]
    if not moved or any(words is None for words in moved):
        return [
            Loss(track.name, f"its sound starts {shift_s * 1000:+.2f} ms off", "move its clips in the DAW")
        ]
    canvas.changed = True
    for (clip, _), words in zip(clips, moved, strict=True):
        for name, value in (words or {}).items():
            clip.set(name, told(value))
    return []


def _clips_of(root: Element, track: str) -> Iterator[tuple[Element, str]]:
    """The Clips of a track on the time line, each with its unit of time."""
    arrangement = root.find("Arrangement")
    outer = None if arrangement is None else arrangement.find("Lanes")
    waiting = [] if outer is None else [(outer, "", Timeline(root).unit(None))]
    while waiting:
        element, owner, unit = waiting.pop()
        owner, unit = element.get("track") or owner, element.get("timeUnit") or unit
        if element.tag == "Lanes":
            waiting += [(part, owner, unit) for part in element]
        elif element.tag == "Clips" and owner == track:
            yield element, unit


def _in(holder: Element, unit: str) -> Iterator[tuple[Element, str]]:
    for clip in holder.findall("Clip"):
        yield clip, unit


def _moved(clip: Element, unit: str, shift_s: float, time: Timeline) -> dict[str, float] | None:
    """The numbers of a clip that starts so much later; None where it cannot be told."""

    def place(name: str) -> float:
        return finite(number(clip.get(name), name, 0.0), name)

    content = clip.get("contentTimeUnit") or unit
    if content != SECONDS and len({point.bpm for point in time.tempo.points}) > 1:
        return None
    start_s = time.seconds(place("time"), unit) + shift_s
    cut_s = max(-start_s, 0.0)
    words = {"time": time.counted(start_s + cut_s, unit)}
    if clip.get("duration") is not None:
        end_s = time.seconds(place("time") + place("duration"), unit) + shift_s
        words["duration"] = time.counted(end_s, unit) - words["time"]
    if cut_s > 0.0:
        if any(place(name) for name in _LOOSE) or words.get("duration", 1.0) <= 0.0:
            return None
        words["playStart"] = place("playStart") + time.counted(cut_s, content)
    return words


def write_tempo(canvas: Canvas, project: Project, before: Project) -> list[Loss]:
    """Tempo and bars as the session has them now, where no clip lies on beats. Those nobody changed stay."""
    if is_same_tempo(before.tempo, project.tempo):
        return []
    if not project.tempo:
        return [TEMPO_GONE]
    if not _all_in_seconds(canvas.root, Timeline(canvas.root).unit(None)):
        return [
            Loss("project", "a tempo that was changed", "the file's clips lie on its beats: it keeps its own")
        ]
    canvas.changed = True
    ids = _transport(canvas, project)
    arrangement = canvas.arrangement()
    for tag in ("TempoAutomation", "TimeSignatureAutomation"):
        for old in arrangement.findall(tag):
            arrangement.remove(old)
    put_tempo(arrangement, project.tempo, ids, canvas.own)
    return []


def _transport(canvas: Canvas, project: Project) -> tuple[str, str]:
    """The first tempo and bar; the ids of what holds them."""
    transport = canvas.root.find("Transport")
    if transport is None:
        transport = Element("Transport")
        canvas.root.insert(1, transport)
    first = project.tempo[0]
    speed, bars = transport.find("Tempo"), transport.find("TimeSignature")
    if speed is None:
        speed = Element("Tempo", id=f"{canvas.own}tempo", unit="bpm")
        transport.insert(0, speed)
    if bars is None:
        bars = child(transport, "TimeSignature", id=f"{canvas.own}meter")
    speed.set("value", told(first.bpm))
    bars.set("numerator", str(first.numerator))
    bars.set("denominator", str(first.denominator))
    for part, name in ((speed, "tempo"), (bars, "meter")):
        if not part.get("id"):
            part.set("id", f"{canvas.own}{name}")
    return str(speed.get("id")), str(bars.get("id"))


def _all_in_seconds(element: Element, unit: str) -> bool:
    """Whether nothing on a project's time line is counted in beats."""
    waiting = [(part, unit) for name in ("Arrangement", "Scenes") for part in element.findall(name)]
    while waiting:
        part, inherited = waiting.pop()
        own = part.get("timeUnit") or inherited
        inside = part.get("contentTimeUnit") or own
        if (part.tag in _TIMED and len(part) and own != SECONDS) or (
            part.tag == "Clip" and inside != SECONDS
        ):
            return False
        waiting += [(each, inside if part.tag == "Clip" else own) for each in part]
    return True


def write_sections(canvas: Canvas, project: Project, before: Project) -> list[Loss]:
    """Sections that were moved, named anew, added or taken out. Markers that are none stay."""
    root = canvas.root
    time, found = Timeline(root), root.find("Arrangement/Markers")
    unit = time.unit(found)
    rows = [] if found is None else found.findall("Marker")
    rows.sort(key=lambda row: number(row.get("time"), "Marker: time"))
    old = told_sections(before.markers, project.duration_s)
    pairs, added, gone = paired(old, project.markers)

    def counted(time_s: float) -> str:
        return told(time.counted(time_s, unit))

    for index, section, marker in pairs:
        if not is_placed(section, marker):
            rows[index].set("time", counted(marker.time_s))
            canvas.changed = True
        if not is_named(section, marker):
            rows[index].set("name", marker.name)
            canvas.changed = True
    if added and found is None:
        found, unit = _markers(canvas), SECONDS
    for marker in added:
        assert found is not None
        child(found, "Marker", time=counted(marker.time_s), name=marker.name)
    for index in gone:
        assert found is not None
        found.remove(rows[index])
    canvas.changed = canvas.changed or bool(added or gone)
    now = [Marker(m.time_s, m.name) for m in _now(before, pairs, added, gone)]
    return open_ends(now, project)


def _markers(canvas: Canvas) -> Element:
    """An empty Markers in its place."""
    made = Element("Markers", timeUnit=SECONDS, id=f"{canvas.own}markers")
    arrangement = canvas.arrangement()
    arrangement.insert(1 if arrangement.find("Lanes") is not None else 0, made)
    return made


def _now(
    before: Project, pairs: list[tuple[int, Section, Marker]], added: list[Marker], gone: list[int]
) -> list[Marker]:
    """The file's markers as they are now."""
    moved = {index: marker for index, _, marker in pairs}
    kept = [moved.get(i, m) for i, m in enumerate(before.markers) if i not in gone]
    return sorted([*kept, *added], key=lambda m: m.time_s)
