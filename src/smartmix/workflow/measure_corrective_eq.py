"""What a corrective cut did to a track: the peak or the bulge against its surroundings, before and after."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from smartmix.analysis.bulge import find_bulge
from smartmix.analysis.fine_spectrum import FineSpectrum, FineSpectrumMeter
from smartmix.analysis.resonance import over_surroundings_db
from smartmix.audio import Samples
from smartmix.figures import hertz, number
from smartmix.units import mean_db

LEAST_DB = 1.0
"""A cut that lowers the peak by less did nothing one can hear (house)."""
DIP_DB = -1.5
"""A peak that became a hole this deep was none (house)."""
MOST_LOST_LU = 1.0
"""What the whole track may lose: more, and it was no fault but the sound (house)."""

Result = tuple[str, bool]


def resonance_outcome(
    before: Iterable[Samples], after: Iterable[Samples], sample_rate: int, band_hz: tuple[float, float]
) -> Result:
    """In words, and whether the peak in ``band_hz`` is lower without having become a hole."""
    was, now = _spectrum(before, sample_rate), _spectrum(after, sample_rate)
    if was is None or now is None:
        return "the track is silent", False
    hz = float(np.sqrt(band_hz[0] * band_hz[1]))
    old, new = _peak_db(was, hz), _peak_db(now, hz)
    text = (
        f"peak at {hertz(hz)}: {number(new - old, plus=True)} dB against its surroundings "
        f"({number(new)} dB over them instead of {number(old)})"
    )
    lost = mean_db(was.levels_db) - mean_db(now.levels_db)
    return text, bool(old - new >= LEAST_DB and new >= DIP_DB and lost <= MOST_LOST_LU)


def bulge_outcome(
    before: Iterable[Samples], after: Iterable[Samples], sample_rate: int, band_hz: tuple[float, float]
) -> Result:
    """In words, and whether the region stands out less and not less than what is beside it."""
    was, now = _spectrum(before, sample_rate), _spectrum(after, sample_rate)
    old = find_bulge(was, *band_hz) if was is not None else None
    new = find_bulge(now, *band_hz) if now is not None else None
    if old is None or new is None:
        return "too little spectrum to compare", False
    change = new.over_sides_db - old.over_sides_db
    text = (
        f"{hertz(band_hz[0])} to {hertz(band_hz[1])}: {number(change, plus=True)} dB against both sides "
        f"({number(new.over_sides_db)} dB over them instead of {number(old.over_sides_db)})"
    )
    return text, bool(-change >= 0.5 * LEAST_DB and new.over_sides_db >= 0.0)


def _spectrum(blocks: Iterable[Samples], sample_rate: int) -> FineSpectrum | None:
    meter = FineSpectrumMeter(sample_rate)
    for block in blocks:
        meter.push(block)
    return meter.facts()


def _peak_db(spectrum: FineSpectrum, hz: float) -> float:
    """Median level over the surroundings at a frequency, the highest of the bands within 1/12 octave."""
    over = over_surroundings_db(spectrum.levels_db)
    near = np.abs(np.log2(spectrum.band_hz / hz)) <= 1.0 / 12.0
    values = np.median(over[:, near], axis=0)
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else 0.0
