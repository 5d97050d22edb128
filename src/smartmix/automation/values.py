"""A setting of a move, read as a lane in frames and held against what the parameter can be."""

from __future__ import annotations

import numpy as np

from smartmix.automation.lane import FrameLane
from smartmix.errors import PlanError
from smartmix.plan.move import Value

Limits = tuple[float, float, str]
"""Lowest and highest value and their unit."""


def value_lane(value: Value, sample_rate: float, label: str) -> FrameLane:
    """A number as a lane that never moves, breakpoints as their lane; PlanError for words and empty lanes."""
    if isinstance(value, str):
        raise PlanError(f"{label}: expected a number or a lane, got {value!r}")
    if not isinstance(value, tuple):
        lane = FrameLane.constant(value)
    elif value:
        lane = FrameLane.from_breakpoints(value, sample_rate)
    else:
        raise PlanError(f"{label}: the lane has no points")
    if np.isnan(lane.values).any():
        raise PlanError(f"{label}: not a number")
    if (np.diff(lane.frames) < 0).any():
        raise PlanError(f"{label}: the times of the lane must rise")
    return lane


def check_range(lane: FrameLane, limits: Limits, label: str) -> FrameLane:
    """The lane if all its values are within the limits; else PlanError naming the first that is not."""
    low, high, unit = limits
    outside = (lane.values < low) | (lane.values > high)
    if outside.any():
        worst = float(lane.values[outside][0])
        raise PlanError(
            f"{label}: {worst:g} {unit} is out of range, expected {low:g} to {high:g} {unit}".rstrip()
        )
    return lane


def checked_lane(value: Value, sample_rate: float, scale: float, limits: Limits, label: str) -> FrameLane:
    """A setting, scaled, as a lane within the parameter's limits."""
    lane = value_lane(value, sample_rate, label)
    if scale != 1.0:
        lane = lane.mapped(lambda values: values * scale)
    return check_range(lane, limits, label)


def choice_index(value: str, choices: tuple[str, ...], label: str) -> int:
    """The index of a choice by name; PlanError naming the choices."""
    if value not in choices:
        raise PlanError(f"{label}: {value!r} is not one of {', '.join(choices)}")
    return choices.index(value)
