"""The process that all instances of one plugin file run in, as the other side sees it."""

from __future__ import annotations

import atexit
import contextlib
import mmap
import os
import tempfile
import threading
from pathlib import Path
from typing import Any

from smartmix.errors import PluginError
from smartmix.rack.child import Log, ending, kill, start
from smartmix.rack.wire import EndedError, TooLateError, receive, send

START_S = 20.0
"""A plugin's process has this long to begin, and a plugin to be made."""
MEMORY_BYTES = 1 << 20
_LAST_WORDS = 200


class LostError(Exception):
    """The process is gone, or was ended because it hung."""


class PluginProcess:
    """The process of one plugin file. What was made in it counts for one generation: until it is begun again."""

    def __init__(self, library: str) -> None:
        self.library = library
        self._generation = 0
        self.guard = threading.RLock()
        self._child: Any = None
        self._log: Log | None = None
        self._to, self._from = -1, -1
        self._memory: mmap.mmap | None = None

    @property
    def generation(self) -> int:
        """Which one runs; begins one when none does."""
        with self.guard:
            self._begin()
            return self._generation

    def ask(
        self, message: dict[str, Any], blob: bytes = b"", *, deadline_s: float = START_S
    ) -> tuple[dict[str, Any], bytes]:
        """One question, one answer. LostError says how the process ended; PluginError is the plugin's own refusal."""
        with self.guard:
            self._begin()
            try:
                send(self._to, message, blob)
                answer, out = receive(self._from, deadline_s)
            except EndedError:
                raise LostError(self._end()) from None
            except TooLateError:
                self._stop()
                raise LostError(f"gave no answer within {deadline_s:.1f} s") from None
            except BaseException:  # Ctrl-C in the middle of an answer: the pipe is out of step
                self._stop()
                raise
        if "error" in answer:
            raise PluginError(str(answer["error"]))
        return answer, out

    def memory(self, size: int) -> mmap.mmap:
        """Memory that both sides see, at least this large."""
        with self.guard:
            self._begin()
            if self._memory is None or len(self._memory) < size:
                self._share(max(size, MEMORY_BYTES))
            assert self._memory is not None
            return self._memory

    def last_words(self) -> str:
        """The end of what the plugin printed."""
        return "" if self._log is None else " ".join(self._log.text().split())[-_LAST_WORDS:]

    def stop(self) -> None:
        """End the process."""
        with self.guard:
            self._stop()

    def _begin(self) -> None:
        if self._child is not None and self._child.poll() is None:
            return
        if self._child is not None:
            self._stop()
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        arguments = [self.library, str(theirs_in), str(theirs_out)]
        self._child = start("smartmix.rack.host", arguments, pass_fds=(theirs_in, theirs_out))
        os.close(theirs_in)
        os.close(theirs_out)
        self._log = Log(self._child.stdout)
        self._generation += 1

    def _share(self, size: int) -> None:
        folder = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
        try:
            handle, name = tempfile.mkstemp(prefix="smartmix-", dir=folder)
        except OSError:
            handle, name = tempfile.mkstemp(prefix="smartmix-")
        try:
            os.posix_fallocate(handle, 0, size)
            self._memory = mmap.mmap(handle, size)
            self.ask({"do": "memory", "file": name, "bytes": size})
        finally:
            os.close(handle)
            Path(name).unlink(
                missing_ok=True
            )  # both sides have it open: nothing is left behind, whatever happens

    def _end(self) -> str:
        """How it ended, after its pipe did."""
        with contextlib.suppress(Exception):
            self._child.wait(2.0)
        code = self._child.poll()
        self._stop()
        return "ended without a word" if code is None else ending(code)

    def _stop(self) -> None:
        if self._child is None:
            return
        kill(self._child)
        for fd in (self._to, self._from):
            with contextlib.suppress(OSError):
                os.close(fd)
        self._child = None
        if self._memory is not None:
            with contextlib.suppress(BufferError):
                self._memory.close()
            self._memory = None


_PROCESSES: dict[str, PluginProcess] = {}
_GUARD = threading.Lock()


def process_of(library: str) -> PluginProcess:
    """The one process of a plugin file, for every instance of its plugins."""
    with _GUARD:
        return _PROCESSES.setdefault(library, PluginProcess(library))


@atexit.register
def stop_all() -> None:
    """End every plugin's process."""
    with _GUARD:
        processes = list(_PROCESSES.values())
        _PROCESSES.clear()
    for process in processes:
        process.stop()
