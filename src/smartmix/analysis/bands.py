"""The ERB bands every spectrum in smartmix is cut into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BANDS = 40
LOWEST_EDGE_HZ = 30.0
HIGHEST_EDGE_HZ = 16_000.0
HIGHEST_EDGE_SHARE = 0.45
"""The top edge is HIGHEST_EDGE_HZ, or this share of the sample rate where that is lower."""


def erb_number(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """ERB-rate of a frequency in Hz (Glasberg and Moore 1990, 21.4 log10(1 + 0.00437 f))."""
    return 21.4 * np.log10(1.0 + 0.00437 * hz)


def erb_bands(sample_rate: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centres (BANDS,) and edges (BANDS + 1,) in Hz of bands equally wide on the ERB-rate scale.

    They run from 30 Hz to 16 kHz, or to 0.45 of a low sample rate. Below 30 Hz is rumble, measured on its
    own.
    """
    top_hz = min(HIGHEST_EDGE_HZ, HIGHEST_EDGE_SHARE * sample_rate)
    low, high = erb_number(np.array([LOWEST_EDGE_HZ, top_hz]))
    numbers = np.linspace(low, high, 2 * BANDS + 1)
    hz = (np.power(10.0, numbers / 21.4) - 1.0) / 0.00437
    return hz[1::2].astype(np.float32), hz[::2].astype(np.float32)


def edge_bins(sample_rate: float, window_frames: int) -> NDArray[np.float64]:
    """The band edges counted in FFT bins (bin k covers k to k + 1), for ``sum_bands``."""
    edges = erb_bands(sample_rate)[1].astype(np.float64)
    return np.minimum(edges * window_frames / sample_rate + 0.5, window_frames // 2 + 0.999)


def sum_bands(spectrum: NDArray[np.floating], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bin powers (..., bins) added up to band powers (..., BANDS).

    A bin that straddles an edge is shared in proportion, so that the bands add up to the spectrum between the
    edges.
    """
    whole = edges.astype(np.int_)
    at_edges = spectrum[..., whole]
    sums = np.add.reduceat(spectrum[..., : whole[-1] + 1], whole[:-1], axis=-1).astype(np.float64)
    sums[..., -1] -= at_edges[..., -1]
    parts = (edges - whole) * at_edges
    return np.asarray(sums + np.diff(parts, axis=-1))
