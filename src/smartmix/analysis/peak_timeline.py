"""True peaks over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix._core import LoudnessMeter
from smartmix.units import db_to_gain

PIECES_PER_S = 10.0
"""As many as the frames of ``Features``."""


class PeakTimeline:
    """True peaks 100 ms by 100 ms: feeds a loudness meter in such pieces and asks it after each.

    The meter looks 32 frames ahead, so a peak may count up to 40 frames late: under 1 ms at 48 kHz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._at = 0
        self._peaks: list[float] = []

    def push(self, block: NDArray[np.float32], meter: LoudnessMeter) -> None:
        """Pass the next block (channels, frames) on to ``meter``."""
        start = 0
        while start < block.shape[1]:
            piece_end = round((len(self._peaks) + 1) * self._rate / PIECES_PER_S)
            end = min(block.shape[1], start + piece_end - self._at)
            meter.process(np.ascontiguousarray(block[:, start:end]))
            self._at += end - start
            start = end
            if self._at == piece_end:
                self._peaks.append(db_to_gain(meter.take_true_peak_dbtp()))

    def finish(self, meter: LoudnessMeter) -> None:
        """End the last piece; what the meter has not handed out yet counts to it."""
        self._peaks.append(db_to_gain(meter.take_true_peak_dbtp()))
        self._peaks[-1] = max(self._peaks[-1], self._left_over(meter))

    def peaks(self, frames: int) -> NDArray[np.float64]:
        """Amplitudes (frames,), zeros behind the last; what lies behind frame ``frames`` counts to it."""
        kept = self._peaks[:frames]
        if len(self._peaks) > frames > 0:
            kept[-1] = max(self._peaks[frames - 1 :])
        peaks = np.array(kept)
        return np.pad(peaks, (0, frames - peaks.size))

    def _left_over(self, meter: LoudnessMeter) -> float:
        """The highest point of all, if no piece has it."""
        whole = db_to_gain(meter.true_peak_dbtp())
        return whole if whole > max(self._peaks) else 0.0
