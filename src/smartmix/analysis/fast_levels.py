"""Levels of 10 ms over a whole source: what a compressor's threshold is solved from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.growing import Growing
from smartmix.units import db_to_power, power_to_db

Levels = NDArray[np.float64]

HOP_S = 0.01
SILENT_DB = -120.0
SOUNDING_DB = 22.0
"""10 ms levels further than this under the source's loud level are pauses (as analysis/active.py)."""
PHRASE_HOPS = 40
"""The level a listener follows: 400 ms, as the momentary loudness of BS.1771."""
FULL_SHARE = 0.75
"""Only stretches that are sung or played this much of the time count: ends of phrases are no dynamics (house)."""


@dataclass(frozen=True, slots=True, eq=False)
class FastLevels:
    """Levels of the louder channel per 10 ms, dB re full scale: ``rms_db`` and ``peak_db`` (hops,), and
    ``weighted_db``, K-weighted, of all channels. Half floats: within 0.03 dB, in half the memory. Not written to
    analysis.json but for the figures.
    """

    rms_db: NDArray[np.float16]
    peak_db: NDArray[np.float16]
    weighted_db: NDArray[np.float16]

    @property
    def sounding(self) -> NDArray[np.bool_]:
        """Which hops are not pauses: within 22 dB of the 95th percentile."""
        heard = self.rms_db[self.rms_db > SILENT_DB + 40.0]
        if heard.size == 0:
            return np.zeros(self.rms_db.shape, dtype=np.bool_)
        return np.asarray(self.rms_db >= np.percentile(heard.astype(np.float32), 95.0) - SOUNDING_DB)

    @property
    def spread_db(self) -> float:
        """How far the level wanders from phrase to phrase: 90th less 10th percentile of 400 ms levels, dB."""
        return self.spread_of(self.rms_db.astype(np.float64))

    def spread_of(self, level_db: Levels) -> float:
        """The same of other 10 ms levels of this source (compressed, say), over the stretches in which it sounds."""
        sounding = self.sounding
        whole = sounding.size // PHRASE_HOPS * PHRASE_HOPS
        if whole == 0:
            return 0.0
        power = db_to_power(level_db[:whole]).reshape(-1, PHRASE_HOPS)
        full = sounding[:whole].reshape(-1, PHRASE_HOPS).mean(axis=1) >= FULL_SHARE
        levels = power_to_db(power[full].mean(axis=1))
        return float(np.percentile(levels, 90.0) - np.percentile(levels, 10.0)) if levels.size >= 10 else 0.0

    @property
    def crest_db(self) -> float:
        """99.9th percentile of the 10 ms peaks over the RMS of the sounding part, dB: low when squashed."""
        sounding = self.sounding
        if not sounding.any():
            return 0.0
        mean = power_to_db(float(db_to_power(self.rms_db[sounding].astype(np.float64)).mean()))
        return float(np.percentile(self.peak_db[sounding].astype(np.float32), 99.9)) - mean


class FastLevelMeter:
    """Takes in blocks (channels, frames); six bytes per 10 ms are kept."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._done = 0
        self._first = 0
        self._pending: NDArray[np.float32] | None = None
        self._levels = Growing((2,), np.float16)

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block."""
        joined = block if self._pending is None else np.concatenate((self._pending, block), axis=1)
        end = self._first + joined.shape[1]
        count = int(end / (self._rate * HOP_S) + 1e-9) - self._done
        if count <= 0:
            self._pending = joined
            return
        edges = np.round((np.arange(self._done, self._done + count + 1)) * self._rate * HOP_S).astype(np.int_)
        edges = edges - self._first
        used = joined[:, : edges[-1]]
        lengths = np.diff(edges)
        squares = np.add.reduceat(np.square(used, dtype=np.float64), edges[:-1], axis=1) / lengths
        peaks = np.maximum.reduceat(np.abs(used), edges[:-1], axis=1)
        floor = 10.0 ** (SILENT_DB / 10.0)
        loudest = peaks.max(axis=0).astype(np.float64)
        powers = np.stack((squares.max(axis=0), loudest * loudest), axis=1)
        self._levels.append(power_to_db(np.maximum(powers, floor)).astype(np.float16))
        self._done += count
        self._pending = joined[:, edges[-1] :].copy()
        self._first += int(edges[-1])

    def facts(self, weighted_energies: NDArray[np.float64]) -> FastLevels | None:
        """The levels; ``weighted_energies`` are the loudness meter's per 10 ms. None under 0.4 s."""
        if self._done < PHRASE_HOPS:
            return None
        count = min(len(self._levels), weighted_energies.size)
        rms, peak = self._levels.all()[:count].T.copy()
        weighted = power_to_db(np.maximum(weighted_energies[:count], 10.0 ** (SILENT_DB / 10.0)))
        return FastLevels(rms, peak, weighted.astype(np.float16))
