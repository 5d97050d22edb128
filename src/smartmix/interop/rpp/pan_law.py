"""REAPER's pan laws, and how a position in one is told in smartmix's: same sound on both sides, another fader.

A project names the gain of a centred sound (PANLAW, or the third word of a track's VOLPAN): 1 is 0 dB, 0.707 -3 dB,
and a value over 1 is the same drop with "gain compensation", which lifts the sides instead (1.414: 0 dB at the centre,
+3 dB at a side; ReaScript's documentation of D_PANLAW, I_PANMODE and I_PANLAW_FLAGS). Renders others have published
give the curves between (docs/interop.md): the 0 dB law turns the far side down in a straight line of gain, the -3 dB
law is sine and cosine. Other depths are powers of the sine here, an assumption.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.audio.panning import pan_gains
from smartmix.interop.lanes import to_db
from smartmix.interop.model import Control
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = math.sqrt(2.0)
"""The law that is smartmix's own: -3 dB at the centre with gain compensation."""
BALANCE_MODE, HYBRID = 3, 3
"""PANMODE "stereo balance / mono pan" and PANLAWFLAGS "hybrid taper": those of a new project of REAPER 7."""
_NEAR = 1e-3
_STEP = 0.05
"""A pan that moves further than this gets points in between, where the laws bend apart."""
_POWER_OF_3_DB = -math.log(2.0) / 2.0


@dataclass(frozen=True, slots=True)
class PanLaw:
    """A pan law by its ``centre`` gain as REAPER writes it (over 1: gain compensation).

    ``sure``: whether its curve is known from renders; others are read by the nearest that is.
    """

    centre: float = HOUSE
    flags: int = HYBRID

    @property
    def is_house(self) -> bool:
        """Whether it is smartmix's own, where positions and faders are the same in both."""
        return abs(self.centre - HOUSE) < _NEAR

    @property
    def sure(self) -> bool:
        """Whether its curve is known, and not taken from the laws beside it."""
        depth = self._depth
        if abs(depth - math.sqrt(0.5)) < _NEAR:
            return self.flags != 2
        return depth > 1.0 - _NEAR and self.flags in (1, HYBRID)

    @property
    def _depth(self) -> float:
        return min(self.centre, 1.0 / self.centre)

    def gains(self, pan: float) -> tuple[float, float]:
        """Left and right gain at a pan position -1 (left) .. 1 (right)."""
        lift = max(self.centre, 1.0)
        if self._depth > 1.0 - _NEAR:
            return lift * min(1.0, 1.0 - pan), lift * min(1.0, 1.0 + pan)
        power = math.log(self._depth) / _POWER_OF_3_DB
        if abs(power - 1.0) < _NEAR:
            power = 1.0
        left, right = (side / HOUSE for side in pan_gains(pan))
        return float(lift * left**power), float(lift * right**power)

    def told(self, pan: float) -> tuple[float, float]:
        """smartmix's pan for a position in this law, and the gain (dB) that goes with it."""
        if self.is_house:
            return pan, 0.0
        theirs = self.gains(pan)
        if min(theirs) <= 0.0:
            ours = -1.0 if theirs[1] <= 0.0 else 1.0
        else:
            ours = 0.0 if pan == 0.0 else _position(theirs[1] / theirs[0])
        return ours, to_db(max(theirs) / max(pan_gains(ours)))

    def written(self, pan: float) -> tuple[float, float]:
        """The position in this law for smartmix's pan, and the gain (dB) that goes with it."""
        if self.is_house:
            return pan, 0.0
        left, right = pan_gains(pan)
        if min(left, right) <= 0.0 or pan == 0.0:
            theirs = pan
        elif self._depth > 1.0 - _NEAR:
            theirs = 1.0 - left / right if right > left else right / left - 1.0
        else:
            theirs = _position((right / left) ** (_POWER_OF_3_DB / math.log(self._depth)))
        return theirs, -self.told(theirs)[1]

    def told_lane(self, pan: Control) -> tuple[Control, Control]:
        """A pan that may move, in smartmix's law, and the gain (dB) that goes with it."""
        return self._lane(pan, written=False)

    def written_lane(self, pan: Control) -> tuple[Control, Control]:
        """A pan of smartmix's that may move, in this law, and the gain (dB) that goes with it."""
        return self._lane(pan, written=True)

    def _lane(self, pan: Control, *, written: bool) -> tuple[Control, Control]:
        if self.is_house:
            return pan, Control()
        turn = self.written if written else self.told
        value, gain = turn(pan.value)
        if not pan.points:
            return Control(value), Control(gain)
        rows = [(p, *turn(p.value)) for p in _dense(pan.points)]
        moved = tuple(Breakpoint(p.time_s, at, p.curve) for p, at, _ in rows)
        return Control(moved[0].value, moved), Control(
            rows[0][2], tuple(Breakpoint(p.time_s, db, p.curve) for p, _, db in rows)
        )


def _position(ratio: float) -> float:
    """smartmix's pan where the right gain is ``ratio`` times the left."""
    return 4.0 / math.pi * math.atan(ratio) - 1.0


def _dense(points: tuple[Breakpoint, ...]) -> Iterator[Breakpoint]:
    """The points, with more in between where a pan moves far."""
    for start, end in pairwise(points):
        yield start
        if start.curve == "linear" and end.time_s > start.time_s:
            steps = math.ceil(abs(end.value - start.value) / _STEP)
            for step in range(1, steps):
                share = step / steps
                yield Breakpoint(
                    start.time_s + share * (end.time_s - start.time_s),
                    start.value + share * (end.value - start.value),
                )
    yield from points[-1:]
