"""One limiter for many: its gain, read from what went in and what came out, put on parts of the sum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples


def gains_between(before: Samples, after: Samples, last: float) -> NDArray[np.float64]:
    """What a linked limiter multiplied each frame by: the louder side tells it. Where both are silent, the gain before
    (``last`` at the beginning) goes on.
    """
    side = np.argmax(np.abs(before), axis=0)
    frames = np.arange(before.shape[1])
    source = before[side, frames].astype(np.float64)
    made = after[side, frames].astype(np.float64)
    heard = source != 0.0
    gains = np.divide(made, source, out=np.zeros_like(source), where=heard)
    place = np.where(heard, frames, -1)
    np.maximum.accumulate(place, out=place)
    return np.where(place >= 0, gains[np.maximum(place, 0)], last)


def reblocked(blocks: Iterator[Samples], frames: int, block_frames: int) -> Iterator[Samples]:
    """Two channels in blocks of equal length, ``frames`` in all: cut off or filled with silence; mono on both sides."""
    kept = np.zeros((2, 0), np.float32)
    left = frames
    for block in blocks:
        kept = np.concatenate((kept, np.broadcast_to(block, (2, block.shape[1]))), axis=1)
        while kept.shape[1] >= block_frames and left > 0:
            length = min(block_frames, left)
            yield np.ascontiguousarray(kept[:, :length])
            kept, left = kept[:, block_frames:], left - length
    while left > 0:
        length = min(block_frames, left)
        out = np.zeros((2, length), np.float32)
        use = min(length, kept.shape[1])
        out[:, :use] = kept[:, :use]
        yield out
        kept, left = kept[:, use:], left - length
