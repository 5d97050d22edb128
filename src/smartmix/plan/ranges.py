"""What a setting in a plan may be: the ranges of the parameters a plan can address."""

from __future__ import annotations

import math
from dataclasses import dataclass

from smartmix.errors import PlanError
from smartmix.parameter import ParamRef
from smartmix.plan.move import Value


@dataclass(frozen=True, slots=True)
class Range:
    """Least and greatest value with its unit, or the words (or numbers) there are to choose from."""

    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    choices: tuple[str | float, ...] = ()

    def __str__(self) -> str:
        if self.choices:
            return "one of " + ", ".join(f"{c:g}" if isinstance(c, float) else c for c in self.choices)
        return f"{self.low:g} to {self.high:g} {self.unit}".rstrip()


EQ_SHAPES = ("off", "bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch")

RANGES: dict[tuple[str, str], Range] = {
    ("trim", "gain_db"): Range(-120.0, 24.0, "dB"),
    ("fader", "gain_db"): Range(-120.0, 24.0, "dB"),
    ("pan", "pan"): Range(-1.0, 1.0),
    ("eq", "shape"): Range(choices=EQ_SHAPES),
    ("eq", "freq_hz"): Range(10.0, 24000.0, "Hz"),
    ("eq", "gain_db"): Range(-24.0, 24.0, "dB"),
    ("eq", "q"): Range(0.1, 30.0),
    ("eq", "slope_db_oct"): Range(choices=(6.0, 12.0, 18.0, 24.0, 36.0, 48.0)),
}
"""By device and parameter (for an EQ the name after its section); equal to those of the native processors."""


def range_of(ref: ParamRef) -> Range | None:
    """The range of an address, or None for a device whose parameters are its own affair (a plugin)."""
    return RANGES.get((ref.device, ref.parameter.rpartition(".")[2]))


def is_level(ref: ParamRef) -> bool:
    """Whether an address is a level in dB that adds up over moves: a trim or a fader."""
    return ref.device in ("trim", "fader") and ref.parameter == "gain_db"


def check_value(ref: ParamRef, value: Value) -> Value:
    """The value, if it lies in the range of its parameter; else a PlanError."""
    allowed = range_of(ref)
    for single in (p.value for p in value) if isinstance(value, tuple) else (value,):
        if isinstance(single, str):
            fits = allowed is None or single in allowed.choices
        elif not math.isfinite(single):
            raise PlanError(f"{ref} = {single!r}: expected a finite number")
        elif allowed is None:
            fits = True
        else:
            fits = single in allowed.choices if allowed.choices else allowed.low <= single <= allowed.high
        if not fits:
            shown = repr(single) if isinstance(single, str) else f"{single:g}"
            raise PlanError(f"{ref} = {shown}: expected {allowed}")
    return value
