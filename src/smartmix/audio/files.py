"""Files out, all or nothing: the target appears complete or not at all, whatever stops the program."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from smartmix.errors import OutputExistsError, SmartmixError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

_serial = itertools.count()


def check_target(
    path: Path, *, force: bool, advice: str = "choose another name or use --force to replace it"
) -> None:
    """Refuse a place to write: OutputExistsError when something is there, SmartmixError when no folder is.

    ``advice`` ends the message about a file that is there: what the person may do.
    """
    if path.is_dir():
        raise OutputExistsError(f"{path}: is a folder, expected the name of a file to write")
    if not path.parent.is_dir():
        raise SmartmixError(f"{path}: there is no folder {path.parent}; create it first")
    if path.exists() and not force:
        raise OutputExistsError(f"{path}: is already there; {advice}")


@contextlib.contextmanager
def readable_errors(path: Path) -> Iterator[None]:
    """Turn an operating system error while writing ``path`` into one line a person can act on."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise SmartmixError(
            f"{path}: cannot be written ({reason}); no half-written file was left behind. "
            "Free some space or choose another folder."
        ) from error


def put_in_place(made: Mapping[Path, Path], *, force: bool) -> None:
    """Move files that are whole to their places, by target: all of them or, where one is there already without
    ``force``, none (OutputExistsError).
    """
    for target in made:
        check_target(target, force=force)
    for target, path in made.items():
        with readable_errors(target):
            path.replace(target)


class AtomicFile:
    """A file written beside its target under a hidden name and put in place by ``with`` ending well.

    On any exception, KeyboardInterrupt included, the hidden file is removed and the target is as it was.
    ``force`` replaces an existing target; without it OutputExistsError is raised, also when the target
    appears meanwhile.
    """

    def __init__(self, path: str | Path, *, force: bool = False) -> None:
        self.path = Path(path)
        self.force = force
        check_target(self.path, force=force)
        self._temporary = self.path.parent / f".smartmix-{os.getpid()}-{next(_serial)}.part"
        self._stream: IO[bytes] | None = None

    @property
    def stream(self) -> IO[bytes]:
        """The open binary file; only inside ``with``."""
        if self._stream is None:
            raise SmartmixError(f"{self.path}: not open; write inside a 'with' block")
        return self._stream

    def __enter__(self) -> Self:
        try:
            with readable_errors(self.path):
                self._stream = self._temporary.open("xb")
        except BaseException:  # an interrupt may come between the file and the name for it
            self._temporary.unlink(missing_ok=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with readable_errors(self.path):
                    self._publish()
        finally:
            self._discard()

    def _publish(self) -> None:
        stream = self.stream
        stream.flush()
        os.fsync(stream.fileno())
        stream.close()
        if self.force:
            self._temporary.replace(self.path)
        else:
            self._publish_new()
        _sync_folder(self.path.parent)

    def _publish_new(self) -> None:
        try:
            # Unlike a rename, a link refuses a target that has appeared meanwhile.
            os.link(self._temporary, self.path)
        except FileExistsError:
            check_target(self.path, force=False)
            raise
        except OSError:  # a file system without hard links
            check_target(self.path, force=False)
            self._temporary.replace(self.path)

    def _discard(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
            with contextlib.suppress(OSError):
                self._temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_bytes(path: str | Path, data: bytes, *, force: bool = False) -> Path:
    """Write a whole file, complete or not at all; OutputExistsError if it exists and ``force`` is off."""
    with AtomicFile(path, force=force) as file, readable_errors(file.path):
        file.stream.write(data)
    return file.path


def write_text(path: str | Path, text: str, *, force: bool = False) -> Path:
    """Write UTF-8 text with the line ends it has, complete or not at all; see ``write_bytes``."""
    return write_bytes(path, text.encode("utf-8"), force=force)
