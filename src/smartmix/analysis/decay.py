"""How fast a source dies away when it stops: what tells a dry track from one with a room on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.units import power_to_db

HOP_S = 0.01
START_DB, END_DB = 5.0, 25.0
"""The fall from 5 to 25 dB under the peak is timed and taken three times: T20 of ISO 3382-1."""
LONGEST_FALL_S = 3.0
LOUD_DB = 20.0
"""Only stops from within this of the source's loud level count; the fall then stays over most noise floors."""
NEXT_DB = 3.0
"""A fall that comes up again by this is no free decay."""
FEWEST_FALLS = 5
QUICK_SHARE = 20.0
"""The quick falls tell: a long note hides a room, a room hides no short note (percentile of the falls)."""


def decay_s(energies_10ms: NDArray[np.float64]) -> float | None:
    """Time in which the source falls by 60 dB once it stops (s), from K-weighted energies per 10 ms.

    Every fall of 25 dB without a rise counts; of at least five the quick ones (20th percentile) are taken, since a
    reverb is under every note and bounds the quickest too. None where too little ever stops: pads, drones, noise.
    """
    level = power_to_db(np.maximum(energies_10ms, 1e-12))
    if level.size < 3 or energies_10ms.max() <= 1e-10:
        return None
    loud = float(power_to_db(np.percentile(energies_10ms[energies_10ms > 1e-10], 95.0)))
    falls = [fall for start in _tops(level, loud - LOUD_DB) if (fall := _fall_s(level, start)) is not None]
    return float(np.percentile(falls, QUICK_SHARE)) if len(falls) >= FEWEST_FALLS else None


def _tops(level: NDArray[np.float64], least: float) -> NDArray[np.intp]:
    """Hops that are louder than the one after and no quieter than the one before, and loud enough."""
    inner = level[1:-1]
    return np.flatnonzero((inner >= level[:-2]) & (inner > level[2:]) & (inner >= least)) + 1


def _fall_s(level: NDArray[np.float64], top: int) -> float | None:
    """The 60 dB time of the fall after a top; None when it is broken off or too slow to be told."""
    after = level[top : top + round(LONGEST_FALL_S / HOP_S)]
    below = np.flatnonzero(after <= after[0] - END_DB)
    if below.size == 0:
        return None
    end = int(below[0])
    # Short wiggles are the reverb's own: the lowest level so far may only be left by a little.
    if np.any(after[: end + 1] > np.minimum.accumulate(after[: end + 1]) + NEXT_DB):
        return None
    start = int(np.flatnonzero(after <= after[0] - START_DB)[0])
    span_db = float(after[start] - after[end])
    hops = max(end - start, 1)
    return 60.0 * hops * HOP_S / max(span_db, END_DB - START_DB)


def rings_on_db(
    dry_lufs: NDArray[np.floating], wet_lufs: NDArray[np.floating], *, drop_db: float = 15.0, within: int = 5
) -> float:
    """How much further a mix stays up than the plain sum where the sum has just stopped, dB; 0 when it never stops.

    Frames at 10 Hz; a stop is a drop of ``drop_db`` within ``within`` frames. The difference between the two
    everywhere else is taken off, so their overall levels do not matter.
    """
    frames = min(dry_lufs.size, wet_lufs.size)
    dry, wet = (np.maximum(x[:frames].astype(np.float64), -100.0) for x in (dry_lufs, wet_lufs))
    before = np.array([dry[max(0, i - within) : i + 1].max() for i in range(frames)])
    stopped = dry < before - drop_db
    sounding = (dry > before - 3.0) & (dry > -60.0)
    if stopped.sum() < FEWEST_FALLS or not sounding.any():
        return 0.0
    return float(np.median(wet[stopped] - dry[stopped]) - np.median(wet[sounding] - dry[sounding]))
