"""Write an imported .rpp back: the file that came, with the what moved and not a byte more."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import AtomicFile, check_target, readable_errors, write_text
from smartmix.errors import InteropError
from smartmix.interop.changes import WrittenBack, differ
from smartmix.interop.dawproject.kept import NOTE, kept_ids
from smartmix.interop.lanes import amplitude_points
from smartmix.interop.model import Control, Loss, Project, Track
from smartmix.interop.plugin_chains import CHAINS, PREFIX
from smartmix.interop.rpp.effects_back import effects_back
from smartmix.interop.rpp.fxchain import MASTER, TRACK
from smartmix.interop.rpp.jsfx_sources import check_sources, put_sources
from smartmix.interop.rpp.parts import lane
from smartmix.interop.rpp.read import Origin, bent, read
from smartmix.interop.rpp.text import Block, Line, made_line, parse, written
from smartmix.interop.rpp.write import fader, notes, place, turned
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

ORIGINAL = "original.rpp"
_LANES = {"VOLENV": "trim", "VOLENV2": "fader", "MASTERVOLENV2": "fader"}


def keep(project: Project, folder: Path, ids: dict[str, str]) -> None:
    """Copy the file that was read into ``folder``, with a note of the project's track id by the session's."""
    if not isinstance(project.origin, Origin):
        raise InteropError(f"{project.name}: was not read from a REAPER project")
    shutil.copyfile(project.origin.path, folder / ORIGINAL)
    write_text(folder / NOTE, json.dumps({"format": 1, "file": ORIGINAL, "tracks": ids}, indent=1) + "\n")


def write_back(project: Project, path: Path, *, origin: Path, force: bool) -> tuple[Loss, ...]:
    """The imported file with only the changed lines; without a change the same bytes.

    Faders, pans, mutes, polarity, rides, trims (in front of the effects) and the sentences of new moves are put in.
    VST3s of new chains, new EQ and compressors stand behind the effects that are there. Other new devices, prints,
    sends and shifted sounds are not put into another's file, and said.
    """
    check_target(path, force=force)
    before = read(origin / ORIGINAL)
    check_sources((*before.tracks, *project.tracks), path, force=force)
    if not isinstance(before.origin, Origin):
        raise InteropError(f"{origin / ORIGINAL}: was not read from a REAPER project")
    root = parse(before.origin.data, str(origin / ORIGINAL))
    whole = root.block("REAPER_PROJECT")
    assert whole is not None  # read() has refused a file without one
    rows = [t for t in before.tracks if t.kind != "master" and not t.id.endswith("-own")]
    places = {track.id: (track, block) for track, block in zip(rows, whole.blocks("TRACK"), strict=True)}
    ids, losses = kept_ids(origin), list[Loss]()
    told = project.origin if isinstance(project.origin, WrittenBack) else WrittenBack()
    by_source = {track.source: track for track in project.tracks if track.source}
    for mine, theirs in ids.items():
        new, old = by_source.get(mine), places.get(theirs)
        if new is not None and old is not None:
            now = told.whole.get(mine, new)
            losses += _changed(
                old[1], replace(new, trim=now.trim, polarity=now.polarity), *_was(old[0], places)
            )
            dropped = mine not in told.chained and _had_chain(origin, mine)
            gone = (dropped, mine in told.reworked)
            losses += _effects(old[1], TRACK, new, old[0].name, gone)
    losses += _master(whole, project, before, ids)
    dropped = "mix" not in told.chained and _had_chain(origin, "mix")
    own = next((track for track in project.tracks if track.kind == "master"), None)
    if own is not None:
        losses += _effects(whole, MASTER, own, "Master", (dropped, "mix" in told.reworked))
    losses += _left_out(project, frozenset(ids))
    with AtomicFile(path, force=force) as file, readable_errors(path):
        file.stream.write(written(root))
    return (*losses, *put_sources((*before.tracks, *project.tracks), path, force=force))


def _had_chain(origin: Path, owner: str) -> bool:
    """Whether the import made a chain file of the VST3s of a track, a bus or the mix."""
    return (origin.parent.parent / CHAINS / f"{PREFIX}{owner}.toml").is_file()


def _effects(block: Block, tag: str, new: Track, name: str, gone: tuple[bool, bool]) -> list[Loss]:
    losses, left = effects_back(block, tag, new, name, gone=gone)
    return losses + [_device_loss(name, device.name) for device in left]


def _was(old: Track, places: dict[str, tuple[Track, Block]]) -> tuple[Track, bool]:
    return old, _hushed(old, places)


def _left_out(project: Project, known: frozenset[str]) -> list[Loss]:
    """Tracks, groups and sends that another's file does not get."""
    names = {track.id: track.name for track in project.tracks}
    losses = [
        Loss(track.name, "a new track", "it is not put into the imported file")
        for track in project.tracks
        if track.kind != "master" and track.source not in known
    ]
    losses += [
        Loss(track.name, f"a send to {names.get(send.to, send.to)}", "it is not put into the imported file")
        for track in project.tracks
        for send in track.sends
    ]
    return losses


