"""Write an imported .rpp back: the file that came, with the faders, pans and mutes that moved and not a byte more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import AtomicFile, check_target, readable_errors, write_text
from smartmix.errors import InteropError
from smartmix.interop.changes import differ
from smartmix.interop.dawproject.kept import NOTE, kept_ids
from smartmix.interop.lanes import amplitude_points
from smartmix.interop.model import Control, Loss, Project, Track
from smartmix.interop.rpp.read import Origin, read
from smartmix.interop.rpp.text import Block, Line, made_line, parse, written
from smartmix.interop.rpp.write import fader, lane, place, turned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.parameter import Breakpoint

ORIGINAL = "original.rpp"


def keep(project: Project, folder: Path, ids: dict[str, str]) -> None:
    """Copy the file that was read into ``folder``, with a note of the project's track id by the session's."""
    if not isinstance(project.origin, Origin):
        raise InteropError(f"{project.name}: was not read from a REAPER project")
    shutil.copyfile(project.origin.path, folder / ORIGINAL)
    write_text(folder / NOTE, json.dumps({"format": 1, "file": ORIGINAL, "tracks": ids}, indent=1) + "\n")


def write_back(project: Project, path: Path, *, origin: Path, force: bool) -> tuple[Loss, ...]:
    """The imported file with only the changed lines; without a change the same bytes. What smartmix does beside
    faders, pans and mutes (new devices, prints) is not put into another's file yet, and said.
    """
    check_target(path, force=force)
    before = read(origin / ORIGINAL)
    if not isinstance(before.origin, Origin):
        raise InteropError(f"{origin / ORIGINAL}: was not read from a REAPER project")
    root = parse(before.origin.data, str(origin / ORIGINAL))
    whole = root.block("REAPER_PROJECT")
    blocks = [] if whole is None else whole.blocks("TRACK")
    rows = [t for t in before.tracks if t.kind != "master" and not t.id.endswith("-own")]
    places = {track.id: (track, block) for track, block in zip(rows, blocks, strict=True)}
    by_source = {track.source: track for track in project.tracks if track.source}
    losses: list[Loss] = []
    for mine, theirs in kept_ids(origin).items():
        new, old = by_source.get(mine), places.get(theirs)
        if new is not None and old is not None:
            losses += _changed(old[1], new, old[0], _hushed(old[0], places))
    known = set(kept_ids(origin))
    losses += [
        Loss(track.name, "a new track", "it is not put into the imported file")
        for track in project.tracks
        if track.clips and track.source not in known
    ]
    losses += [
        Loss(track.name, "the group's fader and EQ", "they are not put into the imported file")
        for track in project.tracks
        if track.kind == "group" and track.source not in known and _does_something(track)
    ]
    with AtomicFile(path, force=force) as file, readable_errors(path):
        file.stream.write(written(root))
    return tuple(losses)


def _does_something(track: Track) -> bool:
    return bool(track.devices) or differ(track.volume, Control())


def _hushed(track: Track, places: dict[str, tuple[Track, Block]]) -> bool:
    """Whether a track or a group above it is muted."""
    muted, above = track.muted, track.parent
    while above in places and above is not None:
        muted, above = muted or places[above][0].muted, places[above][0].parent
    return muted


def _changed(block: Block, new: Track, old: Track, hushed: bool) -> list[Loss]:
    heard = not (new.muted and hushed)
    if heard and differ(new.volume, old.volume, floor=-90.0):
        _line(block, "VOLPAN", ["1", "0", "-1", "-1", "1"]).put(1, fader(new.volume))
        _ride(block, "VOLENV2", new.volume, amplitude_points(new.volume))
    if heard and differ(new.pan, old.pan, tolerance=0.002):
        _line(block, "VOLPAN", ["1", "0", "-1", "-1", "1"]).put(2, place(new.pan))
        _ride(block, "PANENV2", new.pan, turned(new.pan))
    if new.muted != hushed:
        _line(block, "MUTESOLO", ["0", "0", "0"]).put(1, "1" if new.muted else "0")
    left = [f"the new device {device.name}" for device in new.devices]
    if differ(new.trim, old.trim):
        left.append("a trim")
    if new.comment and new.comment != old.comment:
        left.append("what the moves say")
    if new.polarity != old.polarity:
        left.append("its polarity")
    return [Loss(old.name, what, "it is not put into the imported file") for what in left]


def _line(block: Block, key: str, words: list[str]) -> Line:
    """The line of this key; made behind the opening line where there is none."""
    line = block.line(key)
    if line is None:
        line = made_line(key, *words, depth=0, end=block.head.end)
        line.raw = block.head.indent + b"  " + line.raw
        block.parts.insert(0, line)
    return line


def _ride(block: Block, tag: str, control: Control, points: Iterable[Breakpoint]) -> None:
    """The points of a lane anew; its other lines stay. Without points a lane is switched off."""
    found = block.block(tag)
    if not control.points:
        if found is not None and (act := found.line("ACT")) is not None:
            act.put(1, "0")
        return
    depth = len(block.head.indent) // 2 + 1
    made = lane(tag, points, (block.head.words[1:] or ["track"])[0], depth, block.head.end)
    if found is None:
        at = next((i for i, p in enumerate(block.parts) if isinstance(p, Block)), len(block.parts))
        block.parts.insert(at, made)
        return
    if (act := found.line("ACT")) is not None:
        act.put(1, "1")
    kept = [p for p in found.parts if isinstance(p, Block) or p.key != "PT"]
    found.parts = [*kept, *made.lines("PT")]
