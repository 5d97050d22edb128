"""A cache of what each track sounds like before its fader, so that a new balance costs no decoding and no dynamics.

It lies in the user's cache folder, never in a session's, and holds nothing that cannot be made again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from smartmix.audio.user_cache import FOLDER_VARIABLE, user_cache
from smartmix.errors import SmartmixError
from smartmix.rendering.entry import DamagedEntryError, EntryReader, EntryWriter, Shape

GIB = 1 << 30
DEFAULT_LIMIT_BYTES = 8 * GIB
"""House: five songs of 16 stereo tracks of four minutes; SMARTMIX_CACHE_GIB sets another limit."""
LEAST_FREE_BYTES = 2 * GIB
"""House: what the cache leaves free on its disk, for the mix that is being written and everything else."""
STALE_S = 86_400.0
"""House: a half-written file nobody has touched for a day is nobody's."""
LIMIT_VARIABLE = "SMARTMIX_CACHE_GIB"
_ENDING = ".pre"


@dataclass(slots=True)
class RenderCache:
    """Entries by key in a folder, the ones not used for longest removed when there is no room for a new one.

    ``bytes_limit`` counts all entries. Whatever goes wrong with the folder or the disk is no error: an entry that
    cannot be read, or is damaged, is a miss, and one that cannot be written is not kept.
    """

    folder: Path
    bytes_limit: int = DEFAULT_LIMIT_BYTES
    in_use: set[str] = field(default_factory=set)
    """Keys that were read or written through this object: they are not removed to make room."""
    promised: dict[str, int] = field(default_factory=dict)
    """Bytes of the entries that are being written, by key."""

    @classmethod
    def of_user(cls, session_root: Path | None = None) -> RenderCache:
        """The user's cache, as the environment sets it. SmartmixError for a folder inside ``session_root``, where
        nothing is written, or a limit that is no number.
        """
        folder = user_cache()
        root = None if session_root is None else session_root.resolve()
        if root is not None and (folder.resolve() == root or root in folder.resolve().parents):
            raise SmartmixError(
                f"{folder}: the cache may not lie in the session's folder; set {FOLDER_VARIABLE} to another "
                "one or use --no-cache"
            )
        return cls(folder / "tracks", _limit_bytes())

    def open(self, key: str, frames: int, block_frames: int) -> EntryReader | None:
        """The entry of a key if it is there and sound, for ``frames`` frames in blocks of ``block_frames``."""
        path = self._path(key)
        try:
            reader = EntryReader(path, key, frames, block_frames)
        except DamagedEntryError:
            self.drop(key)
            return None
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used just now
        self.in_use.add(key)
        return reader

    def writer(self, key: str, channels: int, frames: int) -> EntryWriter | None:
        """A place for a new entry, None where there is no room."""
        shape = Shape(channels, frames)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._make_room(shape.bytes):
                return None
        except OSError:
            return None
        writer = EntryWriter(self._path(key), key, shape)
        if not writer.is_open:
            return None
        self.in_use.add(key)
        self.promised[key] = shape.bytes
        return writer

    def settle(self, key: str, writer: EntryWriter) -> None:
        """End the writing of an entry: it is kept if it is whole."""
        self.promised.pop(key, None)
        if not writer.finish():
            self.in_use.discard(key)

    def drop(self, key: str) -> None:
        """Remove an entry."""
        self.in_use.discard(key)
        with contextlib.suppress(OSError):
            self._path(key).unlink(missing_ok=True)

    def _make_room(self, wanted: int) -> bool:
        """Remove the entries not used for longest until the new one fits the limit and the disk."""
        self._sweep()
        entries = sorted(
            (info.st_mtime_ns, info.st_size, path)
            for path in self.folder.glob(f"*{_ENDING}")
            if (info := _stat(path)) is not None
        )
        promised = sum(self.promised.values())
        held = sum(size for _, size, _ in entries) + promised
        free = shutil.disk_usage(self.folder).free - LEAST_FREE_BYTES - promised
        for _, size, path in entries:
            if held + wanted <= self.bytes_limit and wanted <= free:
                break
            if path.name.removesuffix(_ENDING) in self.in_use:
                continue
            path.unlink(missing_ok=True)
            held, free = held - size, free + size
        return held + wanted <= self.bytes_limit and wanted <= free

    def _sweep(self) -> None:
        """Remove what a program that was killed left half-written."""
        for part in self.folder.glob(".*.part"):
            info = _stat(part)
            if info is not None and time.time() - info.st_mtime > STALE_S:
                part.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_ENDING}"


def _limit_bytes() -> int:
    text = os.environ.get(LIMIT_VARIABLE, "")
    if not text:
        return DEFAULT_LIMIT_BYTES
    try:
        limit = float(text)
    except ValueError:
        limit = -1.0
    if not 0.0 <= limit <= 1e6:
        raise SmartmixError(f"{LIMIT_VARIABLE}={text}: expected a size in GiB, 0 to 1000000")
    return int(limit * GIB)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
