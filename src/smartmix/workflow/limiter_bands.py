"""Which part of the spectrum is hitting the limiter: what the mix holds there while it works."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BAND_EDGES_HZ = (0.0, 90.0, 180.0, 350.0, 800.0, 2500.0, 6000.0, np.inf)
"""Kick and bass, their body, low mids, mids, upper mids, presence, air."""


@dataclass(frozen=True, slots=True)
class BandShare:
    """A band's part in the limiting, 0 to 1: its share of the mix's energy while the limiter works, weighted by how
    much it takes. ``low_hz`` is 0 in the lowest band, ``high_hz`` None in the highest.
    """

    low_hz: float
    high_hz: float | None
    share: float


def band_shares(
    band_power: NDArray[np.floating], edges_hz: NDArray[np.floating], weight: NDArray[np.float64]
) -> tuple[BandShare, ...]:
    """Shares of the seven bands of BAND_EDGES_HZ from low to high; none where nothing sounds while it works.

    ``band_power`` (frames, bands) of the mix as it goes into the master, ``edges_hz`` (bands + 1), ``weight``: dB
    taken in each frame, 0 where the limiter rests. A measured band that straddles an edge is divided in
    proportion to its Hz.
    """
    frames = min(len(band_power), weight.size)
    power = weight[:frames] @ band_power[:frames].astype(np.float64)
    total = float(power.sum())
    if total <= 0.0:
        return ()
    shares = _parts(np.asarray(edges_hz, np.float64)) @ power / total
    return tuple(
        BandShare(low, None if np.isinf(high) else high, float(share))
        for low, high, share in zip(BAND_EDGES_HZ[:-1], BAND_EDGES_HZ[1:], shares, strict=True)
    )


def _parts(edges_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of each measured band lies in each of ours (ours, measured)."""
    low, high = edges_hz[:-1], edges_hz[1:]
    ours = np.asarray(BAND_EDGES_HZ)
    inside = np.minimum(high, ours[1:, None]) - np.maximum(low, ours[:-1, None])
    return np.asarray(np.maximum(inside, 0.0) / (high - low))
