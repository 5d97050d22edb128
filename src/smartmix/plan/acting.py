"""When a move acts: its span, and where its lanes leave the place they were in."""

from __future__ import annotations

import numpy as np

from smartmix.plan.move import Move

STEP_S = 0.1
STAYS = 0.05
"""A lane that stays this near to where it was, in its unit, does nothing there."""


def acts_within(move: Move, start_s: float, end_s: float) -> bool:
    """Whether a move does anything in a stretch: its span reaches into it, and so does a lane that leaves its place."""
    if move.span_s is not None and not (move.span_s[0] < end_s and start_s < move.span_s[1]):
        return False
    lanes = [(s.before, s.value) for s in move.sets if isinstance(s.value, tuple)]
    if not lanes:
        return True
    times = np.arange(start_s, end_s, STEP_S)
    return any(
        np.abs(np.interp(times, [p.time_s for p in lane], [p.value for p in lane]) - before).max() > STAYS
        for before, lane in lanes
        if isinstance(before, float)
    )
