"""Read a REAPER project into the model: tracks, folders, items, faders, pans, mutes, sends, rides, markers, tempo."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.from_plan import model_ids
from smartmix.interop.lanes import decibel_points, to_db
from smartmix.interop.model import Clip, Control, Loss, Marker, Project, Send, Tempo, Track
from smartmix.interop.rpp.devices import devices_in
from smartmix.interop.rpp.text import MOST_BYTES, Block, parse
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TRACKS = 4096
LARGEST = 1e9
"""No time, rate or gain of a song is past this."""
_NO_SOUND = {
    "MIDI": "notes",
    "MIDIPOOL": "notes",
    "VIDEO": "video",
    "RPP_PROJECT": "a project inside the project",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that was read, as it lay there."""

    path: Path
    data: bytes


def read(path: Path) -> Project:
    """The project in a .rpp file; sound files stay where they are (``Clip.member``). InteropError for a file that is
    damaged, hostile, or no project.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InteropError(f"{path}: larger than {MOST_BYTES >> 20} MiB; it is not read")
        data = path.read_bytes()
    except FileNotFoundError:
        raise InteropError(f"{path}: no such file") from None
    except OSError as error:
        raise InteropError(f"{path}: {error.strerror or error}") from None
    project = parse(data, str(path)).block("REAPER_PROJECT")
    if project is None:
        raise InteropError(f"{path}: holds no <REAPER_PROJECT; not a REAPER project")
    try:
        return _Reading(project).project(path, data)
    except InteropError as error:
        raise InteropError(f"{path}: {error}") from None


def _number(words: Sequence[str], index: int, default: float, what: str) -> float:
    if index >= len(words):
        return default
    try:
        value = float(words[index])
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise InteropError(f"{what}: {words[index][:40]!r}, expected a number a song can have")
    return value


@dataclass(slots=True)
class _Reading:
    root: Block
    losses: list[Loss] = field(default_factory=list)

    def project(self, path: Path, data: bytes) -> Project:
        """The whole project."""
        blocks = self.root.blocks("TRACK")
        if len(blocks) > MOST_TRACKS:
            raise InteropError(f"{len(blocks)} tracks; expected at most {MOST_TRACKS}")
        ids = list(model_ids([f"track{number}" for number in range(1, len(blocks) + 1)], own=()).values())
        tracks = self._foldered(
            [self._track(block, id_) for block, id_ in zip(blocks, ids, strict=True)], blocks
        )
        tracks = self._sent(tracks, blocks)
        rate = int(_number(self.root.words("SAMPLERATE"), 0, 48_000, "SAMPLERATE"))
        return Project(
            name=path.stem,
            sample_rate=rate if 8_000 <= rate <= 384_000 else 48_000,
            duration_s=max((c.time_s + c.duration_s for t in tracks for c in t.clips), default=0.0),
            tracks=(*self._master(), *tracks),
            tempo=self._tempo(),
            markers=self._markers(),
            comment=_notes(self.root),
            losses=tuple(dict.fromkeys(self.losses)),
            origin_format="rpp",
            origin=Origin(path, data),
        )

    def _track(self, block: Block, id_: str) -> Track:
        name = " ".join(block.words("NAME")[:1]) or id_
        fader, mute = block.words("VOLPAN"), block.words("MUTESOLO")
        clips, comments = self._clips(block, name)
        devices, unheard = devices_in(
            block.block("FXCHAIN"), name, is_on=block.words("FX")[:1] in ([], ["1"])
        )
        self.losses += unheard
        turned = block.words("IPHASE")[:1] == ["1"]
        if any(bent(part) for part in block.parts if isinstance(part, Block)):
            self.losses.append(Loss(name, "curved points of a lane", "straight lines between them are heard"))
        return Track(
            id_,
            name,
            clips=clips,
            polarity="inverted" if turned else "normal",
            devices=devices,
            volume=_level(fader, 0, block.block("VOLENV2"), f"{name}: VOLPAN"),
            trim=_level([], 0, block.block("VOLENV"), f"{name}: VOLENV"),
            pan=_pan(fader, block.block("PANENV2"), f"{name}: VOLPAN"),
            muted=mute[:1] not in ([], ["0"]),
            solo=mute[1:2] not in ([], ["0"]),
            comment="\n".join(comments),
        )

    def _clips(self, block: Block, name: str) -> tuple[tuple[Clip, ...], list[str]]:
        clips, comments = [], []
        for item in block.blocks("ITEM"):
            if said := _notes(item):
                comments.append(said)
            if item.block("TAKEFX") is not None:
                self.losses.append(Loss(name, "effects on an item", "kept for the way back, not heard here"))
            if item.line("TAKE") is not None:
                self.losses.append(Loss(name, "takes of an item", "its first take is heard"))
            source = item.block("SOURCE")
            while source is not None and (inner := source.block("SOURCE")) is not None:
                self.losses.append(Loss(name, "a section or a reversed item", "its plain sound is heard"))
                source = inner
            kind = "" if source is None else (source.head.words[1:] or [""])[0]
            if source is None or kind in _NO_SOUND or not source.words("FILE"):
                self.losses.append(Loss(name, _NO_SOUND.get(kind, "an item without a sound file")))
                continue
            clips.append(self._clip(item, source.words("FILE")[0], name))
        return tuple(clips), comments

    def _clip(self, item: Block, file: str, name: str) -> Clip:
        def figure(key: str, index: int, default: float) -> float:
            return _number(item.words(key), index, default, f"{name}: {key}")

        rate, pitch = figure("PLAYRATE", 0, 1.0), figure("PLAYRATE", 2, 0.0)
        return Clip(
            time_s=figure("POSITION", 0, 0.0),
            duration_s=max(figure("LENGTH", 0, 0.0), 0.0),
            member=f"external:{file}",
            start_s=figure("SOFFS", 0, 0.0),
            name=" ".join(item.words("NAME")[:1]),
            gain_db=to_db(figure("VOLPAN", 0, 1.0)) + to_db(abs(figure("VOLPAN", 2, 1.0))),
            fade_in_s=max(figure("FADEIN", 1, 0.0), figure("FADEIN", 2, 0.0), 0.0),
            fade_out_s=max(figure("FADEOUT", 1, 0.0), figure("FADEOUT", 2, 0.0), 0.0),
            muted=figure("MUTE", 0, 0.0) != 0.0,
            stretched=rate != 1.0 or pitch != 0.0 or item.line("SM") is not None,
        )

    def _foldered(self, tracks: list[Track], blocks: list[Block]) -> list[Track]:
        """The tracks with their groups. A folder that holds sound keeps it as its first member."""
        open_groups: list[str] = []
        found: list[Track] = []
        for track, block in zip(tracks, blocks, strict=True):
            change = int(_number(block.words("ISBUS"), 1, 0.0, f"{track.name}: ISBUS"))
            parent = open_groups[-1] if open_groups else None
            if change > 0:
                found.append(replace(track, kind="group", parent=parent, clips=()))
                open_groups.append(track.id)
                if track.clips:
                    said = "items on a folder", "a track of their own inside it; past the folder's effects"
                    self.losses.append(Loss(track.name, *said))
                    own = Track(f"{track.id}-own", track.name, parent=track.id, clips=track.clips)
                    found.append(own)
                continue
            found.append(replace(track, parent=parent))
            del open_groups[max(len(open_groups) + change, 0) :]
        return found

    def _sent(self, tracks: list[Track], blocks: list[Block]) -> list[Track]:
        sends: dict[str, list[Send]] = {}
        rows = [track for track in tracks if not track.id.endswith("-own")]
        for track, block in zip(rows, blocks, strict=True):
            last: tuple[str, int] | None = None
            for part in block.parts:
                if isinstance(part, Block):
                    if part.key == "AUXVOLENV" and last is not None:
                        made = sends[last[0]][last[1]]
                        level = _level(["1"], 0, part, f"{track.name}: AUXVOLENV")
                        sends[last[0]][last[1]] = replace(made, level=level)
                    continue
                if part.key != "AUXRECV":
                    continue
                words, what = part.words[1:], f"{track.name}: AUXRECV"
                index = int(_number(words, 0, -1.0, what))
                if not 0 <= index < len(rows):
                    raise InteropError(f"{what}: from track {index}, expected one of {len(rows)}")
                level = Control(to_db(_number(words, 2, 1.0, what)))
                pre, on = _number(words, 1, 0.0, what) != 0.0, _number(words, 4, 0.0, what) == 0.0
                mine = sends.setdefault(rows[index].id, [])
                mine.append(Send(track.id, level, pre, on))
                last = rows[index].id, len(mine) - 1
        return [replace(t, sends=tuple(sends.get(t.id, ()))) for t in tracks]

    def _master(self) -> tuple[Track, ...]:
        words = self.root.words("MASTER_VOLUME")
        volume = _level(words, 0, self.root.block("MASTERVOLENV2"), "MASTER_VOLUME")
        pan = _pan(words, self.root.block("MASTERPANENV2"), "MASTER_VOLUME")
        is_on = self.root.words("MASTER_FX")[:1] in ([], ["1"])
        devices, unheard = devices_in(self.root.block("MASTERFXLIST"), "Master", is_on=is_on)
        self.losses += unheard
        if volume.is_neutral and pan.is_neutral and not devices:
            return ()
        return (Track("master", "Master", "master", devices=devices, volume=volume, pan=pan),)

    def _tempo(self) -> tuple[Tempo, ...]:
        words = self.root.words("TEMPO")
        if not words:
            return ()
        now = Tempo(0.0, _number(words, 0, 120.0, "TEMPO"), *_meter(words, "TEMPO"))
        lane = self.root.block("TEMPOENVEX")
        found = []
        for line in [] if lane is None else lane.lines("PT"):
            row = line.words[1:]
            meter = int(_number(row, 3, 0.0, "TEMPOENVEX"))
            now = replace(
                now, time_s=_number(row, 0, 0.0, "TEMPOENVEX"), bpm=_number(row, 1, 120.0, "TEMPOENVEX")
            )
            if meter > 0:
                now = replace(now, numerator=meter & 0xFFFF, denominator=meter >> 16)
            if int(_number(row, 2, 1.0, "TEMPOENVEX")) != 1:
                self.losses.append(Loss("project", "a tempo that glides", "it goes in steps"))
            found.append(now)
        return tuple(found) or (now,)

    def _markers(self) -> tuple[Marker, ...]:
        found: list[Marker] = []
        waiting: dict[str, int] = {}
        for line in self.root.lines("MARKER"):
            words = line.words[1:]
            time_s, index = _number(words, 1, 0.0, "MARKER"), words[0] if words else ""
            region = int(_number(words, 3, 0.0, "MARKER")) & 1
            if region and index in waiting:
                at = waiting.pop(index)
                found[at] = replace(found[at], end_s=time_s)
                continue
            if region:
                waiting[index] = len(found)
            found.append(Marker(time_s, words[2] if len(words) > 2 else ""))
        return tuple(sorted(found, key=lambda marker: marker.time_s))


_HEARD_LANES = ("VOLENV", "PANENV2", "AUXVOLENV")


def _meter(words: Sequence[str], what: str) -> tuple[int, int]:
    return int(_number(words, 1, 4.0, what)), int(_number(words, 2, 4.0, what))


def _points(lane: Block | None, what: str) -> list[Breakpoint]:
    """A lane that is switched on; shapes other than a hold count as straight."""
    if lane is None or lane.words("ACT")[:1] == ["0"]:
        return []
    rows = [line.words[1:] for line in lane.lines("PT")]
    return [
        Breakpoint(
            _number(row, 0, 0.0, what), _number(row, 1, 0.0, what), "hold" if row[2:3] == ["1"] else "linear"
        )
        for row in rows
    ]


def bent(lane: Block) -> bool:
    """Whether an envelope that is switched on has points that are neither straight nor a hold."""
    if lane.words("ACT")[:1] == ["0"] or not lane.key.startswith(_HEARD_LANES):
        return False
    return any(line.words[3:4] not in ([], ["0"], ["1"]) for line in lane.lines("PT"))


def _level(words: Sequence[str], index: int, lane: Block | None, what: str) -> Control:
    """A fader with the lane that REAPER adds to it."""
    still = to_db(_number(words, index, 1.0, what))
    points = decibel_points(_points(lane, what))
    if not points:
        return Control(still)
    moved = tuple(replace(point, value=point.value + still) for point in points)
    return Control(moved[0].value, moved)


def _pan(words: Sequence[str], lane: Block | None, what: str) -> Control:
    still = _number(words, 1, 0.0, what)
    points = tuple(replace(p, value=min(max(still - p.value, -1.0), 1.0)) for p in _points(lane, what))
    return Control(points[0].value, points) if points else Control(min(max(still, -1.0), 1.0))


def _notes(block: Block) -> str:
    notes = block.block("NOTES")
    if notes is None:
        return ""
    rows = [line.body.lstrip(b" \t").decode("utf-8", "replace") for line in notes.lines()]
    return "\n".join(row[1:] for row in rows if row.startswith("|"))
