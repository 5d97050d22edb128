"""The lowest note a track plays: where a high-pass may begin to bite."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smartmix.units import db_to_power, power_to_db

PROMINENCE_DB = 14.0
"""A spectral peak this far over its surroundings is a tone; noise peaks reach about 9 dB in a half-second window."""
NARROW_DB = 11.0
RUMBLE_HZ = 60.0
"""Below this a peak must also be a line: rumble in a narrow band stands out, too, but is broad."""
STRONG_DB = 12.0
"""A tone within this of the strongest tone is a fundamental on its own word."""
STRONG_FLOOR_HZ = 35.0
LOUDEST_DB = 6.0
"""A tone this near to the strongest counts down to there whatever the role: an octave effect is no rumble."""
WEAK_DB = 26.0
"""A tone within this of the strongest is a fundamental if its second and third harmonics are there."""
ACTIVE_DB = 25.0
FEWEST_WINDOWS = 3
TONAL_SHARE = 0.15
"""Below this share of sounding windows with a fundamental the track counts as unpitched."""
NEIGHBOUR_SHARE = 0.03
PERCENTILE = 5.0


def tone_peaks(power: NDArray[np.floating], bin_hz: float, floor_hz: float) -> NDArray[np.int_]:
    """Bins of the tones in a power spectrum: local maxima PROMINENCE_DB over the median of the octaves around."""
    inner = power[1:-1]
    peaks = np.flatnonzero((inner > power[:-2]) & (inner >= power[2:])) + 1
    peaks = peaks[peaks * bin_hz >= floor_hz]
    if peaks.size == 0:
        return peaks
    strongest = float(power[peaks].max())
    peaks = peaks[power[peaks] >= strongest * db_to_power(-WEAK_DB)]
    factor = db_to_power(PROMINENCE_DB)
    peaks = peaks[power[peaks] >= factor * _surroundings(power, peaks)]
    return np.asarray(peaks[_narrow(power, peaks) | (peaks * bin_hz >= RUMBLE_HZ)])


def _narrow(power: NDArray[np.floating], peaks: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Whether a peak is a line: NARROW_DB down three and four bins away, where band noise is as strong as ever."""
    padded = np.pad(power, 4, mode="edge")
    beside = np.mean([padded[peaks + 4 + step] for step in (-4, -3, 3, 4)], axis=0)
    return np.asarray(power[peaks] >= beside * db_to_power(NARROW_DB))


def _surroundings(power: NDArray[np.floating], peaks: NDArray[np.int_]) -> NDArray[np.float64]:
    """Median power from an octave below to an octave above each peak, on a grid of twelfths of an octave."""
    octaves = math.log2(power.size - 1)
    grid = np.arange(0, math.ceil(12 * octaves) + 1)
    sampled = power[np.minimum(np.round(2.0 ** (grid / 12.0)).astype(np.int_), power.size - 1)]
    around = np.lib.stride_tricks.sliding_window_view(np.pad(sampled, 12, mode="edge"), 25)
    medians = np.partition(around, 12, axis=1)[:, 12]
    return np.asarray(medians[np.round(12 * np.log2(peaks)).astype(np.int_)], dtype=np.float64)


def frame_fundamental(power: NDArray[np.floating], bin_hz: float, floor_hz: float) -> float:
    """Frequency in Hz of the lowest fundamental in one power spectrum, 0 when nothing in it is a tone."""
    peaks = tone_peaks(power, bin_hz, min(floor_hz, STRONG_FLOOR_HZ))
    if peaks.size == 0:
        return 0.0
    strongest = float(power[peaks].max())
    for peak in peaks.tolist():
        under_db = power_to_db(strongest / float(power[peak]))
        in_range = peak * bin_hz >= floor_hz
        if under_db <= (STRONG_DB if in_range else LOUDEST_DB) or (in_range and _has_harmonics(peaks, peak)):
            return _interpolate(power, peak) * bin_hz
    return 0.0


def _has_harmonics(peaks: NDArray[np.int_], peak: int) -> bool:
    return all(np.abs(peaks - k * peak).min() <= max(1.0, 0.02 * k * peak) for k in (2, 3))


def _interpolate(power: NDArray[np.floating], peak: int) -> float:
    """Position of a peak between bins, by a parabola through the levels in dB."""
    left, mid, right = np.log(np.maximum(power[peak - 1 : peak + 2].astype(np.float64), 1e-30))
    curve = left - 2.0 * mid + right
    return peak + (0.5 * (left - right) / curve if curve < 0.0 else 0.0)


def lowest_note_hz(fundamentals_hz: list[float], powers: list[float]) -> float | None:
    """The lowest note of a track in Hz from one fundamental (0: none) and power per window; None when unsure.

    Windows far below the loudest are left out; so is a pitch that hardly any other window shares (a stray
    peak). Of the rest the 5th percentile is taken.
    """
    hz, power = np.asarray(fundamentals_hz), np.asarray(powers)
    if hz.size == 0 or power.max() <= 0.0:
        return None
    sounding = power >= power.max() * db_to_power(-ACTIVE_DB)
    pitched = hz[sounding & (hz > 0.0)]
    windows = int(sounding.sum())
    if pitched.size < max(min(FEWEST_WINDOWS, windows), TONAL_SHARE * windows):
        return None
    octaves = np.log2(np.sort(pitched))
    reach = 1.0 / 12.0
    near = np.searchsorted(octaves, octaves + reach, "right") - np.searchsorted(
        octaves, octaves - reach, "left"
    )
    kept = octaves[near >= max(min(2, windows), NEIGHBOUR_SHARE * windows)]
    return float(2.0 ** np.percentile(kept, PERCENTILE)) if kept.size else None
