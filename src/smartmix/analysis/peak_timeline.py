"""True peaks over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix._core import LoudnessMeter
from smartmix.analysis.analysis import FRAME_RATE_HZ
from smartmix.units import db_to_gain


class PeakTimeline:
    """True peaks 100 ms by 100 ms: feeds a loudness meter in such pieces and asks it after each.

    The meter looks at whole chunks of 1024 frames, so a peak may count up to 21 ms (at 48 kHz) late.
    """

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._at = 0
        self._peaks: list[float] = []

    def push(self, block: NDArray[np.float32], meter: LoudnessMeter) -> None:
        """Pass the next block (channels, frames) on to ``meter``."""
        start = 0
        while start < block.shape[1]:
            piece_end = round((len(self._peaks) + 1) * self._rate / FRAME_RATE_HZ)
            end = min(block.shape[1], start + piece_end - self._at)
            meter.process(np.ascontiguousarray(block[:, start:end]))
            self._at += end - start
            start = end
            if self._at == piece_end:
                self._peaks.append(db_to_gain(meter.take_true_peak_dbtp()))

    def peaks(self, frames: int, meter: LoudnessMeter) -> NDArray[np.float64]:
        """Amplitudes (frames,); what the meter has not handed out yet counts to the last piece."""
        peaks = np.array([*self._peaks, db_to_gain(meter.take_true_peak_dbtp())])[:frames]
        whole = db_to_gain(meter.true_peak_dbtp())
        if peaks.size and whole > float(peaks.max()):
            peaks[-1] = whole
        return np.pad(peaks, (0, frames - peaks.size))
