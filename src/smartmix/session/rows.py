"""[[track]] entries of a session.toml on their way to tracks."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import SessionError
from smartmix.session.findings import Notices, plain_name
from smartmix.session.folder import group_of
from smartmix.session.ids import RESERVED_IDS, slug, unique_id
from smartmix.session.intake import named_track, usable
from smartmix.session.roles import ROLES

if TYPE_CHECKING:
    from smartmix.audio.io import AudioInfo
    from smartmix.session.schema import TrackTable
    from smartmix.session.session import Track

_TELLING = ("id", "name", "role", "muted", "offset_s", "played_at_hz", "right_file")
"""Keys that smartmix would else fill in itself."""


@dataclass
class Rows:
    """[[track]] entries on their way to tracks; ``files`` are the real paths they name."""

    path: Path
    notices: Notices
    given: list[str]
    tracks: list[Track] = field(default_factory=list)
    starts_s: dict[str, float] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def take(self, number: int, row: TrackTable) -> None:
        """One [[track]]: a track, or a file set aside."""
        where = f"{self.path}: track {number}"
        self._check_id(where, row.id)
        named = [(k, n) for k, n in (("file", row.file), ("right_file", row.right_file)) if n is not None]
        sides = [self._side(where, key, name) for key, name in named]
        usable_sides = [side for side in sides if side is not None]
        if len(usable_sides) < len(sides):
            return
        (left, info), *rest = usable_sides
        track_id = row.id or unique_id(slug(left.stem), [*self.given, *(t.id for t in self.tracks)])
        track = named_track(track_id, left, info, group_of(left, self.path.parent))
        for right, right_info in rest:
            track = _joined(where, track, right, right_info)
        self.tracks.append(_described(track, row))
        if row.offset_s is not None:
            self.starts_s[track_id] = row.offset_s

    def _check_id(self, where: str, track_id: str | None) -> None:
        if track_id and self.given.count(track_id) > 1:
            raise SessionError(f"{where}, id = {track_id!r}: is there twice; every track needs its own id")
        if track_id in RESERVED_IDS:
            taken = ", ".join(sorted(RESERVED_IDS))
            raise SessionError(
                f"{where}, id = {track_id!r}: belongs to smartmix; choose one that is not {taken}"
            )

    def _side(self, where: str, key: str, name: str) -> tuple[Path, AudioInfo] | None:
        """A file and its format; None when it had to be set aside."""
        file = self._file(where, key, name)
        if file.is_symlink() and not _lies_in(file, self.path.parent):
            info: AudioInfo | str = "is a link that leads out of the folder; name the file itself"
        else:
            note_outside(self.path.parent, file, self.notices)
            info = usable(file)
        if isinstance(info, str):
            self.notices.leave_out(file.name, f"{plain_name(file.name)} is set aside: {info}")
            return None
        return file, info

    def _file(self, where: str, key: str, name: str) -> Path:
        """A file a person names; SessionError when it is not there or named twice."""
        said = f"{where}, {key} = {plain_name(name)!r}"
        file = self.path.parent / name
        try:
            there, other = file.is_file(), file.exists()
        except (OSError, ValueError) as error:
            raise SessionError(f"{said}: cannot be a file name ({error})") from None
        if not there:
            why = "is not a file" if other else "no such file"
            raise SessionError(f"{said}: {why}; paths are seen from {self.path.parent}")
        real = os.path.realpath(file)
        if real in self.files:
            raise SessionError(f"{said}: is there twice; one [[track]] for each file")
        self.files.add(real)
        return file


def note_outside(folder: Path, path: Path, notices: Notices) -> None:
    """Say that a file a person named lies somewhere else."""
    if not _lies_in(path, folder):
        notices.add(f"{plain_name(path.name)} comes from outside the session's folder", "noted")


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _joined(where: str, track: Track, right: Path, info: AudioInfo) -> Track:
    """A track with its right side; SessionError unless both files are mono and of one rate."""
    if track.channels != 1 or info.channels != 1 or info.sample_rate != track.sample_rate:
        raise SessionError(
            f"{where}, right_file = {plain_name(right.name)!r}: expected two mono files of one sample rate"
        )
    return replace(track, right_path=right, channels=2, frames=max(track.frames, info.frames))


def _described(track: Track, row: TrackTable) -> Track:
    """A track with what its [[track]] says about it."""
    return replace(
        track,
        name=row.name or track.name,
        role=row.role or track.role,
        role_source="session" if row.role else track.role_source,
        group=row.group or track.group,
        priority=row.priority,
        protect=row.protect,
        locked=row.locked,
        muted=_muted(track, row),
        gain_db=row.gain_db,
        pan=row.pan,
        sample_rate=row.played_at_hz or track.sample_rate,
        told=frozenset({"listed", *(key for key in _TELLING if getattr(row, key) is not None)}),
    )


def _muted(track: Track, row: TrackTable) -> bool:
    """As the person says; else by the role, which may be the person's."""
    if row.muted is not None:
        return row.muted
    return ROLES[row.role].silent if row.role else track.muted
