"""The sound files of a session's folder and the folders inside it: what is read, what is passed over, what is said."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.foreign import FOREIGN_SUFFIXES
from smartmix.errors import SessionError
from smartmix.session.findings import plain_name
from smartmix.session.ids import natural_key
from smartmix.session.rough_names import is_rough_name
from smartmix.session.track_names import words

if TYPE_CHECKING:
    from smartmix.session.findings import Notices

FILE_NAME = "session.toml"

SOUND_SUFFIXES = (
    frozenset(
        {".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".aif", ".aiff", ".aifc", ".caf", ".au", ".snd"}
        | {".ogg", ".oga", ".opus", ".mp3"}
    )
    | FOREIGN_SUFFIXES
)
"""Endings of sound files that are looked at, upper case too; what cannot be decoded is set aside."""

MOST_FILES = 1_024
"""Sound files in one session (the largest film scores have some 600): more is not one song."""
MOST_ENTRIES = 50_000
DEEPEST = 8
_BOUNCES = frozenset({"mix", "mixes", "bounce", "bounces", "bounced", "rough", "roughs", "master", "masters", "print",
                      "reference", "references", "ref", "refs", "mixdown", "mixdowns", "exports",
                      "mezclas"})  # fmt: skip
_UNUSED = frozenset({"old", "unused", "archive", "backup", "backups", "trash", "bin", "takes", "outtakes", "alts",
                     "alternates", "dnu", "deleted", "fades", "freeze", "frozen", "alt", "cache",
                     "playlists", "inactive"})  # fmt: skip
_PLAIN = frozenset({"audio", "files", "file", "stems", "stem", "tracks", "track", "multitrack", "multitracks", "wav",
                    "wavs", "aif", "aiff", "flac", "sound", "recordings", "media", "bounced", "consolidated", "raw",
                    "session", "imported", "samples", "24bit", "16bit", "48k", "44k", "96k", "multis", "spuren",
                    "pistas", "pistes", "export"})  # fmt: skip
PASS_FILES = frozenset({"plan.toml", "analysis.json"})
"""What a pass leaves in its output folder."""


@dataclass(frozen=True, slots=True)
class Listing:
    """``files`` may be tracks or the rough mix, in natural order; ``bounces`` lie in folders of mixes."""

    files: list[Path] = field(default_factory=list)
    bounces: list[Path] = field(default_factory=list)


def list_folder(root: Path, notices: Notices) -> Listing:
    """The sound files in a folder and below it.

    Hidden files, resource forks (``._x``), ``__MACOSX`` and whatever else is no sound are passed over in silence.
    Named and not read: folders of old or unused takes, folders that are a session or the output of a pass, links that
    lead out of the folder, and what lies deeper than 8 folders. Links inside it are followed once. SessionError for a
    folder that cannot be read, holds more than 1024 sound files, or holds several songs.
    """
    walk = _Walk(root, root.resolve(), notices)
    try:
        walk.enter(root, 0)
        walk.add_links()
    except OSError as cause:
        raise SessionError(f"{root}: cannot be read ({cause.strerror})") from cause
    walk.say()
    _check_one_song(root, walk.files)
    order = [sorted(found, key=lambda p: _path_key(p, root)) for found in (walk.files, walk.bounces)]
    return Listing(*order)


def group_of(path: Path, root: Path) -> str | None:
    """The group a file's folder names ("Drums/Kick in.wav": Drums), from the nearest folder that names one."""
    try:
        inner = path.parent.relative_to(root).parts
    except ValueError:
        return None
    named = [part for part in inner if any(w not in _PLAIN and not w.isdecimal() for w in words(part))]
    return plain_name(named[-1]) if named else None