def _master(whole: Block, project: Project, before: Project, ids: dict[str, str]) -> list[Loss]:
    """The fader of the master, which in a session is a bus over everything."""
    mine = next((name for name, theirs in ids.items() if theirs == "master"), None)
    new = next((t for t in project.tracks if t.source == mine), None)
    old = next((t for t in before.tracks if t.kind == "master"), None)
    losses: list[Loss] = []
    if new is not None and old is not None:
        if differ(new.volume, old.volume, floor=-90.0):
            _line(whole, "MASTER_VOLUME", ["1", "0", "-1", "-1", "1"]).put(1, fader(new.volume))
            points = amplitude_points(new.volume)
            losses += _ride(whole, "MASTERVOLENV2", "Master", points)
        losses += [_device_loss("Master", d.name) for d in new.devices]
    return losses


def _device_loss(where: str, name: str) -> Loss:
    return Loss(where, f"the new device {name}", "it is not put into the imported file")


def _hushed(track: Track, places: dict[str, tuple[Track, Block]]) -> bool:
    """Whether a track or a group above it is muted."""
    muted, above = track.muted, track.parent
    while above in places and above is not None:
        muted, above = muted or places[above][0].muted, places[above][0].parent
    return muted


def _changed(block: Block, new: Track, old: Track, hushed: bool) -> list[Loss]:
    losses: list[Loss] = []
    muted = new.muted and hushed
    if muted:
        # Nothing of a muted track is in the mix, so the mix does not say where its fader goes.
        if new.comment:
            losses.append(
                Loss(old.name, "moves on a muted track", "its notes say them; nothing else changes")
            )
    else:
        if differ(new.volume, old.volume, floor=-90.0):
            _line(block, "VOLPAN", ["1", "0", "-1", "-1", "1"]).put(1, fader(new.volume))
            losses += _ride(block, "VOLENV2", old.name, amplitude_points(new.volume))
        if differ(new.pan, old.pan, tolerance=0.002):
            _line(block, "VOLPAN", ["1", "0", "-1", "-1", "1"]).put(2, place(new.pan))
            losses += _ride(block, "PANENV2", old.name, turned(new.pan))
        if differ(new.trim, old.trim, floor=-90.0):
            losses += _ride(block, "VOLENV", old.name, amplitude_points(_drawn(new.trim)))
        losses += _turned_round(block, new, old)
    if new.muted != hushed:
        _line(block, "MUTESOLO", ["0", "0", "0"]).put(1, "1" if new.muted else "0")
    if new.clips and (at := new.clips[0].time_s - new.clips[0].start_s):
        losses.append(Loss(old.name, f"its sound starts {at * 1000:+.2f} ms off", "move its items in REAPER"))
    return losses + _say(block, new, old)


def _drawn(trim: Control) -> Control:
    """A trim as a lane, which is all that stands in front of the effects; none where it does nothing."""
    if trim.is_neutral:
        return Control()
    return trim if trim.points else Control(trim.value, (Breakpoint(0.0, trim.value),))


def _turned_round(block: Block, new: Track, old: Track) -> list[Loss]:
    if new.polarity == old.polarity:
        return []
    if new.polarity in ("left_inverted", "right_inverted"):
        return [
            Loss(old.name, f"polarity {new.polarity.replace('_', ' ')}", "REAPER turns both sides or none")
        ]
    _line(block, "IPHASE", ["0"]).put(1, "1" if new.polarity == "inverted" else "0")
    return []


def _say(block: Block, new: Track, old: Track) -> list[Loss]:
    """The sentences of new moves as notes of the first item."""
    fresh = [line for line in new.comment.splitlines() if line not in old.comment.splitlines()]
    item = block.block("ITEM")
    if item is None:
        return [
            Loss(old.name, f"the sentence {line!r}", "without an item there is no place for a note")
            for line in fresh
        ]
    if fresh:
        made = notes("\n".join(fresh), len(item.head.indent) // 2 + 1, end=block.head.end)
        found = item.block("NOTES")
        if found is not None:
            found.parts += made.parts
        else:
            at = next((i for i, part in enumerate(item.parts) if isinstance(part, Block)), len(item.parts))
            item.parts.insert(at, made)
    return []


def _line(block: Block, key: str, words: list[str]) -> Line:
    """The line of this key; made behind the opening line where there is none."""
    line = block.line(key)
    if line is None:
        line = made_line(key, *words, depth=0, end=block.head.end)
        line.raw = block.head.indent + b"  " + line.raw
        block.parts.insert(0, line)
    return line


def _ride(block: Block, tag: str, name: str, points: Sequence[Breakpoint]) -> list[Loss]:
    """The points of a lane anew; its other lines stay. Without points a lane is switched off."""
    found = block.block(tag)
    if not points:
        if found is not None:
            _line(found, "ACT", ["0", "-1"]).put(1, "0")
        return []
    depth = len(block.head.indent) // 2 + 1
    made = lane(tag, points, (block.head.words[1:] or ["track"])[0], depth, block.head.end)
    if found is None:
        at = next((i for i, p in enumerate(block.parts) if isinstance(p, Block)), len(block.parts))
        block.parts.insert(at, made)
        return []
    what = _LANES.get(tag, "pan")
    curved = bent(found)
    scaled = found.words("VOLTYPE")[:1] not in ([], ["0"])
    _line(found, "ACT", ["1", "-1"]).put(1, "1")
    kept = [p for p in found.parts if isinstance(p, Block) or p.key != "PT"]
    found.parts = [*kept, *made.lines("PT")]
    losses = (
        [Loss(name, f"curved points of a {what} lane", "straight lines stand in their place")]
        if curved
        else []
    )
    if scaled:
        done = "its points are written as gains: check it in REAPER"
        losses.append(Loss(name, f"a {what} lane with fader scaling (VOLTYPE)", done))
    return losses
