"""What a setting in a plan may be: the addresses there are, and the ranges of their parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from smartmix import _core
from smartmix.errors import PlanError
from smartmix.parameter import ParamRef
from smartmix.plan.move import Value
from smartmix.session.returns import RETURNS

MAX_SHIFT_MS = 500.0
"""The most a track may be moved in time by a plan (house): more is another take, not an alignment."""
MAX_SEND_DB = 12.0
"""The most a send may be turned up (house: what a console's send gives)."""
OFF_DB = -120.0
"""A send this low is off; the same floor as a fader's."""
POLARITIES = ("normal", "inverted", "left_inverted", "right_inverted")


@dataclass(frozen=True, slots=True)
class Range:
    """Least and greatest value with its unit, or the words (or numbers) there are to choose from.

    ``default`` is the native one; a ``fixed`` parameter has one value for the whole song, never a lane. One that
    ``names_track`` has a track's id as value, or "" for the track the setting is on.
    """

    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    choices: tuple[str | float, ...] = ()
    default: float = 0.0
    is_log: bool = False
    fixed: bool = False
    names_track: bool = False

    def __str__(self) -> str:
        if self.names_track:
            return 'the id of another track, or "" for the track itself'
        if self.choices:
            return "one of " + ", ".join(f"{c:g}" if isinstance(c, float) else c for c in self.choices)
        return f"{self.low:g} to {self.high:g} {self.unit}".rstrip()

    def index_of(self, choice: str | float) -> float:
        """The native value of a choice: the place of its name, or 0 and 1 for a switch."""
        return float(self.choices.index(choice) % 2 if self.choices == SWITCH else self.choices.index(choice))


SWITCH: tuple[str | float, ...] = ("off", "on", 0.0, 1.0)
"""A switch is told in words; the numbers a native switch has are taken too."""


def _ranges_of(processor: str, prefix: str = "", leave_out: str = "") -> Iterator[tuple[str, Range]]:
    """Ranges of a native processor's parameters by name, of one band where it has ``prefix``; choices that are
    numbers are told as numbers.
    """
    for info in _core.Processor(processor).parameters():
        if info.id.startswith(prefix) and info.id != leave_out:
            choices = tuple(float(c) if c.isdigit() else c for c in info.choices)
            if info.scale == "toggle":
                choices = SWITCH
            low, high = (0.0, 1.0) if choices else (info.low, info.high)
            unit = "" if choices else info.unit
            allowed = Range(low, high, unit, choices, info.default, info.scale == "log")
            yield info.id.removeprefix(prefix), allowed


DYNAMIC_BANDS = ("band1", "band2", "band3", "band4")
"""Bands of the dynamic EQ of a strip."""

_DEVICES = {
    "trim": ("gain", "", ""),
    "fader": ("gain", "", ""),
    "pan": ("pan", "", ""),
    "eq": ("parametric_eq", "band1.", ""),
    "dynamic_eq": ("dynamic_eq", "", ""),
    # A strip has no latency, so its de-esser and its compressor cannot look ahead.
    "de_esser": ("de_esser", "", "lookahead_ms"),
    "compressor": ("compressor", "", "lookahead_ms"),
    "width": ("stereo_width", "", ""),
    # A return is fully wet: how much of it there is, is a matter of sends and its fader.
    **{item.device: (item.device, "", "mix") for item in RETURNS},
}

RANGES: dict[tuple[str, str], Range] = {
    (device, name): allowed
    for device, (processor, prefix, leave_out) in _DEVICES.items()
    for name, allowed in _ranges_of(processor, prefix, leave_out)
} | {
    ("input", "polarity"): Range(choices=POLARITIES, fixed=True),
    ("input", "shift_ms"): Range(-MAX_SHIFT_MS, MAX_SHIFT_MS, "ms", fixed=True),
    ("send", "level_db"): Range(OFF_DB, MAX_SEND_DB, "dB", default=OFF_DB),
    ("compressor", "key"): Range(fixed=True, names_track=True),
    **{("dynamic_eq", f"{band}.key"): Range(fixed=True, names_track=True) for band in DYNAMIC_BANDS},
}
"""By device and parameter (for an EQ the name after its section, for a send the one after its return, for a dynamic EQ
"band1.freq_hz"), read from the native registry where it has them."""

EQ_SHAPES = RANGES["eq", "shape"].choices
DYNAMICS = ("dynamic_eq", "de_esser", "compressor")
"""Devices of a strip that work on the level; a strip has one of each. The bands of a dynamic EQ are apart."""
RETURN_DEVICES = tuple(item.device for item in RETURNS)
_RETURNS = {item.id: item for item in RETURNS}


def range_of(ref: ParamRef) -> Range | None:
    """The range of an address, or None for a device whose parameters are its own affair (a plugin)."""
    return range_named(ref.device, ref.parameter)


def range_named(device: str, parameter: str) -> Range | None:
    """The range of a parameter as it is named in an address or a strip: sections and returns do not matter."""
    whole = RANGES.get((device, parameter))
    return whole if whole is not None else RANGES.get((device, parameter.rpartition(".")[2]))


def is_key(ref: ParamRef) -> bool:
    """Whether an address says which track a compressor or a band of a dynamic EQ listens to."""
    allowed = range_of(ref)
    return allowed is not None and allowed.names_track


def is_level(ref: ParamRef) -> bool:
    """Whether an address is a level in dB that adds up over moves: a trim or a fader."""
    return ref.device in ("trim", "fader") and ref.parameter == "gain_db"


def is_return(name: str) -> bool:
    """Whether an address that begins like this belongs to an effect return."""
    return name in _RETURNS


def check_address(ref: ParamRef) -> ParamRef:
    """The address, if a strip or a return has such a parameter; else a PlanError that says what there is."""
    own = _RETURNS.get(ref.track)
    devices = ("fader", own.device) if own else tuple(d for d in _DEVICES if d not in RETURN_DEVICES)
    if not own:
        devices = ("input", *devices, "send")
    if ref.device not in devices:
        raise PlanError(f"{ref}: there is no {ref.device!r} there; expected one of {', '.join(devices)}")
    prefix, dot, name = ref.parameter.rpartition(".")
    names = [key for device, key in RANGES if device == ref.device]
    if ref.device == "send":
        if prefix not in _RETURNS or name != "level_db":
            expected = ", ".join(f"send/{item}.level_db" for item in _RETURNS)
            raise PlanError(f"{ref}: expected {expected}")
    elif ref.parameter not in names if ref.device != "eq" else name not in names or not dot:
        section = "eq/<section>. and " if ref.device == "eq" else ""
        raise PlanError(f"{ref}: expected {section}one of {', '.join(names)}")
    return ref


def check_value(ref: ParamRef, value: Value) -> Value:
    """The value, if it lies in the range of its parameter; else a PlanError."""
    allowed = range_of(ref)
    if allowed is not None and isinstance(value, tuple) and allowed.fixed:
        raise PlanError(f"{ref}: is one value for the whole song, not a lane; expected {allowed}")
    if allowed is not None and allowed.names_track:
        if not isinstance(value, str):
            raise PlanError(f"{ref} = {value!r}: expected {allowed}")
        if value == ref.track:
            raise PlanError(f'{ref} = {value!r}: that is the track itself; expected another track, or ""')
        return value
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