class _Walk:
    def __init__(self, root: Path, real_root: Path, notices: Notices) -> None:
        self.root, self.real_root, self.notices = root, real_root, notices
        self.files: list[Path] = []
        self.bounces: list[Path] = []
        self._seen: set[tuple[int, int]] = set()
        self._entries = 0
        self._said: dict[str, list[str]] = {}
        self._links: list[tuple[Path, bool]] = []

    def enter(self, folder: Path, depth: int, *, bounces: bool = False) -> None:
        """Take in one folder; a folder already seen, by whatever way, is not entered again."""
        state = folder.stat()
        if (state.st_dev, state.st_ino) in self._seen:
            return
        self._seen.add((state.st_dev, state.st_ino))
        with os.scandir(folder) as entries:
            names = []
            for entry in entries:
                self._count()
                names.append(entry.name)
        for name in sorted(names, key=natural_key):
            if not name.startswith(".") and name != "__MACOSX":
                self._take(folder / name, depth, bounces=bounces)

    def say(self) -> None:
        """One sentence for each kind of thing that was passed over."""
        for why, names in self._said.items():
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            self.notices.add(f"{why}: {', '.join(names[:12])}{more}", "set_aside")

    def _count(self) -> None:
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise SessionError(
                f"{self.root}: more than {MOST_ENTRIES} files inside; expected the folder of one song"
            )

    def _take(self, path: Path, depth: int, *, bounces: bool) -> None:
        try:
            mode = path.stat().st_mode
        except OSError:
            self._skip("links or files that cannot be reached", path)
            return
        if path.is_symlink() and not path.resolve().is_relative_to(self.real_root):
            if stat.S_ISDIR(mode) or path.suffix.lower() in SOUND_SUFFIXES:
                self._skip("links that lead out of the folder are not followed", path)
        elif stat.S_ISDIR(mode):
            self._take_folder(path, depth, bounces=bounces)
        elif stat.S_ISREG(mode) and path.suffix.lower() in SOUND_SUFFIXES:
            self._take_file(path, bounces=bounces)

    def _take_file(self, path: Path, *, bounces: bool) -> None:
        if path.is_symlink():
            self._links.append((path, bounces))
            return
        state = path.stat()
        self._seen.add((state.st_dev, state.st_ino))
        (self.bounces if bounces else self.files).append(path)
        if len(self.files) > MOST_FILES:
            raise SessionError(
                f"{self.root}: more than {MOST_FILES} sound files; expected the folder of one song"
            )

    def add_links(self) -> None:
        """Links to files stand for those that are not there themselves."""
        for path, bounces in self._links:
            state = path.stat()
            if (state.st_dev, state.st_ino) not in self._seen:
                self._seen.add((state.st_dev, state.st_ino))
                (self.bounces if bounces else self.files).append(path)

    def _take_folder(self, path: Path, depth: int, *, bounces: bool) -> None:
        said = set(words(path.name))
        if said & _UNUSED:
            self._skip("folders of old or unused files are not read", path)
        elif (path / FILE_NAME).is_file():
            self._skip("folders that are sessions of their own are not read", path)
        elif any((path / name).is_file() for name in PASS_FILES):
            self._skip("folders that smartmix has written are not read", path)
        elif depth + 1 > DEEPEST:
            self._skip(f"folders more than {DEEPEST} deep are not read", path)
        else:
            try:
                self.enter(path, depth + 1, bounces=bounces or (bool(said) and said <= _BOUNCES | _PLAIN
                                                                and bool(said & _BOUNCES)))  # fmt: skip
            except OSError:
                self._skip("folders that cannot be read", path)

    def _skip(self, why: str, path: Path) -> None:
        self._said.setdefault(why, []).append(plain_name(path.relative_to(self.root).as_posix()))


def _check_one_song(root: Path, files: list[Path]) -> None:
    """SessionError where the folder holds no tracks itself but several folders with a rough mix each: an album."""
    inner = [p.relative_to(root).parts for p in files]
    songs = {parts[0] for parts in inner if len(parts) > 1 and is_rough_name(Path(parts[-1]).stem)}
    if len(songs) > 1 and not any(len(parts) == 1 for parts in inner):
        names = ", ".join(plain_name(s) for s in sorted(songs, key=natural_key)[:8])
        raise SessionError(f"{root}: holds several songs ({names}); open one of these folders")


def _path_key(path: Path, root: Path) -> list[tuple[list[tuple[int, int, str]], str]]:
    return [natural_key(part) for part in path.relative_to(root).parts]
