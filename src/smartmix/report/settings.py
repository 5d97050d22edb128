"""A move's settings in words: the parameter, and its value with unit."""

from __future__ import annotations

from smartmix.parameter import Breakpoint
from smartmix.plan.explain import figure
from smartmix.plan.move import MoveSet, Value
from smartmix.plan.ranges import RETURN_DEVICES
from smartmix.report import words
from smartmix.session.returns import RETURNS


def parameter_name(item: MoveSet) -> str:
    """The parameter of a setting in words: fader, trim, pan, EQ gain ..."""
    known = {"fader/gain_db": "fader", "trim/gain_db": "trim", "pan/pan": "pan"}
    short = known.get(f"{item.ref.device}/{item.ref.parameter}")
    if short is not None:
        return short
    knob = item.ref.parameter.rsplit(".", 1)[-1]
    for ending in ("_db_oct", "_db", "_hz", "_ms", "_s"):
        knob = knob.removesuffix(ending)
    knob = {"q": "Q", "freq": "frequency", "shift": "time shift"}.get(knob, knob.replace("_", " "))
    if item.ref.device in ("input", *RETURN_DEVICES):
        return knob
    if item.ref.device == "send":
        return "send to the " + {r.id: r.device for r in RETURNS}.get(
            item.ref.parameter.rpartition(".")[0], "return"
        )
    device = {"eq": "EQ", "dynamic_eq": "dynamic EQ", "de_esser": "de-esser"}.get(
        item.ref.device, item.ref.device
    )
    return f"{device} {knob}"


def value_words(item: MoveSet, value: Value) -> str:
    """A value of a setting in words: a figure with its unit, a choice, a pan position, a ride's range."""
    if isinstance(value, str):
        return value.replace("_", " ")
    if isinstance(value, tuple):
        return _ride_words(item, value)
    return figure(item, value)


def _ride_words(item: MoveSet, points: tuple[Breakpoint, ...]) -> str:
    if not points:
        return words.NOTHING
    values = [point.value for point in points]
    low, high = (value_words(item, value) for value in (min(values), max(values)))
    return f"{low} to {high}, {words.count(len(points), 'point')}"
