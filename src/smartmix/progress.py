"""How long work says how far it is: called with what is being done and how much of it is, 0 to 1."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]


def silent(what: str, fraction: float) -> None:
    """Progress nobody asked for."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """A callback for one part of a job: its 0..1 becomes start..end (fractions) of the whole."""

    def scaled(what: str, fraction: float) -> None:
        progress(what, start + (end - start) * min(max(fraction, 0.0), 1.0))

    return scaled
