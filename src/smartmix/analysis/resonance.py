"""Rings: narrow peaks that stand over their own surroundings whatever is played."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.fine_spectrum import BANDS_PER_OCTAVE, FineSpectrum
from smartmix.units import power_to_db

Levels = NDArray[np.float64]

CORE_BANDS = 1
"""A peak is read over 1/8 octave (three bands): one band of noise wanders by several dB."""
NEAREST_BAND = 5
FARTHEST_BAND = 16
"""Its surroundings: 1/5 to 2/3 octave to either side, the louder side counts (so a shoulder is no peak)."""
AUDIBLE_DB = 45.0
"""A band this far under the strongest of its frame is not heard and counts as no peak."""
UNHEARD_DB = -20.0
STANDS_DB = 3.0
FEWEST_FRAMES = 24
"""3 s of sound."""
OWN_PEAK_BANDS = 8
PATTERN_LIMIT_DB = 15.0
SKIRT_BANDS = 3
LOWEST_Q, HIGHEST_Q = 3.0, 10.0
TINY = 1e-13


@dataclass(frozen=True, slots=True)
class Resonance:
    """A steady peak of a track.

    ``over_db`` is the median level over its surroundings, ``usually_over_db`` what three frames in four exceed;
    ``share`` of the sounding frames stand 3 dB over. ``fall_db`` is how far the long-term level falls 1/8 octave
    beside it (a bell falls a few dB, a note far more). ``sameness`` is how alike the rest of the spectrum is in those
    frames, 0..1: 1 for one note, chord or drum hit over and over. ``span_s`` runs from the first to the last of them.
    """

    hz: float
    over_db: float
    usually_over_db: float
    share: float
    fall_db: float
    sameness: float
    q: float
    span_s: tuple[float, float]


def over_surroundings_db(levels_db: NDArray[np.floating]) -> Levels:
    """Level of each 1/8 octave over the louder of its two surroundings (frames, bands), dB; nan at the ends."""
    power = np.power(10.0, levels_db.astype(np.float64) / 10.0)
    below = _mean_db(power, -FARTHEST_BAND, -NEAREST_BAND)
    above = _mean_db(power, NEAREST_BAND, FARTHEST_BAND)
    core = _mean_db(power, -CORE_BANDS, CORE_BANDS)
    over = core - np.maximum(below, above)
    over[:, :FARTHEST_BAND] = np.nan
    over[:, over.shape[1] - FARTHEST_BAND :] = np.nan
    return over


def find_resonances(spectrum: FineSpectrum, *, least_db: float) -> list[Resonance]:
    """Every peak that stands ``least_db`` over its surroundings in the median frame, lowest first.

    What is a ring and what a note is for the caller to judge by ``usually_over_db``, ``fall_db`` and ``sameness``.
    """
    levels = spectrum.levels_db.astype(np.float64)
    frames, bands = levels.shape
    if frames < FEWEST_FRAMES or bands <= 2 * FARTHEST_BAND:
        return []
    over = over_surroundings_db(levels)
    unheard = levels < levels.max(axis=1, keepdims=True) - AUDIBLE_DB
    over = np.where(unheard & ~np.isnan(over), UNHEARD_DB, over)
    inner = over[:, FARTHEST_BAND : bands - FARTHEST_BAND]
    median = np.full(bands, -np.inf)
    median[FARTHEST_BAND : bands - FARTHEST_BAND] = np.median(inner, axis=0)
    peaks = [k for k in np.flatnonzero(median >= least_db).tolist() if _is_top(median, k)]
    return [_described(spectrum, over, median, k) for k in peaks]


def _is_top(median: Levels, k: int) -> bool:
    return bool(median[k] == median[max(0, k - OWN_PEAK_BANDS) : k + OWN_PEAK_BANDS + 1].max())


def _described(spectrum: FineSpectrum, over: Levels, median: Levels, k: int) -> Resonance:
    standing = np.flatnonzero(over[:, k] >= STANDS_DB)
    long_term = np.median(spectrum.levels_db.astype(np.float64), axis=0)
    beside = 0.5 * (
        long_term[k - SKIRT_BANDS - 1 : k - SKIRT_BANDS + 1].max()
        + long_term[k + SKIRT_BANDS : k + SKIRT_BANDS + 2].max()
    )
    times = spectrum.times_s[standing] if standing.size else spectrum.times_s
    return Resonance(
        hz=_centre_hz(spectrum.band_hz, median, k),
        over_db=float(median[k]),
        usually_over_db=float(np.percentile(over[:, k], 25.0)),
        share=standing.size / over.shape[0],
        fall_db=float(long_term[k - CORE_BANDS : k + CORE_BANDS + 1].max() - beside),
        sameness=_sameness(over[standing], k),
        q=_q(median, k),
        span_s=(float(times[0]), float(times[-1])),
    )


def _centre_hz(band_hz: NDArray[np.float64], median: Levels, k: int) -> float:
    """The peak between the bands: centre of gravity of what stands out over half its height, in octaves."""
    near = slice(max(0, k - SKIRT_BANDS), k + SKIRT_BANDS + 1)
    weight = np.maximum(median[near] - 0.5 * median[k], 0.0)
    weight[~np.isfinite(weight)] = 0.0
    return float(2.0 ** (np.sum(weight * np.log2(band_hz[near])) / np.sum(weight)))


def _q(median: Levels, k: int) -> float:
    """Q of a bell as wide as the peak at half its height (dB)."""
    low = high = k
    while median[low] > 0.5 * median[k]:
        low -= 1
    while median[high] > 0.5 * median[k]:
        high += 1
    octaves = max(1, high - low - 1) / BANDS_PER_OCTAVE
    return float(np.clip(0.5 / math.sinh(0.5 * math.log(2.0) * octaves), LOWEST_Q, HIGHEST_Q))


def _sameness(over: Levels, k: int) -> float:
    """Mean correlation of the frames' spectra with one another, the surroundings of band ``k`` left out."""
    if over.shape[0] < 2:
        return 1.0
    far = (np.abs(np.arange(over.shape[1]) - k) > NEAREST_BAND + 1) & ~np.isnan(over[0])
    rows = np.clip(over[:, far], -PATTERN_LIMIT_DB, PATTERN_LIMIT_DB)
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    count = rows.shape[0]
    together = float(np.square(rows.sum(axis=0)).sum())
    return float((together - count) / (count * (count - 1)))


def _mean_db(power: Levels, first: int, last: int) -> Levels:
    """Mean power of bands k + first .. k + last for every k, dB; cut at the ends."""
    frames, bands = power.shape
    total = np.concatenate([np.zeros((frames, 1)), np.cumsum(power, axis=1)], axis=1)
    start = np.clip(np.arange(bands) + first, 0, bands)
    end = np.clip(np.arange(bands) + last + 1, 0, bands)
    mean = (total[:, end] - total[:, start]) / np.maximum(end - start, 1)
    return np.asarray(power_to_db(np.maximum(mean, TINY)))
