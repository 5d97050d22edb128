"""Read a .dawproject: what is understood into the model, everything into the project's origin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.dawproject.archive import MOST_XML_BYTES, Archive
from smartmix.interop.dawproject.clips import Flattening
from smartmix.interop.dawproject.house import House, unheard_lanes
from smartmix.interop.dawproject.strips import read_channel
from smartmix.interop.dawproject.timeline import Timeline
from smartmix.interop.model import Clip, Loss, Project, Track
from smartmix.interop.names import model_ids

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_TRACKS = 4096
DEEPEST_TREE = 512
DEFAULT_RATE = 48_000
_CONTENT = {"tracks": "group"}


@dataclass(frozen=True, slots=True)
class Origin:
    """What was read: the archive, its project.xml as it lay there, and which element became which track."""

    path: Path
    xml: bytes
    elements: dict[str, str]
    """Id of the Track (or lone Channel) element by the model's track id; "" where it has none."""


def read(path: Path) -> Project:
    """The project in a .dawproject file. Times in beats become seconds by its tempo; sound files stay where they are
    (``Clip.member``). InteropError for a file that is damaged, hostile, or no project.
    """
    with Archive(path) as archive:
        if not archive.has("project.xml"):
            raise InteropError(f"{path}: holds no project.xml; not a DAWproject file")
        xml = archive.read("project.xml", MOST_XML_BYTES)
        title = _title(archive)
        states = {
            name: archive.read(name, 256 << 20)
            for name in archive.names
            if name.casefold().endswith(".vstpreset")
        }
    root = parse(xml, f"{path}: project.xml")
    if root.tag != "Project":
        raise InteropError(f"{path}: project.xml: <{root.tag}>, expected <Project>")
    try:
        return _Reading(root, Origin(path, xml, {}), states).project(title or path.stem)
    except InteropError as error:
        raise InteropError(f"{path}: {error}") from None


