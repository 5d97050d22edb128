"""A move's settings in words: the parameter, and its value with unit."""

from __future__ import annotations

from smartmix.parameter import Breakpoint
from smartmix.plan.move import MoveSet, Value
from smartmix.report import words


def parameter_name(item: MoveSet) -> str:
    """The parameter of a setting in words: fader, trim, pan, EQ gain ..."""
    known = {"fader/gain_db": "fader", "trim/gain_db": "trim", "pan/pan": "pan"}
    short = known.get(f"{item.ref.device}/{item.ref.parameter}")
    if short is not None:
        return short
    knob = item.ref.parameter.rsplit(".", 1)[-1]
    for ending in ("_db_oct", "_db", "_hz", "_ms"):
        knob = knob.removesuffix(ending)
    knob = {"q": "Q", "freq": "frequency"}.get(knob, knob.replace("_", " "))
    return f"{'EQ' if item.ref.device == 'eq' else item.ref.device} {knob}"


def value_words(value: Value, unit: str) -> str:
    """A setting in words: a figure with its unit, a choice by name, a ride by its range."""
    if isinstance(value, str):
        return value.replace("_", " ")
    if isinstance(value, tuple):
        return _ride_words(value, unit)
    return words.setting(value, unit, plus=unit in ("dB", "LU"))


def _ride_words(points: tuple[Breakpoint, ...], unit: str) -> str:
    if not points:
        return words.NOTHING
    low, high = min(p.value for p in points), max(p.value for p in points)
    plus = unit in ("dB", "LU")
    return (
        f"{words.setting(low, unit, plus=plus)} to {words.setting(high, unit, plus=plus)}, "
        f"{words.count(len(points), 'point')}"
    )
