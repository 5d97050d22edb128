"""Mains hum: lines at 50 or 60 Hz and their multiples, in the pauses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Problem
from smartmix.analysis.features import SourceMeter
from smartmix.session.session import Track
from smartmix.units import db_to_power, power_to_db

EXCESS_DB = 12.0
"""A mains harmonic counts when it stands this far over its surroundings in every quiet window."""
FEWEST_HARMONICS = 2
PAUSE_DB = 15.0
"""Windows this far under the loud ones count as pauses."""
LOWEST_DB = -90.0
SERIOUS_DB = -55.0


def hum(track: Track, meter: SourceMeter) -> Problem | None:
    """Mains hum in the pauses of a source with its level, or None."""
    powers = np.asarray(meter.low.powers)
    quiet = meter.low.quiet()
    if powers.size < 8 or quiet.shape[0] < 4:
        return None
    pauses = quiet[quiet.sum(axis=1) <= np.percentile(powers, 90.0) * db_to_power(-PAUSE_DB)]
    if pauses.shape[0] < 4:
        return None
    spectrum = np.percentile(pauses, 25.0, axis=0)
    best = max((mains_hum(spectrum, meter.low.bin_hz, hz) for hz in (50.0, 60.0)), key=lambda lines: lines[0])
    level = power_to_db(best[2])
    if best[0] < FEWEST_HARMONICS or level < LOWEST_DB:
        return None
    text = (
        f"{track.name}: {best[1]:.0f} Hz mains hum in the pauses at {level:.0f} dBFS ({best[0]} harmonics). "
        "Cut the pauses or notch it before heavy compression brings it up"
    )
    return Problem("hum", track.id, text, level, "dBFS", serious=level > SERIOUS_DB)


def mains_hum(power: NDArray[np.floating], bin_hz: float, mains_hz: float) -> tuple[int, float, float]:
    """(harmonics found, mains frequency, hum power) in a power spectrum of pauses.

    A harmonic 1..8 counts when its peak lies on the bin of k times the mains frequency and stands
    EXCESS_DB over the median around it. The fundamental or the second harmonic must be one of them;
    harmonics 1 and 2 alone are not enough unless both are there, since a bass note may lie near one of them.
    """
    hits, total = [], 0.0
    for k in range(1, 9):
        bin_ = round(k * mains_hz / bin_hz)
        if bin_ + 10 >= power.size:
            break
        around = np.concatenate((power[max(1, bin_ - 9) : max(1, bin_ - 3)], power[bin_ + 4 : bin_ + 10]))
        near = power[max(1, bin_ - 3) : bin_ + 4]
        on_bin = int(np.argmax(near)) + max(1, bin_ - 3) == bin_
        if on_bin and power[bin_] > np.median(around) * db_to_power(EXCESS_DB):
            hits.append(k)
            total += float(power[bin_ - 1 : bin_ + 2].sum())
    found = len(hits) if hits and hits[0] <= 2 else 0
    return found, mains_hz, total
