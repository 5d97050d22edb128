"""The words for parameters and their movement: ParameterInfo, CurveInfo, ParamRef, Breakpoint, AutomationLane."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from smartmix.errors import SmartmixError

Scale = Literal["linear", "db", "log", "toggle", "choice"]
Curve = Literal["hold", "linear"]


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """One knob: its id (never changes), plain unit and range, and how it moves between values."""

    id: str
    name: str
    unit: str
    low: float
    high: float
    default: float
    scale: Scale = "linear"
    choices: tuple[str, ...] = ()

    def to_unit(self, value: float) -> float:
        """Knob position 0..1 of a plain value; a value outside the range is taken at the nearest end."""
        clipped = min(max(value, self.low), self.high)
        if self.scale == "log":
            return math.log(clipped / self.low) / math.log(self.high / self.low)
        return (clipped - self.low) / (self.high - self.low)

    def from_unit(self, position: float) -> float:
        """Plain value of a knob position 0..1; positions outside are taken at the nearest end."""
        clipped = min(max(position, 0.0), 1.0)
        if self.scale == "log":
            return self.low * math.pow(self.high / self.low, clipped)
        value = self.low + clipped * (self.high - self.low)
        return float(round(value)) if self.scale in ("toggle", "choice") else value


@dataclass(frozen=True, slots=True)
class CurveInfo:
    """A row of ``length`` numbers kept with the parameters of an effect: a noise profile, a target spectrum.

    ``low`` to ``high`` is the range of each number, in ``unit``; ``default`` is what all of them are at first.
    A curve that is not ``writable`` tells what the effect finds.
    """

    id: str
    name: str
    unit: str
    length: int
    low: float
    high: float
    default: float
    writable: bool


@dataclass(frozen=True, slots=True)
class ParamRef:
    """Address of a parameter: track id, device, parameter, written ``"lead-vocal/eq/m017.gain_db"``."""

    track: str
    device: str
    parameter: str

    @classmethod
    def parse(cls, text: str) -> ParamRef:
        """Read ``track/device/parameter``; anything else is a SmartmixError."""
        parts = text.split("/")
        if len(parts) != 3 or not all(parts):
            raise SmartmixError(f"parameter address {text!r}: expected 'track/device/parameter'")
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.track}/{self.device}/{self.parameter}"


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A value (plain units) at a time (s), and the way to the next point: hold, or a straight line in the scale."""

    time_s: float
    value: float
    curve: Curve = "linear"


@dataclass(frozen=True, slots=True)
class AutomationLane:
    """The movement of one parameter: breakpoints in rising time; before the first and after the last it holds."""

    ref: ParamRef
    points: tuple[Breakpoint, ...]

    def __post_init__(self) -> None:
        if not self.points:
            raise SmartmixError(f"lane {self.ref}: needs at least one point")
        times = [p.time_s for p in self.points]
        if not all(math.isfinite(t) for t in times) or any(b < a for a, b in pairwise(times)):
            raise SmartmixError(f"lane {self.ref}: point times must be finite and rising, got {times}")
