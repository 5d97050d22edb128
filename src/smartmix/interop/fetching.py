"""The sound files of a read project: taken out of its archive, or found where it says they lie."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import AudioError
from smartmix.interop.finding import Found, contradiction, find
from smartmix.interop.model import Loss
from smartmix.session.folder import SOUND_SUFFIXES

if TYPE_CHECKING:
    from smartmix.interop.dawproject.archive import Archive
    from smartmix.interop.model import Clip, Project

EXTERNAL = "external:"
"""How a clip's ``member`` begins where the file lies outside the archive."""
NOT_THERE, SILENT = "the sound file is not there", "its clips are silent"
_STEREO = 2
_MOST_NAMED = 6


def fetched(project: Project, archive: Archive | None, beside: Path, folder: Path) -> Project:
    """The project with each clip's ``file`` on this machine; those inside ``archive`` are put into ``folder``.

    A file outside is looked for where the project says and by the end of its path beside the project (said, and not
    taken where its rate, channels or length are not those that the project tells); only regular files whose name ends
    like a sound file's are opened. What is not found or cannot be read is lost, and said.
    """
    fetching = _Fetching(archive, beside, folder)
    tracks = []
    for track in project.tracks:
        clips = tuple(
            clip if clip.file is not None else fetching.placed(clip, track.name) for clip in track.clips
        )
        tracks.append(replace(track, clips=clips))
    return replace(project, tracks=tuple(tracks), losses=(*project.losses, *fetching.all_losses()))


@dataclass(slots=True)
class _Fetching:
    archive: Archive | None
    beside: Path
    folder: Path
    files: dict[str, Path | None] = field(default_factory=dict)
    elsewhere: dict[str, Path] = field(default_factory=dict)
    """Files that are not where the project says, by what it says."""
    losses: list[Loss] = field(default_factory=list)

    def placed(self, clip: Clip, track: str) -> Clip:
        """A clip with its file."""
        if clip.member and clip.member not in self.files:
            self.files[clip.member] = self._file(clip, track)
        return replace(clip, file=self.files.get(clip.member))

    def _file(self, clip: Clip, track: str) -> Path | None:
        found = self._find(clip.member)
        said = _name(clip.member)
        if found is not None and not found.as_said and (why := contradiction(clip, found.path)):
            what = f"{said[-80:]}: {NOT_THERE} ({found.path.name} beside the project is another: {why})"
            self.losses.append(Loss(track, what, SILENT))
            return None
        trouble = _trouble(track, said[-80:], None if found is None else found.path)
        self.losses += trouble
        if found is None or any(loss.done == SILENT for loss in trouble):
            return None
        if not found.as_said:
            self.elsewhere[said] = found.path
        return found.path

    def _find(self, member: str) -> Found | None:
        if member.startswith(EXTERNAL) or self.archive is None:
            return find(_name(member), self.beside)
        suffix = Path(member).suffix.lower()
        if not self.archive.has(member) or suffix not in SOUND_SUFFIXES:
            return None
        target = self.folder / f"{len(self.files)}{suffix}"
        self.archive.unpack(member, target)
        return Found(target, as_said=True)

    def all_losses(self) -> list[Loss]:
        """What was lost, with the files found elsewhere than the project says."""
        if not self.elsewhere:
            return self.losses
        rows = [f"{said[-80:]} (heard: {_shown(path, self.beside)})" for said, path in self.elsewhere.items()]
        more = f", and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
        what = f"not where the project says: {', '.join(rows[:_MOST_NAMED])}{more}"
        moved = Loss(
            "project", what, f"check that {'it is the one' if len(rows) == 1 else 'they are the ones'}"
        )
        return [*self.losses, moved, *self._taken_twice()]

    def _taken_twice(self) -> list[Loss]:
        """Files that stand in for two that the project tells apart."""
        losses, done = list[Loss](), set[str]()
        for said, path in self.elsewhere.items():
            done.add(said)
            others = [
                other
                for member, file in self.files.items()
                if file is not None and file.samefile(path) and (other := _name(member)) not in done
            ]
            losses += [
                Loss(
                    "project",
                    f"{other[-80:]}: {path.name} is heard, as for {said[-80:]}",
                    "check which it is",
                )
                for other in others
            ]
        return losses


def _name(member: str) -> str:
    """What a project calls a file, without our mark."""
    return member.removeprefix(EXTERNAL)


def _shown(path: Path, beside: Path) -> str:
    """A file as seen from the project's folder, where it lies in it."""
    return path.relative_to(beside).as_posix() if path.is_relative_to(beside) else str(path)


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
