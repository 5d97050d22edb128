"""What a pan position does to the two sides: the law the mixer uses, for measurements and for fitting a
rough."""

from __future__ import annotations

import math

from smartmix.units import db_to_gain


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right gain at a pan position -1 (left) .. 1 (right); a stereo source is balanced by the same
    gains.

    Constant power (sine law), normalised to 0 dB on both sides at the centre: +3.01 dB on the near side at an
    end.
    """
    if pan == 0.0:
        return 1.0, 1.0
    angle = (pan + 1.0) * math.pi / 4.0
    return math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle)


def pan_of(side_db: float) -> float:
    """The pan position -1..1 whose right gain lies ``side_db`` over its left gain."""
    return 4.0 / math.pi * math.atan(db_to_gain(side_db)) - 1.0
