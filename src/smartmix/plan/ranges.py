"""What a setting in a plan may be: the ranges of the parameters a plan can address."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from smartmix import _core
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


def _ranges_of(processor: str, prefix: str = "") -> Iterator[tuple[str, Range]]:
    """Ranges of a native processor's parameters by name, of one band where it has ``prefix``; choices that are
    numbers are told as numbers.
    """
    for info in _core.Processor(processor).parameters():
        if info.id.startswith(prefix):
            choices = tuple(float(c) if c.isdigit() else c for c in info.choices)
            allowed = Range(choices=choices) if choices else Range(info.low, info.high, info.unit)
            yield info.id.removeprefix(prefix), allowed


_DEVICES = {
    "trim": ("gain", ""),
    "fader": ("gain", ""),
    "pan": ("pan", ""),
    "eq": ("parametric_eq", "band1."),
}

RANGES: dict[tuple[str, str], Range] = {
    (device, name): allowed
    for device, (processor, prefix) in _DEVICES.items()
    for name, allowed in _ranges_of(processor, prefix)
}
"""By device and parameter (for an EQ the name after its section), read from the native registry."""

EQ_SHAPES = RANGES["eq", "shape"].choices


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
