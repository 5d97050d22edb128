"""The sound files of a read project: taken out of its archive, or found where it says they lie."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from smartmix.errors import AudioError
from smartmix.interop.model import Loss
from smartmix.session.folder import SOUND_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartmix.interop.dawproject.archive import Archive
    from smartmix.interop.model import Clip, Project

EXTERNAL = "external:"
"""How a clip's ``member`` begins where the file lies outside the archive."""
NOT_THERE, SILENT = "the sound file is not there", "its clips are silent"
_STEREO = 2


def fetched(project: Project, archive: Archive | None, beside: Path, folder: Path) -> Project:
    """The project with each clip's ``file`` on this machine; those inside ``archive`` are put into ``folder``.

    A file outside is looked for where the project says and under its name beside the project; only regular files whose
    name ends like a sound file's are opened. What is not found or cannot be read is lost, and said.
    """
    found: dict[str, Path | None] = {}
    losses: list[Loss] = []
    tracks = []
    for track in project.tracks:
        clips: list[Clip] = []
        for clip in track.clips:
            if clip.file is None and clip.member and clip.member not in found:
                file = _one(clip.member, archive, beside, folder, len(found))
                said = _trouble(track.name, clip.member.removeprefix(EXTERNAL)[-80:], file)
                if file is not None and archive is None:
                    said += _taken_twice(track.name, clip.member, file, found)
                losses += said
                found[clip.member] = None if any(loss.done == SILENT for loss in said) else file
            clips.append(clip if clip.file is not None else replace(clip, file=found.get(clip.member)))
        tracks.append(replace(track, clips=tuple(clips)))
    return replace(project, tracks=tuple(tracks), losses=(*project.losses, *losses))


def _taken_twice(track: str, member: str, file: Path, found: Mapping[str, Path | None]) -> list[Loss]:
    """A file that stands in for two that the project tells apart, as both are found by their name alone."""
    other = next((said for said, path in found.items() if path is not None and path.samefile(file)), None)
    if other is None:
        return []
    both = [said.removeprefix(EXTERNAL) for said in (other, member)]
    if PurePath(both[0]) == PurePath(both[1]) or all(Path(said) == file for said in both):
        return []
    return [
        Loss(track, f"{both[1][-80:]}: {file.name} is heard, as for {both[0][-80:]}", "check which it is")
    ]


def _trouble(track: str, name: str, file: Path | None) -> list[Loss]:
    """Why a sound file cannot be heard as it is."""
    from smartmix.audio.io import probe

    if file is None:
        return [Loss(track, f"{name}: {NOT_THERE}", SILENT)]
    try:
        channels = probe(file).channels
    except AudioError as error:
        return [Loss(track, f"{name}: {str(error).removeprefix(f'{file}: ')}", SILENT)]
    if channels > _STEREO:
        return [Loss(track, f"{name} has {channels} channels", "its first two are heard")]
    return []


def _one(member: str, archive: Archive | None, beside: Path, folder: Path, number: int) -> Path | None:
    if member.startswith(EXTERNAL) or archive is None:
        return outside(member.removeprefix(EXTERNAL), beside)
    suffix = Path(member).suffix.lower()
    if not archive.has(member) or suffix not in SOUND_SUFFIXES:
        return None
    target = folder / f"{number}{suffix}"
    archive.unpack(member, target)
    return target


def outside(said: str, beside: Path) -> Path | None:
    """A sound file by the path a project has for it; else, as projects move, by the end of that path (the longest that
    is there) in the folder of the project or in audio/ there.
    """
    if said.startswith("file:"):
        said = unquote(urlsplit(said).path)
    parts = [part for part in PureWindowsPath(said).parts if part not in ("..", ".")]
    tails = [beside.joinpath(*parts[k:]) for k in range(1, len(parts))]
    tries = [Path(said), beside / said.replace("\\", "/"), *tails, *(beside / part for part in parts[-1:])]
    tries += [beside / "audio" / part for part in parts[-1:]]
    for path in tries:
        there = path if path.is_absolute() else beside / path
        try:
            regular = stat.S_ISREG(there.stat().st_mode)
        except (OSError, ValueError):
            continue
        if regular and there.suffix.lower() in SOUND_SUFFIXES:
            return there
    return None
