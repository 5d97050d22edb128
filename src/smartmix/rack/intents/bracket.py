"""A knob between two places of which one does too little and one too much."""

from __future__ import annotations

import math

CLOSE_DB = 0.05
"""As near as anybody needs."""


class Bracket:
    """A knob between two places, and how far the reduction is off at both (dB, too little is below 0)."""

    def __init__(self, least: float, most: float, off_least: float) -> None:
        self.least, self.most = least, most
        self._off = [off_least, math.nan]
        self._seen: list[tuple[float, float]] = [(abs(off_least), least)]
        self._last = 0
        self.done = False

    def begin(self, off_most: float) -> None:
        """How far off the other end is; where even that is too little, it is the best there is."""
        self._off[1] = off_most
        self._seen.append((abs(off_most), self.most))
        self.done = off_most <= 0.0 or abs(self._off[0]) <= CLOSE_DB

    def next(self) -> float:
        """Where to try."""
        if self.done:
            return self.best
        low, high = self._off
        part = min(max(low / (low - high), 0.05), 0.95)
        return self.least + part * (self.most - self.least)

    def take(self, at: float, off: float) -> None:
        """What came of a try."""
        if self.done:
            return
        self._seen.append((abs(off), at))
        side = 1 if off > 0.0 else 0
        if side == 0:
            self.least = at
        else:
            self.most = at
        self._off[side] = off
        if side == self._last:
            self._off[1 - side] *= 0.5
        self._last = side
        self.done = abs(off) <= CLOSE_DB

    @property
    def best(self) -> float:
        """The nearest so far."""
        return min(self._seen)[1]
