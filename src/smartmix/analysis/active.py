"""When a source sounds: the one definition of "active" that every level in smartmix rests on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smartmix.units import mean_db

FLOOR_LUFS = -60.0
"""A frame below this never counts as sounding."""
GATE_LU = 22.0
"""A frame further than this below the source's own loud level is spill, tail or noise."""
NOISE_MARGIN_LU = 6.0
SHALLOWEST_GATE_LU = 18.0
"""Steady noise may raise the gate, but never above this far below the loud level: quiet playing must survive."""
LONGEST_GAP_FRAMES = 5
SHORTEST_SPAN_FRAMES = 2


def loud_level(loudness_lufs: NDArray[np.floating]) -> float:
    """The level of a source's loud frames, LUFS: 95th percentile of the frames within 40 LU of its loudest."""
    finite = loudness_lufs[np.isfinite(loudness_lufs)]
    if finite.size == 0:
        return -math.inf
    return float(np.percentile(finite[finite >= finite.max() - 40.0], 95.0))


def active_frames(loudness_lufs: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which frames (10 Hz, K-weighted level in LUFS) hold the source itself and not spill, noise or silence.

    The gate lies GATE_LU under the source's own loud level, higher if steady noise reaches above it, and
    never under FLOOR_LUFS. It depends on the source alone, so it does not move when the source's fader does
    (above the floor).
    """
    loud = loud_level(loudness_lufs)
    if not math.isfinite(loud):
        return np.zeros(loudness_lufs.shape, dtype=np.bool_)
    sounding = loudness_lufs[np.isfinite(loudness_lufs)]
    noise = float(np.percentile(sounding, 10.0)) + NOISE_MARGIN_LU
    gate = max(FLOOR_LUFS, loud - GATE_LU, min(noise, loud - SHALLOWEST_GATE_LU))
    return np.asarray(loudness_lufs >= gate, dtype=np.bool_)


def mean_level(loudness_lufs: NDArray[np.floating], mask: NDArray[np.bool_]) -> float:
    """Power mean of the frames in ``mask``, LUFS; -inf when there is none."""
    return mean_db(loudness_lufs[mask])


def spans(active: NDArray[np.bool_], frame_rate_hz: float) -> tuple[tuple[float, float], ...]:
    """Active frames as (start, end) in seconds; gaps up to half a second are bridged, single frames dropped."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    merged: list[list[int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if merged and start - merged[-1][1] <= LONGEST_GAP_FRAMES:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    return tuple(
        (start / frame_rate_hz, end / frame_rate_hz)
        for start, end in merged
        if end - start >= SHORTEST_SPAN_FRAMES
    )
