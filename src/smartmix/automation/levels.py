"""Trim, fader and pan of a strip: where the session has them, and what the moves add."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from smartmix.automation.lane import FrameLane, add
from smartmix.automation.spans import jump_frames
from smartmix.automation.thin import thin
from smartmix.automation.values import check_range
from smartmix.figures import number, pan_position
from smartmix.plan.ranges import OFF_DB, RANGES

if TYPE_CHECKING:
    from collections.abc import Mapping

TRIM, FADER, PAN = "trim.gain_db", "fader.gain_db", "pan.pan"


@dataclass(slots=True)
class Levels:
    """Deltas of the moves, by strip (or return) and parameter, and what was cut off at the end of a range."""

    sample_rate: float
    deltas: dict[tuple[str, str], list[FrameLane]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def take(self, strip: str, parameter: str, delta: FrameLane) -> None:
        """Note what a move adds."""
        self.deltas.setdefault((strip, parameter), []).append(delta)

    def lanes(self, strip: str, starts: Mapping[str, float]) -> dict[str, FrameLane]:
        """Lanes of the parameters that are not at rest; ``starts`` is where the session has each of them."""
        lanes = {}
        for parameter, start in starts.items():
            deltas = self.deltas.get((strip, parameter), [])
            if not deltas and start == 0.0:
                continue
            lane = add([FrameLane.constant(start), *deltas]).without_jumps(jump_frames(self.sample_rate))
            lanes[parameter] = self._fitted(strip, parameter, lane)
        return lanes

    def _fitted(self, strip: str, parameter: str, lane: FrameLane) -> FrameLane:
        """The lane inside its range: a pan stops at a side and a level at its floor, which is said; a level over
        the top is a PlanError.
        """
        if parameter == PAN:
            extreme = lane.values[np.abs(lane.values).argmax()]
            if abs(extreme) > 1.0:
                asked = pan_position(float(extreme))
                self.notices.append(
                    f"{strip}: pan comes to {asked} in all; it stays at {pan_position(np.sign(extreme))}"
                )
            fitted = lane.mapped(lambda pan: np.clip(pan, -1.0, 1.0))
        else:
            lowest = float(lane.values.min())
            if lowest < OFF_DB:
                name = parameter.partition(".")[0]
                self.notices.append(
                    f"{strip}: {name} comes to {number(lowest)} dB in all; it is off from {number(OFF_DB, 0)} dB down"
                )
            fitted = thin(lane).mapped(lambda gain_db: np.maximum(gain_db, OFF_DB))
        device, _, name = parameter.partition(".")
        return check_range(fitted, RANGES[device, name], f"track {strip}: {parameter} in all")
