"""One virtual EQ section, as a move owns it, to lanes of a band's parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

from smartmix.automation.lane import EDGE_S, JUMP_S, FrameLane, FrameSpan
from smartmix.automation.values import check_range, value_lane
from smartmix.errors import PlanError
from smartmix.plan.move import Value
from smartmix.plan.ranges import EQ_SHAPES, RANGES

SLOPES_DB_OCT = RANGES["eq", "slope_db_oct"].choices
PARAMETERS = ("shape", "freq_hz", "gain_db", "q", "slope_db_oct")
LOG_PARAMETERS = ("freq_hz", "q")

# Where a filter without gain does next to nothing. It stays there after its span: off, it would click.
_RESTING_HZ = {"high_pass": 10.0, "low_pass": 24_000.0, "notch": 24_000.0}


@dataclass(slots=True)
class EqSection:
    """The settings of one section: where it comes from, when it is on, and its values by parameter."""

    move_id: str
    name: str
    span: FrameSpan | None
    values: dict[str, Value] = field(default_factory=dict)

    def lanes(self, sample_rate: float, scale: float) -> dict[str, FrameLane]:
        """Lanes of a band's parameters with gains scaled; empty when the section does nothing.

        Bells, shelves and tilts come in and go out by their gain. High-pass, low-pass and notch have no gain: they
        are on for any scale above 0; at the edges of a span their frequency comes from, and goes back to,
        the end of the range (10 Hz or 24 kHz), where they stay after the span.
        """
        shape = self._shape()
        if shape == "off":
            return {}
        if "freq_hz" not in self.values:
            raise PlanError(f"EQ section {self.name} of move {self.move_id}: has no freq_hz")
        lanes: dict[str, FrameLane] = {
            name: self._lane(name, sample_rate, scale)
            for name in ("freq_hz", "gain_db", "q")
            if name in self.values
        }
        has_gain = shape not in _RESTING_HZ
        if not has_gain:
            lanes.pop("gain_db", None)
        elif "gain_db" not in lanes or not lanes["gain_db"].values.any():
            return {}
        if self.span is not None:
            moved, rest = ("gain_db", 0.0) if has_gain else ("freq_hz", _RESTING_HZ[shape])
            lanes[moved] = lanes[moved].limited(
                self.span, round(EDGE_S * sample_rate), rest=rest, log_scale=not has_gain
            )
        if "slope_db_oct" in self.values:
            lanes["slope_db_oct"] = FrameLane.constant(self._slope())
        return {"shape": self._shape_lane(shape), **lanes}

    def _shape(self) -> str:
        value = self.values.get("shape")
        if value not in EQ_SHAPES:
            raise PlanError(f"EQ section {self.name} of move {self.move_id}: its shape is {value!r}")
        return str(value)

    def _shape_lane(self, shape: str) -> FrameLane:
        """On from the span's first frame; bells and shelves, which rest at 0 dB, are off again after it."""
        index = float(EQ_SHAPES.index(shape))
        if self.span is None:
            return FrameLane.constant(index)
        start, end = self.span
        points = [(start, 0.0), (start, index)]
        if end is not None and shape not in _RESTING_HZ:
            points += [(end, index), (end, 0.0)]
        return FrameLane.from_points(points)

    def _lane(self, name: str, sample_rate: float, scale: float) -> FrameLane:
        label = f"EQ section {self.name} of move {self.move_id}: {name}"
        lane = value_lane(self.values[name], sample_rate, label)
        if name == "gain_db":
            lane = lane.mapped(lambda gain_db: gain_db * scale)
        lane = lane.without_jumps(round(JUMP_S * sample_rate), log_scale=name in LOG_PARAMETERS)
        return check_range(lane, RANGES["eq", name], label)

    def _slope(self) -> float:
        value = self.values["slope_db_oct"]
        if value not in SLOPES_DB_OCT:
            raise PlanError(f"EQ section {self.name} of move {self.move_id}: its slope_db_oct is {value!r}")
        return float(SLOPES_DB_OCT.index(value))
