"""Where the blocks of a device begin, and what its parameters are in each: moving lanes on a fine grid, steps exact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.int64]
Values = NDArray[np.float64]

GRID_FRAMES = 64
"""How often a moving parameter is set: a gain ride of 12 dB in a second then stays 66 dB clean (measured)."""
BLOCK_FRAMES = 1024
"""Longest block while nothing moves; also the grid that blocks fall on."""


class Way:
    """The way of one parameter through time: points in its own scale, straight between; two on one frame a step."""

    def __init__(self, value: float) -> None:
        self.frames: Frames = np.zeros(1, np.int64)
        self.values: Values = np.array([value])

    def override(self, origin: int, frames: Frames, values: Values) -> None:
        """From frame ``origin`` on it goes another way, over ``frames`` (from 0, counted from there)."""
        keep = self.frames < origin
        arrives = self.at(np.array([origin], np.float64) - 0.5)
        self.frames = np.concatenate([self.frames[keep], [origin], frames + origin])
        self.values = np.concatenate([self.values[keep], arrives, values])

    def at(self, times: Values) -> Values:
        """Values at times in frames; on a step the later one."""
        i = np.clip(np.searchsorted(self.frames, times, side="right") - 1, 0, len(self.frames) - 1)
        j = np.minimum(i + 1, len(self.frames) - 1)
        run = np.maximum(self.frames[j] - self.frames[i], 1)
        part = np.clip((times - self.frames[i]) / run, 0.0, 1.0)
        return np.asarray(self.values[i] + part * (self.values[j] - self.values[i]))

    def span(self, first: int, frames: int) -> Values:
        """Values at ``frames`` frames from ``first`` on; a single one where it stands still all the while."""
        if first >= self.frames[-1]:
            return self.values[-1:].copy()
        return self.at(first + np.arange(frames, dtype=np.float64))

    def forget(self, before: int) -> None:
        """Drop points that no frame from ``before`` on needs."""
        first = max(int(np.searchsorted(self.frames, before, side="right")) - 1, 0)
        self.frames, self.values = self.frames[first:], self.values[first:]

    def cuts(self, first: int, end: int) -> list[Frames]:
        """Frames where a block has to begin: at points, and on the grid where it moves."""
        found: list[Frames] = []
        inside = (self.frames >= first) & (self.frames < end)
        moves = np.nonzero((np.diff(self.values) != 0.0) & (np.diff(self.frames) > 0))[0]
        for k in moves:
            low, high = max(int(self.frames[k]), first), min(int(self.frames[k + 1]), end)
            if low < high:
                found.append(
                    np.arange(-(-low // GRID_FRAMES) * GRID_FRAMES, high, GRID_FRAMES, dtype=np.int64)
                )
        if len(self.frames) > 1:
            found.append(self.frames[inside])
        return found


@dataclass(frozen=True, slots=True)
class Pieces:
    """The blocks of a stretch: where each begins (counted from the stretch), and parameter writes, by block."""

    cuts: NDArray[np.int32]
    blocks: NDArray[np.int32]
    which: NDArray[np.int64]
    values: Values


def plan(first: int, end: int, ways: Iterable[tuple[int, Way]], *, block: int = BLOCK_FRAMES) -> Pieces:
    """Blocks of frames ``first`` to ``end``, and the writes of each.

    The blocks begin at multiples of ``block`` and where a way asks for it, counted from frame 0 of the stream and not
    from ``first``: however a stream is cut into stretches (at multiples of ``block``), it is the same blocks. A moving
    parameter has the value of the middle of its block; it is written when it is not what it was a block before.
    """
    ways = list(ways)
    marks = [np.arange(-(-first // block) * block, end, block, dtype=np.int64), np.array([first], np.int64)]
    for _, way in ways:
        marks += way.cuts(first, end)
    starts = np.unique(np.concatenate(marks)) if end > first else np.zeros(0, np.int64)
    middles = (starts + np.append(starts[1:], end)) / 2.0
    rows: list[tuple[NDArray[np.int64], NDArray[np.int64], Values]] = []
    for name, way in ways:
        values = way.at(middles)
        changed = np.append(True, np.diff(values) != 0.0)[: len(values)]
        at = np.nonzero(changed)[0]
        rows.append((at, np.full(len(at), name, np.int64), values[at]))
    blocks = np.concatenate([r[0] for r in rows]) if rows else np.zeros(0, np.int64)
    whose = np.concatenate([r[1] for r in rows]) if rows else np.zeros(0, np.int64)
    written = np.concatenate([r[2] for r in rows]) if rows else np.zeros(0)
    order = np.argsort(blocks, kind="stable")
    return Pieces(
        (starts - first).astype(np.int32), blocks[order].astype(np.int32), whose[order], written[order]
    )
