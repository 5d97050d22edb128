"""Mud, boxiness, harshness: where a track's own spectrum bulges against its own smooth trend, and stays so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.fine_spectrum import BANDS_PER_OCTAVE, FineSpectrum
from smartmix.units import power_to_db

PER_THIRD = BANDS_PER_OCTAVE // 3
LOWEST_HZ, HIGHEST_HZ = 100.0, 9000.0
"""The trend is drawn over these (house)."""
EDGE = 2.0 ** (1.0 / 6.0)
SIDE_OCTAVES = 1.2
"""How far to either side the spectrum is compared with the region."""
DEEPEST_DB = 55.0
"""Bands further under the strongest say nothing about the trend."""
FEWEST_BANDS = 7
FEWEST_FRAMES = 24
TINY = 1e-13


@dataclass(frozen=True, slots=True)
class Bulge:
    """How a region of a track's spectrum stands out.

    ``over_trend_db``: its mean over a smooth curve (quadratic in octaves) through the rest of the spectrum.
    ``over_sides_db``: over the louder of the 1.2 octaves to either side. ``usually_over_db``: over the trend of each
    frame, in three frames out of four. ``hz``: the third octave that stands out most; ``q``: width of the bulge.
    """

    hz: float
    q: float
    over_trend_db: float
    over_sides_db: float
    usually_over_db: float


def find_bulge(spectrum: FineSpectrum, low_hz: float, high_hz: float) -> Bulge | None:
    """The region ``low_hz`` .. ``high_hz`` of a track; None where there is too little spectrum for a trend."""
    hz, levels = thirds(spectrum)
    if levels.shape[0] < FEWEST_FRAMES:
        return None
    inside = (hz >= low_hz / EDGE) & (hz <= high_hz * EDGE)
    mean = power_to_db(np.power(10.0, levels / 10.0).mean(axis=0))
    trend = _trend(hz, mean, inside)
    below = ~inside & (hz < low_hz) & (hz >= low_hz / 2.0**SIDE_OCTAVES)
    above = ~inside & (hz > high_hz) & (hz <= high_hz * 2.0**SIDE_OCTAVES)
    if trend is None or not (inside.any() and below.any() and above.any()):
        return None
    frames = [
        (row - curve)[inside].mean() for row in levels if (curve := _trend(hz, row, inside)) is not None
    ]
    if len(frames) < FEWEST_FRAMES:
        return None
    over = np.where(inside, mean - trend, -np.inf)
    peak = int(np.argmax(over))
    wide = int(np.count_nonzero(over[inside] >= 0.5 * over[peak]))
    return Bulge(
        hz=float(hz[peak]),
        q=float(np.clip(3.0 / max(1, wide), 0.7, 3.0)),
        over_trend_db=float(over[inside].mean()),
        over_sides_db=float(mean[inside].mean() - max(mean[below].mean(), mean[above].mean())),
        usually_over_db=float(np.percentile(frames, 25.0)),
    )


def thirds(spectrum: FineSpectrum) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres (bands,) in Hz and levels (frames, bands) in dB of the third octaves."""
    count = spectrum.band_hz.size // PER_THIRD
    power = np.power(10.0, spectrum.levels_db[:, : count * PER_THIRD].astype(np.float64) / 10.0)
    summed = power.reshape(power.shape[0], count, PER_THIRD).sum(axis=2)
    centres = np.exp(np.log(spectrum.band_hz[: count * PER_THIRD]).reshape(count, PER_THIRD).mean(axis=1))
    return centres, np.asarray(power_to_db(np.maximum(summed, TINY)))


def _trend(
    hz: NDArray[np.float64], level_db: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """A quadratic in octaves through the bands outside the region."""
    used = (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ) & ~inside & (level_db > level_db.max() - DEEPEST_DB)
    if np.count_nonzero(used) < FEWEST_BANDS:
        return None
    octaves = np.log2(hz / 1000.0)
    powers = np.stack([np.ones_like(octaves), octaves, octaves * octaves], axis=1)
    return np.asarray(powers @ np.linalg.lstsq(powers[used], level_db[used], rcond=None)[0])
