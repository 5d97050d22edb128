"""Samples that wait until a whole window of them is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Pending:
    """Waiting samples (channels, frames) in one buffer that is used again and again.

    New arrays for every block would cost page faults, and views of them would keep every block in memory.
    """

    def __init__(self, channels: int, silent_frames: int = 0) -> None:
        self._buffer = np.zeros((channels, max(silent_frames, 1)), np.float32)
        self._count = silent_frames

    @property
    def samples(self) -> NDArray[np.float32]:
        """What waits, a view that holds until the next call."""
        return self._buffer[:, : self._count]

    def add(self, block: NDArray[np.float32]) -> None:
        """Put a block (channels, frames) behind what waits."""
        end = self._count + block.shape[1]
        if end > self._buffer.shape[1]:
            larger = np.empty((len(self._buffer), end), np.float32)
            larger[:, : self._count] = self.samples
            self._buffer = larger
        self._buffer[:, self._count : end] = block
        self._count = end

    def drop(self, frames: int) -> None:
        """Let go of the first ``frames``."""
        rest = self._buffer[:, frames : self._count].copy()
        self._count = rest.shape[1]
        self._buffer[:, : self._count] = rest
