"""The width of a stereo strip: its side is a level (levels.py), its corner has a place to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.automation.spans import in_turn, jump_frames
from smartmix.plan.ranges import RANGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.automation.lane import FrameLane, FrameSpan

SIDE = "side_db"
CORNER = "mono_below_hz"
_OFF_HZ = RANGES["width", CORNER].default


def corner_lane(
    parts: Sequence[tuple[FrameSpan | None, FrameLane]], sample_rate: float
) -> dict[str, FrameLane]:
    """The lane of the corner, off outside the spans; a jump takes 5 ms (empty without a move)."""
    if not parts:
        return {}
    inside: list[tuple[FrameSpan, FrameLane]] = [(span or (0, None), lane) for span, lane in parts]
    inside.sort(key=lambda part: part[0][0])
    lane = in_turn(inside, rest=_OFF_HZ, log_scale=True)
    return {f"width.{CORNER}": lane.without_jumps(jump_frames(sample_rate), log_scale=True)}
