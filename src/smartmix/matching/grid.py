"""The frequencies a tone is known at, and averages over octaves of them."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS_PER_OCTAVE = 24
FIRST, LAST = -136, 104
"""Steps of a 24th octave from 1 kHz: 19.7 Hz to 20.2 kHz."""
HIGHEST_SHARE = 0.49
"""A band whose upper edge is over this share of the sample rate does not exist."""

GRID_HZ: Floats = 1000.0 * 2.0 ** (np.arange(FIRST, LAST + 1) / POINTS_PER_OCTAVE)
"""Centres (241,) of the bands, Hz."""
EDGES_HZ: Floats = 1000.0 * 2.0 ** ((np.arange(FIRST, LAST + 2) - 0.5) / POINTS_PER_OCTAVE)
GRID_HZ.setflags(write=False)
EDGES_HZ.setflags(write=False)


def existing(sample_rate: float) -> NDArray[np.bool_]:
    """Which bands (241,) a recording at this rate can have."""
    return np.asarray(EDGES_HZ[1:] <= HIGHEST_SHARE * sample_rate)


def between(low: tuple[float, float], high: tuple[float, float]) -> Floats:
    """At each band a value held at ``low`` = (Hz, value) below, ``high`` above, straight in octaves between."""
    return np.asarray(np.interp(np.log2(GRID_HZ), np.log2([low[0], high[0]]), [low[1], high[1]]))


NARROW: Floats = between((100.0, 1.0 / 2.0), (200.0, 1.0 / 3.0))
"""Width in octaves that shows resonances (house)."""
WIDE: Floats = between((1000.0, 1.0), (4000.0, 1.0 / 2.0))
"""Width in octaves that does not show which notes were played (house)."""
OCTAVE: Floats = np.ones(GRID_HZ.size)


def averaged(values: Floats, widths: Floats, there: NDArray[np.bool_]) -> Floats:
    """Averages of values (241,) over neighbours that are ``there``; 0 where there are none.

    Weights are half a cosine, 1/2 + 1/2 cos(pi d / W) at d octaves: width W at half height. Shifted by W they add
    up to one, so that partials W apart read level wherever they lie.
    """
    weights = _weights(widths.tobytes()) * there
    total = weights.sum(axis=1)
    return np.asarray((weights @ np.where(there, values, 0.0)) / np.where(total > 0.0, total, 1.0))


@functools.lru_cache(maxsize=8)
def _weights(widths: bytes) -> Floats:
    wide = np.frombuffer(widths)[:, np.newaxis]
    steps = np.arange(GRID_HZ.size)
    apart = np.abs(steps[:, np.newaxis] - steps) / POINTS_PER_OCTAVE
    return np.where(apart < wide, 0.5 + 0.5 * np.cos(np.pi * apart / wide), 0.0)


def at_hz(curve: Floats, hz: NDArray[np.floating]) -> Floats:
    """A curve on the grid at other frequencies: straight in octaves, 0 beyond the grid."""
    octaves = np.log2(np.maximum(np.asarray(hz, np.float64), 1e-3))
    return np.asarray(np.interp(octaves, np.log2(GRID_HZ), curve, left=0.0, right=0.0))
