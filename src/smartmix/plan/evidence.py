"""Evidence: one measured fact that speaks for a move."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact a person can check on a meter or an analyser.

    ``kind`` is a word such as "level", "spectrum", "rough" or "masking"; ``amount`` has the unit ``unit``.
    """

    kind: str
    text: str
    amount: float
    unit: str
    tracks: tuple[str, ...] = ()
    band_hz: tuple[float, float] | None = None
    span_s: tuple[float, float] | None = None
