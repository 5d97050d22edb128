"""A .dawproject from anywhere, opened as if its sender meant harm: names, sizes and links are checked before a byte is
unpacked.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, TYPE_CHECKING, Self

from smartmix.errors import InteropError
from smartmix.session.folder import SOUND_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

MOST_MEMBERS = 20_000
MOST_XML_BYTES = 256 << 20
MOST_PART_BYTES = 256 << 20
"""A plugin's state: sampler presets reach tens of megabytes."""
MOST_AUDIO_BYTES = 64 << 30
MOST_RATIO = 200
"""Neither XML nor sound shrinks to less than a two-hundredth; what claims to is a bomb (deflate ends near 1000)."""
MOST_SILENCE_BYTES = 2 << 30
"""But for silent tracks: this much of them in all."""
FREE_RATIO_BYTES = 1 << 20
"""Under this size a member may be as dense as it likes."""
_CHUNK = 1 << 20


class Archive:
    """The members of a .dawproject by name. InteropError for what is no such file, or a hostile one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise InteropError(f"{path}: no such file") from None
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise InteropError(f"{path}: not a DAWproject file ({error})") from None
        try:
            self._members = self._checked()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all members that are files."""
        return tuple(self._members)

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self._members

    def read(self, name: str, most: int) -> bytes:
        """A whole member of at most ``most`` bytes, counted as they come and not as the archive claims."""
        return b"".join(self.chunks(name, most))

    def unpack(self, name: str, target: Path, most: int = MOST_AUDIO_BYTES) -> None:
        """A member into a new file."""
        with target.open("xb") as file:
            for chunk in self.chunks(name, most):
                file.write(chunk)

    def size(self, name: str) -> int:
        """Bytes of a member, as the archive claims."""
        return self._members[name].file_size

    def chunks(self, name: str, most: int) -> Iterator[bytes]:
        """A member piece by piece."""
        size = 0
        with self._open(name, most) as source:
            while chunk := self._chunk(source, name):
                size += len(chunk)
                self._stop_past(size, most, name)
                yield chunk

    def _open(self, name: str, most: int) -> IO[bytes]:
        info = self._members.get(name)
        if info is None:
            raise InteropError(f"{self.path}: holds no {name}")
        self._stop_past(info.file_size, most, name)
        try:
            return self._zip.open(info)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise InteropError(f"{self.path}: {name}: cannot be unpacked ({error})") from None

    def _chunk(self, source: IO[bytes], name: str) -> bytes:
        import zlib

        try:
            return source.read(_CHUNK)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise InteropError(f"{self.path}: {name}: is damaged ({error})") from None

    def _stop_past(self, size: int, most: int, name: str) -> None:
        if size > most:
            raise InteropError(f"{self.path}: {name}: larger than {most >> 20} MiB; it is not unpacked")

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if len(infos) > MOST_MEMBERS:
            raise InteropError(f"{self.path}: {len(infos)} members; expected at most {MOST_MEMBERS}")
        members: dict[str, zipfile.ZipInfo] = {}
        silence = 0
        for info in infos:
            name = info.filename
            if name.endswith("/"):
                continue
            if not is_inside(name):
                raise InteropError(f"{self.path}: {name[:80]!r}: a name that leads out of the archive")
            mode = info.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise InteropError(f"{self.path}: {name[:80]!r}: a link or device, expected files only")
            if info.flag_bits & 0x1:
                raise InteropError(f"{self.path}: {name[:80]!r}: is encrypted")
            if name in members:
                raise InteropError(f"{self.path}: {name[:80]!r}: is there twice")
            silence = self._checked_size(info, silence)
            members[name] = info
        return members

    def _checked_size(self, info: zipfile.ZipInfo, silence: int) -> int:
        """Bytes of sound that shrink like silence so far; InteropError for a bomb."""
        if info.file_size <= max(MOST_RATIO * info.compress_size, FREE_RATIO_BYTES):
            return silence
        is_sound = PurePosixPath(info.filename).suffix.lower() in SOUND_SUFFIXES
        if not is_sound or silence + info.file_size > MOST_SILENCE_BYTES:
            name, size = info.filename[:80], info.file_size >> 20
            raise InteropError(f"{self.path}: {name!r}: {size} MiB from next to nothing")
        return silence + info.file_size


def is_inside(name: str) -> bool:
    """Whether a name stays in its folder, read as any system would read it."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    rooted = windows.drive or windows.root or posix.is_absolute()
    return bool(name) and "\0" not in name and not rooted and ".." not in (*windows.parts, *posix.parts)
