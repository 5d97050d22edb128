"""The lowest note a track plays: where a high-pass may begin to bite."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smartmix.units import db_to_power

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


def tone_masks(power: NDArray[np.floating], bin_hz: float, floor_hz: float) -> NDArray[np.bool_]:
    """Which bins are tones in each power spectrum (windows, bins): local maxima PROMINENCE_DB over the median of the
    octaves around.
    """
    peaks = np.zeros(power.shape, dtype=np.bool_)
    peaks[:, 1:-1] = (power[:, 1:-1] > power[:, :-2]) & (power[:, 1:-1] >= power[:, 2:])
    hz = np.arange(power.shape[1]) * bin_hz
    peaks[:, hz < floor_hz] = False
    strongest = np.max(power, axis=1, keepdims=True, where=peaks, initial=0.0)
    peaks &= power >= strongest * db_to_power(-WEAK_DB)
    peaks &= power >= db_to_power(PROMINENCE_DB) * _surroundings(power)
    return peaks & (_narrow(power) | (hz >= RUMBLE_HZ))


def _narrow(power: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether a peak is a line: NARROW_DB down three and four bins away, where band noise is as strong as ever."""
    bins = power.shape[1]
    padded = np.pad(power, ((0, 0), (4, 4)), mode="edge")
    beside = sum(padded[:, 4 + step : 4 + step + bins] for step in (-4, -3, 3, 4)) / 4.0
    return np.asarray(power >= beside * db_to_power(NARROW_DB))


def _surroundings(power: NDArray[np.floating]) -> NDArray[np.floating]:
    """Median power from an octave below to an octave above each bin, on a grid of twelfths of an octave."""
    bins = power.shape[1]
    grid = np.arange(0, math.ceil(12 * math.log2(bins - 1)) + 1)
    sampled = power[:, np.minimum(np.round(2.0 ** (grid / 12.0)).astype(np.int_), bins - 1)]
    padded = np.pad(sampled, ((0, 0), (12, 12)), mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 25, axis=1)
    medians = np.partition(around, 12, axis=2)[:, :, 12]
    nearest = np.round(12 * np.log2(np.maximum(np.arange(bins), 1))).astype(np.int_)
    return np.asarray(medians[:, np.minimum(nearest, grid.size - 1)])


def fundamentals(power: NDArray[np.floating], bin_hz: float, floor_hz: float) -> list[float]:
    """Frequency in Hz of the lowest fundamental in each power spectrum (windows, bins), 0 where nothing is a tone."""
    masks = tone_masks(power, bin_hz, min(floor_hz, STRONG_FLOOR_HZ))
    return [
        _lowest_fundamental(row, np.flatnonzero(mask), bin_hz, floor_hz)
        for row, mask in zip(power, masks, strict=True)
    ]


def _lowest_fundamental(
    power: NDArray[np.floating], peaks: NDArray[np.int_], bin_hz: float, floor_hz: float
) -> float:
    strongest = float(power[peaks].max(initial=0.0))
    for peak in peaks.tolist():
        ratio = strongest / float(power[peak])
        in_range = peak * bin_hz >= floor_hz
        if ratio <= db_to_power(STRONG_DB if in_range else LOUDEST_DB) or (
            in_range and _has_harmonics(peaks, peak)
        ):
            return _interpolate(power, peak) * bin_hz
    return 0.0


def _has_harmonics(peaks: NDArray[np.int_], peak: int) -> bool:
    return all(np.abs(peaks - k * peak).min() <= max(1.0, 0.02 * k * peak) for k in (2, 3))


def _interpolate(power: NDArray[np.floating], peak: int) -> float:
    """Position of a peak between bins, by a parabola through the levels in dB."""
    left, mid, right = np.log(np.maximum(power[peak - 1 : peak + 2].astype(np.float64), 1e-30))
    curve = left - 2.0 * mid + right
    return peak + (0.5 * (left - right) / curve if curve < 0.0 else 0.0)


def lowest_note_hz(fundamentals_hz: ArrayLike, powers: ArrayLike) -> float | None:
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
