"""What the 10 ms hops of a source tell: crest by band, noise floor, short levels, stereo, its fingerprint, onsets."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.analysis import LEVEL_PERCENTILES, OCTAVE_GROUPS, ShortLevels
from smartmix.analysis.compact import decode_power, encode_power
from smartmix.analysis.growing import Growing
from smartmix.analysis.landmarks import Fingerprint, FingerprintMeter
from smartmix.analysis.onsets import OnsetCurve
from smartmix.analysis.stereo import stereo_figures
from smartmix.units import gain_to_db, power_to_db

HOPS_PER_FRAME = 10
FLOOR_HOPS = 5
"""The noise floor is read from pieces of 50 ms."""
FLOOR_PERCENTILE = 3.0
FLOOR_FEWEST = 10
"""Half a second of pauses must be there before they are called a floor."""
LEFT, RIGHT, CROSS, PEAK, GROUPS = 0, 1, 2, 3, 5
"""Columns of ``HopMeter.take_hops``."""


class HopTrace:
    """Takes in blocks and keeps of every 10 ms what the facts need: four bytes a hop.

    ``timeline``: also keep the onset curves (for the tempo) and the powers of the sides and their product (for
    sections); only worth it for sums.
    """

    def __init__(
        self, sample_rate: float, channels: int, *, landmarks: bool = True, timeline: bool = False
    ) -> None:
        self._meter = _core.HopMeter(float(sample_rate), channels)
        self._landmarks = FingerprintMeter(sample_rate) if landmarks else None
        self.onsets = OnsetCurve() if timeline else None
        self._peaks = Growing((), np.uint16)
        self._powers = Growing((), np.uint16)
        self._sides = Growing((PEAK,), np.float32)
        self._sums = np.zeros(3)
        self._groups = np.zeros(len(OCTAVE_GROUPS))
        self._hops = 0
        self._frames = 0

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames), finite."""
        self._meter.process(block)
        self._frames += block.shape[1]
        self._take(self._meter.take_hops())

    def finish(self) -> None:
        """End the last hop. Asking for facts without it leaves out what came after the last whole hop."""
        self._meter.finish()
        self._take(self._meter.take_hops())

    def fingerprint(self) -> Fingerprint | None:
        """The fingerprint, once, after ``finish``."""
        return None if self._landmarks is None else self._landmarks.finish(self._frames)

    def stereo(self) -> tuple[float, float, float]:
        """Correlation, width and mono loss (dB) of the whole."""
        return stereo_figures(*self._sums.tolist())

    def crest_by_band_db(self, active_share: float) -> dict[str, float]:
        """Peak over RMS of the sounding part in each octave group, dB; 0 where a group is silent."""
        peaks = self._meter.group_peaks()
        powers = self._groups / max(self._hops, 1) / max(active_share, 1e-9)
        return {
            name: gain_to_db(float(peak)) - power_to_db(float(power)) if peak > 0.0 and power > 0.0 else 0.0
            for name, peak, power in zip(OCTAVE_GROUPS, peaks, powers, strict=True)
        }

    def short_levels(self, active: NDArray[np.bool_]) -> ShortLevels:
        """Percentiles of the hops' levels while the source sounds (``active`` at 10 Hz)."""
        peaks, powers = decode_power(self._peaks.all()), decode_power(self._powers.all())
        heard = _per_hop(active, powers.size) & (powers > 0.0)
        if not heard.any():
            return ShortLevels()
        levels = (np.percentile(power_to_db(x[heard]), LEVEL_PERCENTILES) for x in (peaks, powers))
        return ShortLevels(*(tuple(float(v) for v in level) for level in levels))

    def noise_floor_dbfs(self, active: NDArray[np.bool_]) -> float:
        """3rd percentile of the 50 ms RMS levels in the pauses (digital silence left out); -inf without any."""
        powers = decode_power(self._powers.all())
        pause = ~_per_hop(active, powers.size)
        whole = powers.size // FLOOR_HOPS * FLOOR_HOPS
        pieces = powers[:whole].reshape(-1, FLOOR_HOPS)
        quiet = pause[:whole].reshape(-1, FLOOR_HOPS).all(axis=1) & (pieces > 0.0).all(axis=1)
        if quiet.sum() < FLOOR_FEWEST:
            return -math.inf
        return power_to_db(
            float(np.percentile(pieces[quiet].mean(axis=1, dtype=np.float64), FLOOR_PERCENTILE))
        )

    def sides(self, frames: int) -> NDArray[np.float64]:
        """Left, right and cross power (frames, 3) per 100 ms; only with ``timeline``."""
        padded = self._sides.first(frames * HOPS_PER_FRAME)
        return np.asarray(padded.reshape(frames, HOPS_PER_FRAME, PEAK).mean(axis=1, dtype=np.float64))

    def release(self) -> None:
        """Let go of the hops' levels."""
        self._peaks = self._powers = Growing((), np.uint16)

    def _take(self, hops: NDArray[np.float32]) -> None:
        if not len(hops):
            return
        self._hops += len(hops)
        self._sums += hops[:, :PEAK].sum(axis=0, dtype=np.float64)
        self._groups += hops[:, GROUPS:].sum(axis=0, dtype=np.float64)
        self._peaks.append(encode_power(np.square(hops[:, PEAK])))
        self._powers.append(encode_power(0.5 * (hops[:, LEFT] + hops[:, RIGHT])))
        if self._landmarks is not None:
            self._landmarks.push(hops)
        if self.onsets is not None:
            self.onsets.push(hops[:, GROUPS:])
            self._sides.append(hops[:, :PEAK])


def _per_hop(active: NDArray[np.bool_], hops: int) -> NDArray[np.bool_]:
    every = np.repeat(active, HOPS_PER_FRAME)[:hops]
    return np.pad(every, (0, hops - every.size))
