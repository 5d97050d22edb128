"""Write an imported .rpp back: the file that came, with what moved and not a byte more."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import AtomicFile, check_target, readable_errors, write_text
from smartmix.errors import InteropError
from smartmix.interop.bench import none_left_over
from smartmix.interop.changes import MIX, WrittenBack
from smartmix.interop.dawproject.kept import NOTE, kept_folder, kept_ids
from smartmix.interop.lanes import added, amplitude_points, negative
from smartmix.interop.model import Control, Loss, Project, Track
from smartmix.interop.names import shown_name
from smartmix.interop.regrouped import device_loss, folded, moved_losses, new_group_losses
from smartmix.interop.rpp.devices import first_trim
from smartmix.interop.rpp.edits import line, ride, say, strip, turn_round
from smartmix.interop.rpp.effects_back import put_back
from smartmix.interop.rpp.envelopes import mode_over
from smartmix.interop.rpp.item_edits import shift_items
from smartmix.interop.rpp.jsfx_sources import check_sources, put_sources, source_files
from smartmix.interop.rpp.media import Moving, copy_sounds
from smartmix.interop.rpp.parts import standing
from smartmix.interop.rpp.read import Origin, read, track_law
from smartmix.interop.rpp.routing import OWN
from smartmix.interop.rpp.text import Block, parse, written
from smartmix.interop.rpp.time_edits import write_sections, write_tempo

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from smartmix.interop.formats import AudioChoice
    from smartmix.interop.rpp.envelopes import Mode
    from smartmix.interop.rpp.pan_law import PanLaw

ORIGINAL = "original.rpp"


def keep(project: Project, folder: Path, ids: dict[str, str]) -> None:
    """Copy the file that was read into ``folder``, with a note of the project's track id by the session's."""
    if not isinstance(project.origin, Origin):
        raise InteropError(f"{project.name}: was not read from a REAPER project")
    shutil.copyfile(project.origin.path, folder / ORIGINAL)
    came_from = str(project.origin.path.resolve().parent)
    note = {"format": 1, "file": ORIGINAL, "folder": came_from, "tracks": ids}
    write_text(folder / NOTE, json.dumps(note, indent=1) + "\n")


def write_back(
    project: Project, path: Path, *, origin: Path, audio: AudioChoice, force: bool
) -> tuple[Loss, ...]:
    """The imported file with only the changed lines; without a change the same bytes.

    In another folder than it came from the sound files are copied beside it or named where they lie, as ``audio`` says.

    Faders, pans, mutes, polarity, rides, trims (in front of the effects), shifted items, tempo, sections and the
    sentences of new moves are put in; VST3s of new chains, new EQ and compressors behind the effects that are there.
    Other new devices, prints and sends are not put into another's file, and said.
    """
    check_target(path, force=force)
    before = read(origin / ORIGINAL)
    check_sources((*before.tracks, *project.tracks), path, force=force)
    if not isinstance(before.origin, Origin):
        raise InteropError(f"{origin / ORIGINAL}: was not read from a REAPER project")
    root = parse(before.origin.data, str(origin / ORIGINAL))
    whole = root.block("REAPER_PROJECT")
    assert whole is not None  # read() has refused a file without one
    rows = [t for t in before.tracks if t.kind != "master" and not t.id.endswith(OWN)]
    places = {track.id: (track, block) for track, block in zip(rows, whole.blocks("TRACK"), strict=True)}
    ids, losses = kept_ids(origin), list[Loss]()
    told = project.origin if isinstance(project.origin, WrittenBack) else WrittenBack()
    losses += new_group_losses(project, ids)
    project = replace(project, tracks=folded(project, ids))
    losses += moved_losses(project, before, ids, told.resounded)
    losses += _tracks(whole, project, places, ids, told)
    losses += _master(whole, project, before, ids, told)
    losses += write_tempo(whole, project)
    losses += write_sections(whole, project)
    here = {mine: places[theirs] for mine, theirs in ids.items() if theirs in places}
    masters = [track for track in before.tracks if track.kind == "master"]
    here[MIX] = (*masters, Track("master", "Master", "master"))[0], whole
    losses += put_back(here, project, told)
    losses += _left_out(project, ids)
    moving = Moving(kept_folder(origin), path, audio)
    moving.take(whole)
    losses += moving.losses
    tracks = (*before.tracks, *project.tracks)
    targets = [path.parent / said for said in moving.copies.values()]
    with none_left_over([*targets, *source_files(tracks, path)]):
        copy_sounds(moving.copies, path, force=force)
        said = put_sources(tracks, path, force=force)
        with AtomicFile(path, force=force) as file, readable_errors(path):
            file.stream.write(written(root))
    return (*losses, *said)


def _tracks(
    whole: Block,
    project: Project,
    places: Mapping[str, tuple[Track, Block]],
    ids: Mapping[str, str],
    told: WrittenBack,
) -> list[Loss]:
    """What changed on the tracks and folders that the file has; ``places`` has those by the project's id."""
    losses, over = list[Loss](), mode_over(whole)
    by_source = {track.source: track for track in project.tracks if track.source}
    for mine, theirs in ids.items():
        new, old = by_source.get(mine), places.get(theirs)
        if new is not None and old is not None:
            now = told.whole.get(mine, new)
            now = replace(new, trim=now.trim, polarity=now.polarity)
            law = track_law(whole, old[1].words("VOLPAN"), old[0].name)
            losses += _changed(
                old[1], now, old[0], told=told, hushed=_hushed(old[0], places), law=law, over=over
            )
        elif new is not None and theirs.endswith(OWN) and not (new.volume.is_neutral and new.pan.is_neutral):
            losses.append(Loss(new.name, "moves on a folder's own items", "they have no fader in REAPER"))
    return losses


