"""The equaliser of a bus or the mix: a strip of the native bank whose track is the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix import _core

if TYPE_CHECKING:
    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import SumEq


class SumEqRun:
    """Takes a stereo sum (2, frames) float32 block by block; no latency, the same samples for any cut."""

    def __init__(self, eq: SumEq, sample_rate: int) -> None:
        self._bank = _core.StripBank(float(sample_rate), [2])
        for name, value in eq.static.items():
            self._bank.set(0, name, value)
        ids = [self._bank.parameter_index(name) for name in eq.events.parameter_ids]
        self._events = eq.events.cursor(np.asarray(ids, np.int32))

    def process(self, block: Samples) -> Samples:
        """The next block."""
        taken = np.ascontiguousarray(block, np.float32)
        return self._bank.process([taken], *self._events.take(taken.shape[1]))
