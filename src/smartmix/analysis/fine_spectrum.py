"""The spectrum of a source over time, fine enough to tell a ring from a note: what corrective EQ is read from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.units import power_to_db

LOWEST_HZ = 63.0
HIGHEST_HZ = 12_000.0
HIGHEST_SHARE = 0.42
"""The top band, or this share of the sample rate where that is lower."""
BANDS_PER_OCTAVE = 24
WINDOW_S = 0.25
"""4 Hz per bin: a bell with Q 10 at 100 Hz is 10 Hz wide (house)."""
MOST_FRAMES = 1024
"""When that many frames are kept every second one goes: memory stays, the whole song is still covered (house)."""
SOUNDING_DB = 22.0
"""A frame further than this under the source's loud frames is a tail or spill (as analysis/active.py)."""
SILENT_DB = -120.0
LOWEST_LOUD_DB = -90.0
"""A source whose loudest frame stays under this is silence (24 bit dither lies under -130)."""


@dataclass(frozen=True, slots=True, eq=False)
class FineSpectrum:
    """Levels of 1/24-octave bands in the frames in which the source sounds. Not written to analysis.json.

    ``band_hz`` (bands,) centres, Hz; ``levels_db`` (frames, bands) power per band, dB re full scale, channels' mean;
    ``times_s`` (frames,) middle of each frame.
    """

    band_hz: NDArray[np.float64]
    levels_db: NDArray[np.float32]
    times_s: NDArray[np.float64]


class FineSpectrumMeter:
    """Takes in blocks (channels, frames); keeps at most MOST_FRAMES spectra of 0.25 s windows, half overlapping."""

    def __init__(self, sample_rate: float, frames: int = 0) -> None:
        """``frames``: how long the source is going to be, if that is known: what would be dropped later is then not
        measured in the first place.
        """
        self._hop = max(1, round(sample_rate * WINDOW_S / 2))
        self._size = 2 * self._hop
        self._rate = sample_rate
        window = np.hanning(self._size + 1)[:-1]
        window *= math.sqrt(2.0 / (self._size * float(np.sum(window * window))))
        self.band_hz = fine_bands(sample_rate)
        half = 2.0 ** (0.5 / BANDS_PER_OCTAVE)
        edges = np.concatenate(([self.band_hz[0] / half], self.band_hz * half))
        edges = edges * self._size / sample_rate + 0.5
        self._bands = _core.BandSpectrum(window.astype(np.float32), edges) if self.band_hz.size else None
        self._pending: NDArray[np.float32] | None = None
        self._seen = 0
        self._stride = 1
        while frames // self._hop // self._stride >= MOST_FRAMES:
            self._stride *= 2
        self._kept: list[tuple[int, NDArray[np.float32]]] = []

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block."""
        joined = block if self._pending is None else np.concatenate((self._pending, block), axis=1)
        start = 0
        while start + self._size <= joined.shape[1]:
            if self._seen % self._stride == 0:
                self._keep(joined[:, start : start + self._size])
            self._seen += 1
            start += self._hop
        self._pending = joined[:, start:].copy()

    def facts(self) -> FineSpectrum | None:
        """The sounding frames; None for a source that is silent or shorter than one window."""
        if not self._kept or self.band_hz.size == 0:
            return None
        levels = np.stack([row for _, row in self._kept]).astype(np.float32)
        whole = power_to_db(np.sum(np.power(10.0, levels.astype(np.float64) / 10.0), axis=1))
        if whole.max() <= LOWEST_LOUD_DB:
            return None
        loud = float(np.percentile(whole[whole > whole.max() - 40.0], 95.0))
        sounding = whole >= loud - SOUNDING_DB
        times = (np.array([index for index, _ in self._kept]) + 1) * self._hop / self._rate
        return FineSpectrum(self.band_hz, levels[sounding], times[sounding])

    def _keep(self, cut: NDArray[np.float32]) -> None:
        same = cut.shape[0] == 2 and np.array_equal(cut[0], cut[1])
        if self._bands is None:
            return
        bands = self._bands.powers(cut[:1] if same else cut, (0,))[0].mean(axis=0)
        level = power_to_db(np.maximum(bands, 10.0 ** (SILENT_DB / 10.0)))
        self._kept.append((self._seen, level.astype(np.float16)))
        if len(self._kept) >= MOST_FRAMES:
            self._stride *= 2
            self._kept = [item for item in self._kept if item[0] % self._stride == 0]


def fine_bands(sample_rate: float) -> NDArray[np.float64]:
    """Centres of the 1/24-octave bands, Hz, on a grid through 1 kHz."""
    top_hz = min(HIGHEST_HZ, HIGHEST_SHARE * sample_rate)
    first = math.ceil(BANDS_PER_OCTAVE * math.log2(LOWEST_HZ / 1000.0))
    last = math.floor(BANDS_PER_OCTAVE * math.log2(top_hz / 1000.0))
    return np.asarray(1000.0 * 2.0 ** (np.arange(first, last + 1) / BANDS_PER_OCTAVE))
