"""One job of a batch, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OK, CHECK_FAILED, BAD_INPUT, SOME_FAILED = 0, 1, 2, 3
"""Exit codes of a single run, as the command line has them."""
DIED, TOO_LONG = -1, -2
"""Codes of a job whose process died, or took longer than it was given."""


@dataclass(frozen=True, slots=True)
class Job:
    """One input, where its result goes, and the words that make it.

    ``stamp`` is what the input looked like when the job was made (sizes and times of its files): a later batch
    repeats a job only when that has changed.
    """

    source: Path
    output: Path
    words: tuple[str, ...]
    stamp: str = ""

    @property
    def id(self) -> str:
        """The same for the same input and place to write, in every batch."""
        named = f"{self.source}\x1f{self.output}".encode("utf-8", "surrogateescape")
        return hashlib.sha256(named).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: the exit code a single run would have had, what it said, what it put out as data."""

    code: int
    message: str = ""
    data: str = ""
    seconds: float = 0.0
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether there is a result: all done, done but for some of a session's files, or a check that failed."""
        return self.code in (OK, CHECK_FAILED, SOME_FAILED)


Task = Callable[[tuple[str, ...]], Done]
"""Does a job's words in this process. A function of a module, as it is called by name in another process; what goes
wrong with an input is told in its result and not raised."""


def stamp_of(source: Path) -> str:
    """Sizes and times of a file, or of all files in a folder: whether an input is still the same. "" when it is not
    there.
    """
    try:
        files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.is_file())
        seen = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files]
    except OSError:
        return ""
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16] if seen else ""
