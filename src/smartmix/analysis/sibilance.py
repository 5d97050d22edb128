"""Esses of a voice: how far they stand over its body, and what a de-esser would hear of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.fourier import sine_window
from smartmix.analysis.growing import Growing
from smartmix.units import power_to_db

Levels = NDArray[np.float64]

HOP_S = 0.01
ESS_HZ = (4500.0, 10_000.0)
BODY_HZ = (150.0, 4000.0)
"""Where an s and where a vowel has its power (docs: dsp notes, 4.5-10 kHz against 150 Hz-4 kHz)."""
ESS_OVER_BODY_DB = 0.0
"""A frame in which the ess band is louder than the body is unvoiced: no vowel comes near (measured on dev)."""
VOICED_DB = 10.0
"""A frame in which the body stands this far over the ess band is a vowel."""
SOUNDING_DB = 25.0
SHORTEST_ESS_FRAMES = 4
"""40 ms: a t or a click is shorter."""
BAND_HZ = 500.0
TOP_HZ = 14_000.0
FINE_BANDS = 28
"""Bands of 500 Hz up to 14 kHz are kept for the frames of esses: a de-esser's filters are applied to them."""
EDGES_HZ = np.concatenate(([0.0, BODY_HZ[0]], BAND_HZ * np.arange(1, FINE_BANDS + 1)))
"""The fine bands, the first of them cut where the body begins."""
ESS_BANDS = slice(1 + round(ESS_HZ[0] / BAND_HZ), 1 + round(ESS_HZ[1] / BAND_HZ))
BODY_BANDS = slice(1, 1 + round(BODY_HZ[1] / BAND_HZ))
MOST_ESS_FRAMES = 6000
BATCH_FRAMES = 512
TINY = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Sibilance:
    """The esses of a source. Levels in dB re full scale, per 20 ms window every 10 ms.

    ``events_s`` (start, end) of each ess; ``event_db`` its loudest frame, 4.5-10 kHz; ``voice_db`` median level of
    the vowels, 150 Hz-4 kHz; ``frames_db`` (frames, 28) bands of 500 Hz in the frames of esses; ``vowel_peak_db`` the
    99th percentile of the ess band in vowels. Not written to analysis.json but for the figures.
    """

    events_s: tuple[tuple[float, float], ...]
    event_db: tuple[float, ...]
    voice_db: float
    vowel_peak_db: float
    sounding_s: float
    frames_db: NDArray[np.float32]

    @property
    def over_voice_db(self) -> float:
        """Median level of the esses against the vowels, dB; -inf without any."""
        return float(np.median(self.event_db)) - self.voice_db if self.event_db else -math.inf

    @property
    def centre_hz(self) -> float:
        """Where the esses have their power: centre of gravity of 3-12 kHz, Hz."""
        power = np.power(10.0, self.frames_db.astype(np.float64) / 10.0).mean(axis=0)
        hz = (np.arange(FINE_BANDS) + 0.5) * BAND_HZ
        used = (hz >= 3000.0) & (hz <= 12_000.0)
        return float(np.sum(hz[used] * power[used]) / np.sum(power[used]))


class SibilanceMeter:
    """Takes in blocks (channels, frames) of a voice. Keeps two levels per 10 ms and the spectra of unvoiced frames."""

    def __init__(self, sample_rate: float) -> None:
        self._hop = max(1, round(sample_rate * HOP_S))
        self._size = 2 * self._hop
        self._rate = sample_rate
        window = sine_window(self._size)
        window *= math.sqrt(2.0 / (self._size * float(np.sum(window * window))))
        edges_hz = np.minimum(EDGES_HZ, 0.5 * sample_rate)
        self._bands = _core.BandSpectrum(window.astype(np.float32), edges_hz * self._size / sample_rate + 0.5)
        self._pending: NDArray[np.float32] | None = None
        self._levels = Growing((2,), np.float16)
        self._unvoiced: list[tuple[NDArray[np.int_], NDArray[np.float16]]] = []
        self._frames = 0

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block."""
        joined = block if self._pending is None else np.concatenate((self._pending, block), axis=1)
        count = (joined.shape[1] - self._size) // self._hop + 1
        for first in range(0, max(0, count), BATCH_FRAMES):
            self._take(joined, first, min(BATCH_FRAMES, count - first))
        self._pending = joined[:, max(0, count) * self._hop :].copy()

    def _take(self, joined: NDArray[np.float32], first: int, count: int) -> None:
        starts = range(first * self._hop, (first + count) * self._hop, self._hop)
        power = self._bands.powers(joined, starts).mean(axis=1)
        levels = np.stack([power[:, ESS_BANDS].sum(axis=1), power[:, BODY_BANDS].sum(axis=1)])
        self._levels.append(power_to_db(np.maximum(levels, TINY)).T.astype(np.float16))
        unvoiced = np.flatnonzero(levels[0] > levels[1])
        fine = power[unvoiced, 1:]
        fine[:, 0] += power[unvoiced, 0]
        kept = power_to_db(np.maximum(fine, TINY)).astype(np.float16)
        self._unvoiced.append((unvoiced + self._frames, kept))
        self._frames += count

    def levels_db(self) -> Levels:
        """Ess band and body (2, frames) per 10 ms, dB re full scale."""
        return np.ascontiguousarray(self._levels.all().T, dtype=np.float64)

    def facts(self) -> Sibilance | None:
        """The esses; None for a source without vowels (so a hi-hat has none)."""
        ess_db, body_db = self.levels_db()
        if ess_db.size == 0:
            return None
        whole = power_to_db(np.power(10.0, ess_db / 10.0) + np.power(10.0, body_db / 10.0))
        loud = float(np.percentile(whole[whole >= whole.max() - 40.0], 95.0))
        sounding = whole >= loud - SOUNDING_DB
        voiced = sounding & (body_db - ess_db >= VOICED_DB)
        if loud <= -100.0 or not voiced.any():
            return None
        runs = _runs(sounding & (ess_db - body_db > ESS_OVER_BODY_DB), SHORTEST_ESS_FRAMES)
        return Sibilance(
            events_s=tuple((start * HOP_S, end * HOP_S) for start, end in runs),
            event_db=tuple(float(ess_db[start:end].max()) for start, end in runs),
            voice_db=float(np.median(body_db[voiced])),
            vowel_peak_db=float(np.percentile(ess_db[voiced], 99.0)),
            sounding_s=float(np.count_nonzero(sounding)) * HOP_S,
            frames_db=self._spectra(runs),
        )

    def _spectra(self, runs: list[tuple[int, int]]) -> NDArray[np.float32]:
        index = np.concatenate([i for i, _ in self._unvoiced])
        rows = np.concatenate([r for _, r in self._unvoiced])
        wanted = np.zeros(self._frames, dtype=np.bool_)
        for start, end in runs:
            wanted[start:end] = True
        kept = rows[wanted[index]].astype(np.float32)
        return np.asarray(kept[:: max(1, -(-len(kept) // MOST_ESS_FRAMES))], dtype=np.float32)


def _runs(mask: NDArray[np.bool_], shortest: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, end) for start, end in pairs if end - start >= shortest]
