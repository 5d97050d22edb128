"""Where something begins: how fast the level rises in the octave groups, 100 times a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.growing import Growing

ONSET_RATE_HZ = 100.0
LOW_GROUPS = 2
"""Under 500 Hz: where a bar's kicks repeat, the eighths of a hat do not hide it."""
LAG_HOPS = 2
"""A rise is counted against 20 ms before: attacks take that long, and slow swells less of it."""
SMOOTH_HOPS = 3
"""Power is averaged over 30 ms first, so that the waves of a low note are not taken for hits."""
FLOOR_SHARE = 1e-4
"""Levels are read no deeper than 40 dB under the group's recent loudest: a rise out of silence is not endless."""
FORGET_PER_HOP = 0.5 ** (1.0 / 500.0)
"""The recent loudest fades by half (3 dB) in 5 s."""


class OnsetCurve:
    """The onset curves of a source, from the group powers of its hops; only the curves themselves are kept."""

    def __init__(self) -> None:
        self._rises = Growing((2,), np.float32)
        self._powers = np.zeros((0, 0))
        self._loudest = np.zeros(0)

    def push(self, groups: NDArray[np.float32]) -> None:
        """Take in the powers (hops, groups) of the next hops."""
        count = groups.shape[1]
        if self._powers.size == 0:
            self._powers = np.zeros((SMOOTH_HOPS - 1 + LAG_HOPS, count))
            self._loudest = np.zeros(count)
        powers = np.concatenate((self._powers, groups.astype(np.float64)))
        parts = [powers[k : len(powers) - SMOOTH_HOPS + 1 + k] for k in range(SMOOTH_HOPS)]
        smooth = np.asarray(np.mean(parts, axis=0), dtype=np.float64)
        floor = self._floors(smooth[LAG_HOPS:])
        safe = np.maximum(floor, np.finfo(np.float64).tiny)
        rise = np.maximum(np.log10((smooth[LAG_HOPS:] + safe) / (smooth[:-LAG_HOPS] + safe)), 0.0)
        rise[floor <= 0.0] = 0.0
        self._rises.append(
            np.stack((rise[:, :LOW_GROUPS].sum(axis=1), rise[:, LOW_GROUPS:].sum(axis=1)), axis=1)
        )
        self._powers = powers[-(SMOOTH_HOPS - 1 + LAG_HOPS) :]

    def curves(self) -> list[NDArray[np.float32]]:
        """Rises per hop in bels, of the low groups (kick, bass) and of the others (snare, hats)."""
        rises = self._rises.all()
        return [rises[:, 0], rises[:, 1]]

    def _floors(self, smooth: NDArray[np.float64]) -> NDArray[np.float64]:
        """FLOOR_SHARE of each group's fading maximum, hop by hop."""
        fade = FORGET_PER_HOP ** np.arange(1, len(smooth) + 1)[:, np.newaxis]
        held = np.maximum.accumulate(smooth / fade, axis=0) * fade
        held = np.maximum(held, self._loudest * fade)
        self._loudest = held[-1] if len(held) else self._loudest
        return np.asarray(held * FLOOR_SHARE)
