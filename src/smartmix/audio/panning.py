"""What a pan position does to the two sides: the mixer's law, for measuring, fitting a rough, and the demo song."""

from __future__ import annotations

import math

from smartmix.units import db_to_gain


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right gain at a pan position -1 (left) .. 1 (right); a stereo source is balanced by the same gains.

    Constant power (sine law), normalised to 0 dB on both sides at the centre: +3.01 dB on the near side at an end.
    The same law as the native mixer's (csrc/dsp/pan.hpp), exact at the centre and at both ends.
    """
    if pan == 0.0:
        return 1.0, 1.0
    if abs(pan) >= 1.0:
        return (math.sqrt(2.0), 0.0) if pan < 0.0 else (0.0, math.sqrt(2.0))
    angle = (pan + 1.0) * math.pi / 4.0
    return math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle)


def pan_of(side_db: float) -> float:
    """The pan position -1..1 whose right gain lies ``side_db`` over its left gain."""
    return 4.0 / math.pi * math.atan(db_to_gain(side_db)) - 1.0
