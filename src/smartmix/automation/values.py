"""A setting of a move, read as a lane in frames and held against what the parameter can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.automation.lane import FrameLane
from smartmix.errors import PlanError

if TYPE_CHECKING:
    from smartmix.plan.move import Value
    from smartmix.plan.ranges import Range


def value_lane(value: Value, sample_rate: float, label: str) -> FrameLane:
    """A number as a lane that never moves, breakpoints as their lane; PlanError for words."""
    if isinstance(value, str):
        raise PlanError(f"{label}: expected a number or a lane, got {value!r}")
    if isinstance(value, tuple):
        return FrameLane.from_breakpoints(value, sample_rate)
    return FrameLane.constant(value)


def check_range(lane: FrameLane, allowed: Range, label: str) -> FrameLane:
    """The lane if the parameter can have all its values; else PlanError naming the first that it cannot."""
    outside = (lane.values < allowed.low) | (lane.values > allowed.high)
    if outside.any():
        raise PlanError(f"{label} = {lane.values[outside][0]:g}: expected {allowed}")
    return lane
