"""Tracks and groups on the way back that do not stand where the DAW's file has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.interop.groups import silent_groups
from smartmix.interop.lanes import added, negative
from smartmix.interop.model import Loss

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from smartmix.interop.model import Control, Project, Track

STAYS = "it stays in the file as it was"


def folded(project: Project, known: Container[str]) -> tuple[Track, ...]:
    """The tracks, with the faders of groups that the file does not have in their own, and in the groups above those.

    ``known``: session ids of what the file has. A send of a track behind its fader goes by the new one, so it is that
    much less.
    """
    parents = {track.id: track.parent for track in project.tracks}
    fresh = {t.id: t for t in project.tracks if t.kind == "group" and t.source not in known}

    def done(track: Track) -> Track:
        levels: list[Control] = []
        at = track.parent
        while at in fresh:
            levels.append(fresh[at].volume)
            at = parents.get(at)
        levels = [level for level in levels if not level.is_neutral]
        if levels:
            less = [negative(level) for level in levels]
            sends = tuple(replace(send, level=added(send.level, *less)) for send in track.sends)
            track = replace(track, volume=added(track.volume, *levels), sends=sends)
        return replace(track, parent=at)

    return tuple(track if track.id in fresh else done(track) for track in project.tracks)


def new_group_losses(project: Project, known: Container[str]) -> list[Loss]:
    """What becomes of groups that the file does not have. One that does nothing is none."""
    losses = []
    for track in project.tracks:
        if track.kind != "group" or track.source in known:
            continue
        if not track.volume.is_neutral:
            losses.append(Loss(track.name, "a new group", "its fader is in its tracks' faders"))
        losses += [device_loss(track.name, device.name) for device in track.devices]
    return losses


def device_loss(where: str, name: str) -> Loss:
    """What is said of a device that another's file does not get."""
    return Loss(where, f"the new device {name}", "it is not put into the imported file")


def moved_losses(
    project: Project, before: Project, ids: Mapping[str, str], resounded: Container[str] = ()
) -> list[Loss]:
    """Tracks that run into another group here than in the file, that play another sound (``resounded``, by session id),
    and what the session does not have any more.

    ``project`` is ``folded``, ``ids`` has the track ids of ``before`` by the session's.
    """
    now = {track.source: track for track in project.tracks if track.source}
    by_id = {track.id: track for track in before.tracks if track.kind != "master"}
    theirs = {new.id: ids[mine] for mine, new in now.items() if ids.get(mine) in by_id}
    names = {track.id: track.name for track in project.tracks}
    silent = silent_groups(before.tracks, set(ids.values()))
    losses = []
    for mine, their_id in ids.items():
        old, new = next((t for t in before.tracks if t.id == their_id), None), now.get(mine)
        if old is None or old.id in silent:
            continue
        there = by_id.get(old.parent or "")
        if mine in resounded:
            losses.append(Loss(old.name, "another file sounds here", "the file's own clips stay"))
        if new is None:
            losses += _gone(old)
        elif old.kind != "master" and theirs.get(new.parent or "") != (None if there is None else there.id):
            done = f"in the file into {there.name if there else 'the master'}: move it in the DAW"
            losses.append(Loss(old.name, f"it runs into {names.get(new.parent or '', 'the mix')} here", done))
    return losses


def _gone(old: Track) -> list[Loss]:
    if old.kind == "master":
        return [] if old.volume.is_neutral else [Loss(old.name, "its fader is no bus here any more", STAYS)]
    what = "it is no bus here any more" if old.kind == "group" else "it is not in the session any more"
    return [Loss(old.name, what, STAYS)]