def parse(xml: bytes, what: str) -> Element:
    """The tree of an XML document that declares no types and no entities. InteropError for any other."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(xml, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise InteropError(
            f"{what}: declares {type(error).__name__.removesuffix('Forbidden')}; refused"
        ) from None
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise InteropError(f"{what}: cannot be read as XML ({error})") from None
    layer, depth = list(root), 0
    while layer:
        depth += 1
        if depth > DEEPEST_TREE:
            raise InteropError(f"{what}: nested deeper than {DEEPEST_TREE}")
        layer = [part for element in layer for part in element]
    return root


def _title(archive: Archive) -> str:
    if not archive.has("metadata.xml"):
        return ""
    root = parse(archive.read("metadata.xml", 1 << 20), f"{archive.path}: metadata.xml")
    return (root.findtext("Title") or "").strip()


@dataclass(slots=True)
class _Reading:
    root: Element
    origin: Origin
    states: dict[str, bytes]
    losses: list[Loss] = field(default_factory=list)
    time: Timeline = field(init=False)

    def project(self, name: str) -> Project:
        """The whole project."""
        self.time = Timeline(self.root, self.losses)
        arrangement = self.root.find("Arrangement")
        clips, lanes = self._timelines(arrangement)
        tracks = self._tracks(clips, lanes)
        every = [clip for track in tracks for clip in track.clips]
        if self.root.find("Scenes") is not None and len(self.root.findall("Scenes/*")):
            self.losses.append(Loss("project", "clip-launcher scenes", "they are kept for the way back"))
        return Project(
            name=name,
            sample_rate=_rate(every),
            duration_s=max((c.time_s + c.duration_s for c in every), default=0.0),
            tracks=tuple(tracks),
            tempo=self.time.steps(),
            markers=self.time.markers(),
            losses=tuple(self.losses),
            origin_format="dawproject",
            origin=self.origin,
        )

    def _timelines(
        self, arrangement: Element | None
    ) -> tuple[dict[str, list[tuple[Element, str]]], dict[str, tuple[Element, str]]]:
        """Clips elements by track, Points elements by the parameter they move, each with its unit of time."""
        clips: dict[str, list[tuple[Element, str]]] = {}
        lanes: dict[str, tuple[Element, str]] = {}
        outer = None if arrangement is None else arrangement.find("Lanes")
        waiting = [] if outer is None else [(outer, "", self.time.unit(outer))]
        while waiting:
            element, track, unit = waiting.pop()
            track, unit = element.get("track") or track, element.get("timeUnit") or unit
            if element.tag == "Lanes":
                waiting += [(part, track, unit) for part in reversed(element)]
            elif element.tag == "Clips":
                clips.setdefault(track, []).append((element, unit))
            elif element.tag == "Points":
                target = element.find("Target")
                if target is not None and target.get("parameter"):
                    lanes[str(target.get("parameter"))] = element, unit
                elif target is not None and target.get("expression"):
                    what = f"{target.get('expression')} expression on a track"
                    self.losses.append(Loss("project", what, "kept for the way back, not heard here"))
        return clips, lanes

    def _tracks(
        self, clips: dict[str, list[tuple[Element, str]]], lanes: dict[str, tuple[Element, str]]
    ) -> list[Track]:
        rows = list(self._rows())
        if len(rows) > MOST_TRACKS:
            raise InteropError(f"{len(rows)} tracks; expected at most {MOST_TRACKS}")
        keys = [element.get("id") or f"track{index}" for index, (element, _) in enumerate(rows)]
        ids = model_ids([key.removesuffix(".track") for key in keys])
        names = dict(zip(keys, ids.values(), strict=False)) if len(ids) == len(keys) else {}
        if len(names) != len(keys):
            raise InteropError("two tracks have the same id")
        channels = {
            str(channel.get("id")): names[key]
            for key, (element, _) in zip(keys, rows, strict=True)
            if (channel := _channel(element)) is not None and channel.get("id")
        }
        by_id = {str(e.get("id")): e for e in self.root.iter() if e.get("id")}
        house = House(self.time.tempo, lanes, self.states, self.losses)
        tracks = []
        for key, (element, home) in zip(keys, rows, strict=True):
            track = read_channel(element, names[key], house, channels)
            flat = Flattening(self.time.tempo, by_id)
            for each, unit in clips.get(key, []):
                flat.take(each, unit)
            for what in dict.fromkeys(flat.lost):
                self.losses.append(Loss(track.name, what, "kept for the way back, not heard here"))
            parent = track.parent or (names[keys[home]] if home is not None else None)
            self.origin.elements[names[key]] = element.get("id") or ""
            tracks.append(_with(track, parent, tuple(flat.found)))
        self.losses += unheard_lanes([(e, t.name) for (e, _), t in zip(rows, tracks, strict=True)], house)
        return _in_order(tracks)

    def _rows(self) -> list[tuple[Element, int | None]]:
        """Track and lone Channel elements in order, each with the index of the one it lies in."""
        structure = self.root.find("Structure")
        rows: list[tuple[Element, int | None]] = []

        def take(element: Element, home: int | None) -> None:
            rows.append((element, home))
            mine = len(rows) - 1
            for inner in element.findall("Track"):
                take(inner, mine)

        for element in structure if structure is not None else ():
            if element.tag in ("Track", "Channel"):
                take(element, None)
        return rows


def _with(track: Track, parent: str | None, clips: tuple[Clip, ...]) -> Track:
    from dataclasses import replace

    return replace(track, parent=None if parent == track.id else parent, clips=clips)


def _in_order(tracks: list[Track]) -> list[Track]:
    """Groups before their members, else as they were; parents that are the master or run in a circle are none."""
    from dataclasses import replace

    by_id = {track.id: track for track in tracks}

    def above(track: Track) -> list[str]:
        found: list[str] = []
        while track.parent is not None and track.parent not in found:
            found.append(track.parent)
            track = by_id[track.parent]
        return found

    master = {track.id for track in tracks if track.kind == "master"}
    free = [replace(t, parent=None) if t.parent in master or t.id in above(t) else t for t in tracks]
    by_id = {track.id: track for track in free}
    groups = {track.parent for track in free if track.parent is not None}
    kinds = [
        replace(t, kind="group") if t.id in groups and t.kind == "audio" and not t.clips else t for t in free
    ]
    return sorted(kinds, key=lambda t: (t.kind != "group", len(above(t)) if t.kind == "group" else 0))


def _channel(element: Element) -> Element | None:
    return element if element.tag == "Channel" else element.find("Channel")


def _rate(clips: list[Clip]) -> int:
    rates = Counter(clip.sample_rate for clip in clips if clip.sample_rate)
    return max(rates, key=lambda rate: (rates[rate], rate)) if rates else DEFAULT_RATE
