"""A place to work in beside what is to be written: hidden, gone afterwards whatever happens, in no error's words."""

from __future__ import annotations

import errno
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartmix.errors import SmartmixError
from smartmix.interop.names import free_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS})


@contextmanager
def bench(target: Path) -> Iterator[Path]:
    """A hidden folder beside ``target``. What cannot be written there is told as ``target`` that cannot be written
    (SmartmixError); other errors lose the hidden folder's name.
    """
    with TemporaryDirectory(prefix=".smartmix-", dir=target.parent) as place:
        try:
            yield Path(place)
        except (OSError, SmartmixError) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
                reason = cause.strerror or str(cause)
                raise SmartmixError(
                    f"{target}: cannot be written ({reason}); nothing was left behind. "
                    "Free some space or choose another folder."
                ) from error
            if isinstance(error, OSError) or place not in str(error):
                raise
            raise type(error)(str(error).replace(f"{place}/", "")) from error


@contextmanager
def none_left_over(targets: Iterable[Path]) -> Iterator[None]:
    """On any exception, KeyboardInterrupt included, files and folders go that were not there before: what failed can be
    run again.
    """
    fresh = [path for path in targets if not path.exists()]
    folders = {folder for path in fresh for folder in path.parents if not folder.exists()}
    try:
        yield
    except BaseException:
        for path in fresh:
            path.unlink(missing_ok=True)
        for folder in sorted(folders, key=lambda each: len(each.parts), reverse=True):
            with suppress(OSError):  # somebody else has put something there, or it was never made
                folder.rmdir()
        raise


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder for sound files that a project needs beside the recordings, and file names that it may not have."""

    folder: Path
    taken: tuple[str, ...] = ()

    def free(self, name: str) -> Path:
        """A WAV that is not there yet; the folder is made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return free_name(self.folder, name, ".wav", self.taken)
