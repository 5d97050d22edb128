"""Power per ERB band over time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.analysis import FRAME_RATE_HZ
from smartmix.analysis.bands import BANDS, edge_bins
from smartmix.analysis.compact import Codes, encode_power
from smartmix.analysis.fourier import sine_window
from smartmix.analysis.growing import Growing
from smartmix.analysis.pending import Pending


class BandPowers:
    """Power per ERB band and side at 10 Hz, from sine-windowed FFTs of 200 ms that overlap by half.

    The squared windows add up to one, so the power of a transient does not depend on where it falls.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._hop = max(1, int(sample_rate / FRAME_RATE_HZ))
        self._rate = sample_rate
        self._channels = channels
        self._size = 2 * self._hop
        window = sine_window(self._size)
        window *= math.sqrt(2.0 / (self._size * np.sum(window * window)))
        self._bands = _core.BandSpectrum(window.astype(np.float32), edge_bins(sample_rate, self._size))
        self._pending = Pending(channels, self._hop // 2)
        self._first = -(self._hop // 2)
        self._taken = 0
        self._left = Growing((BANDS,), np.uint16)
        self._right = Growing((BANDS,), np.uint16) if channels == 2 else self._left

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames)."""
        self._pending.add(block)
        starts: list[int] = []
        while True:
            start = self._start(self._taken + len(starts))
            if start + self._size > self._first + self._pending.samples.shape[1]:
                break
            starts.append(start - self._first)
        if starts:
            self._take(starts)
            self._taken += len(starts)
            drop = self._start(self._taken) - self._first
            self._pending.drop(drop)
            self._first += drop

    def finish(self, frames: int) -> tuple[Codes, Codes]:
        """Left and right powers (frames, BANDS) as compact codes; the same array twice for a mono source."""
        end = self._first + self._pending.samples.shape[1]
        last = max(0, math.ceil((end * FRAME_RATE_HZ) / self._rate - 1e-9))
        if last > self._taken:
            short = max(0, self._start(last - 1) + self._size - end)
            self.push(np.zeros((self._channels, short), dtype=np.float32))
        left = self._left.first(frames)
        return left, left if self._right is self._left else self._right.first(frames)

    def _start(self, index: int) -> int:
        return round(index * self._rate / FRAME_RATE_HZ) - self._hop // 2

    def _take(self, starts: list[int]) -> None:
        waiting = self._pending.samples
        same = self._channels == 2 and np.array_equal(waiting[0], waiting[1])
        rows = waiting[:1] if same else waiting
        power = self._bands.powers(rows, starts)
        codes = encode_power(power)
        self._left.append(codes[:, 0])
        if self._right is not self._left:
            self._right.append(codes[:, -1])