def _left_out(project: Project, known: Container[str]) -> list[Loss]:
    """Tracks and sends that another's file does not get."""
    names = {track.id: track.name for track in project.tracks}
    losses = [
        Loss(track.name, "a new track", "it is not put into the imported file")
        for track in project.tracks
        if track.kind not in ("master", "group") and track.source not in known
    ]
    losses += [
        Loss(track.name, f"a send to {names.get(send.to, send.to)}", "it is not put into the imported file")
        for track in project.tracks
        for send in track.sends
    ]
    return losses


def _master(
    whole: Block, project: Project, before: Project, ids: dict[str, str], told: WrittenBack
) -> list[Loss]:
    """The fader of the master, which in a session is a bus over everything."""
    mine = next((name for name, theirs in ids.items() if theirs == "master"), None)
    new = next((t for t in project.tracks if t.source == mine), None)
    old = next((t for t in before.tracks if t.kind == "master"), None)
    losses: list[Loss] = []
    if new is not None and old is not None:
        law = track_law(whole, whole.words("MASTER_VOLUME"), "MASTER_VOLUME")
        # A session has no pan for a bus: that of the master stays where it is.
        losses += strip(whole, replace(new, pan=old.pan), old, told, law, over=mode_over(whole), master=True)
        losses += [device_loss("Master", d.name) for d in new.devices]
    return losses


def _hushed(track: Track, places: Mapping[str, tuple[Track, Block]]) -> bool:
    """Whether a track or a group above it is muted."""
    muted, above = track.muted, track.parent
    while above in places and above is not None:
        muted, above = muted or places[above][0].muted, places[above][0].parent
    return muted


def _changed(
    block: Block, new: Track, old: Track, *, told: WrittenBack, hushed: bool, law: PanLaw, over: Mode | None
) -> list[Loss]:
    losses: list[Loss] = []
    if shown_name(old.name) != new.name:
        line(block, "NAME", [""]).put(1, new.name)
    if new.kind == "group":
        # A session's bus has neither: those of the folder stay.
        new = replace(new, pan=old.pan, muted=hushed)
    if new.muted and hushed:
        # Nothing of a muted track is in the mix, so the mix does not say where its fader goes.
        if new.comment:
            losses.append(
                Loss(old.name, "moves on a muted track", "its notes say them; nothing else changes")
            )
    else:
        losses += strip(block, new, old, told, law, over=over)
        in_devices = first_trim(old.devices)
        off = new.source in told.reworked and not in_devices.is_neutral  # it goes with what is switched off
        if off or told.trim_moved(new, old):
            own = Control() if off else negative(in_devices)
            losses += ride(block, "VOLENV", old.name, amplitude_points(standing(added(new.trim, own))))
        losses += turn_round(block, new, old)
    if new.muted != hushed:
        line(block, "MUTESOLO", ["0", "0", "0"]).put(1, "1" if new.muted else "0")
        if not (new.muted or old.muted):
            losses.append(Loss(old.name, "it was unmuted", "its folder is muted in REAPER"))
    if new.clips and (at_s := new.clips[0].time_s - new.clips[0].start_s):
        losses += shift_items(block, old.name, at_s)
    return losses + say(block, new, old)
