"""A Python process of our own in which a plugin may crash, hang or shout without harm."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO

LOG_BYTES = 16_384
"""What is kept of what a plugin prints: the end of it."""
_READ_BYTES = 65_536


class Log:
    """The last words of a process: reads a pipe to its end and keeps its tail."""

    def __init__(self, pipe: IO[bytes], limit: int = LOG_BYTES) -> None:
        self._tail = b""
        self._limit = limit
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            while chunk := os.read(pipe.fileno(), _READ_BYTES):
                with self._guard:
                    self._tail = (self._tail + chunk)[-self._limit :]

    def text(self, wait_s: float = 0.0) -> str:
        """What was printed, as far as it was kept."""
        if wait_s:
            self._thread.join(wait_s)
        with self._guard:
            return self._tail.decode("utf-8", "replace")


def start(module: str, arguments: Sequence[str], *, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start ``python -m module arguments`` apart from us: in a session of its own, so that Ctrl-C is ours alone, with
    what it prints going to a pipe, and without core files, which cost seconds and megabytes when it crashes.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _BEGIN, module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )


_BEGIN = """
import runpy, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it and what it has started, now."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()


def ending(code: int) -> str:
    """How a process ended, in words: "crashed (segmentation fault)"."""
    if code >= 0:
        return f"ended with code {code}"
    names = {
        signal.SIGSEGV: "segmentation fault",
        signal.SIGABRT: "it gave up (abort)",
        signal.SIGBUS: "its file is damaged or cut short (bus error)",
        signal.SIGILL: "an instruction this machine does not have",
        signal.SIGFPE: "arithmetic error",
        signal.SIGKILL: "killed",
    }
    try:
        number = signal.Signals(-code)
    except ValueError:
        return f"crashed (signal {-code})"
    return f"crashed ({names.get(number, number.name)})"
