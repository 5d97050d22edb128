"""Audio that can be read more than once, and what gain and limiter make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from smartmix import _core
from smartmix.units import db_to_gain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smartmix.audio.buffer import Samples


@dataclass(frozen=True, slots=True)
class Source:
    """Audio that can be read more than once, in blocks (channels, frames)."""

    blocks: Callable[[], Iterator[Samples]]
    sample_rate: int
    channels: int
    frames: int


class LimitedStream:
    """Blocks after gain and limiter, as long as the source and in time with it; readings once it has run."""

    def __init__(self, source: Source, gain_db: float, ceiling_dbtp: float) -> None:
        self._source = source
        self._gain = db_to_gain(gain_db)
        self._limiter = _core.TruePeakLimiter(source.sample_rate, source.channels, ceiling_dbtp, exact=True)

    def __iter__(self) -> Iterator[Samples]:
        late = self._limiter.latency_frames
        silence = np.zeros((self._source.channels, late), np.float32)
        for block in self._with_tail(silence):
            limited = self._limiter.process(block, self._gain)
            drop = min(late, limited.shape[1])
            late -= drop
            if drop < limited.shape[1]:
                yield np.ascontiguousarray(limited[:, drop:])

    def _with_tail(self, silence: Samples) -> Iterator[Samples]:
        yield from self._source.blocks()
        yield silence

    @property
    def max_reduction_db(self) -> float:
        """Deepest gain reduction so far, dB."""
        return self._limiter.max_reduction_db

    @property
    def mean_reduction_db(self) -> float:
        """Mean gain reduction in dB over the frames with more than 0.1 dB of it."""
        return self._limiter.mean_reduction_db
