"""What a pan position does to the two sides: the law the mixer uses, for measurements and for fitting a rough."""

from __future__ import annotations

import math


def pan_gains(pan: float, channels: int) -> tuple[float, float]:
    """Left and right gain at a pan position -1 (left) .. 1 (right).

    A mono source keeps its power (sine law, 0 dB to both sides at the centre, +3.01 dB on the near side at the end). A
    stereo source is balanced: the far side is turned down, the near side stays.
    """
    if channels == 1:
        angle = (pan + 1.0) * math.pi / 4.0
        return math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle)
    return min(1.0, 1.0 - pan), min(1.0, 1.0 + pan)


def pan_of(side_db: float, channels: int) -> float:
    """The pan position -1..1 whose right gain lies ``side_db`` over its left gain."""
    ratio = 10.0 ** (side_db / 20.0)
    if channels == 1:
        return 4.0 / math.pi * math.atan(ratio) - 1.0
    return 1.0 - 1.0 / ratio if ratio >= 1.0 else ratio - 1.0
