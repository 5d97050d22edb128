"""Columns of the before/after table, from facts already measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, TrackFacts
from smartmix.analysis.stereo import mono_loss_db
from smartmix.units import db_to_power, power_to_db
from smartmix.workflow.result import Programme

SHORT_TERM_S = 3.0


def programme(name: str, facts: TrackFacts) -> Programme:
    """The figures of one version of the song (any rate; facts of the whole programme)."""
    sides = facts.features.left_power, facts.features.right_power
    return Programme(
        name=name,
        loudness=facts.loudness,
        correlation=facts.correlation,
        mono_loss_db=mono_loss_db(facts.correlation, *(_energy(side) for side in sides)),
        short_term_lufs=short_term_lufs(facts.features.loudness_lufs),
        spectrum_db=facts.spectrum_db,
        width_db=facts.width_db,
        crest_by_band_db=facts.crest_by_band_db,
    )


def _energy(power: NDArray[np.float32]) -> float:
    return float(np.sum(power, dtype=np.float64))


def short_term_lufs(frame_lufs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Short-term loudness (3 s sliding mean of the 100 ms powers) ending at each frame; -inf in silence."""
    power = db_to_power(frame_lufs)
    window = round(SHORT_TERM_S * FRAME_RATE_HZ)
    total = np.concatenate([[0.0], np.cumsum(power)])
    ends = np.arange(1, power.size + 1)
    starts = np.maximum(ends - window, 0)
    mean = (total[ends] - total[starts]) / (ends - starts)
    # The running sum leaves rounding residue in silence: nothing under -120 LUFS is programme.
    mean[mean < 1e-12] = 0.0
    return np.asarray(power_to_db(mean), dtype=np.float32)
