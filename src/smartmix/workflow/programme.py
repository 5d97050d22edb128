"""Columns of the before/after table, from facts already measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, TrackFacts
from smartmix.units import power_to_db
from smartmix.workflow.result import Programme

SHORT_TERM_S = 3.0


def programme(name: str, facts: TrackFacts) -> Programme:
    """The figures of one version of the song (any rate; facts of the whole programme)."""
    return Programme(
        name=name,
        loudness=facts.loudness,
        correlation=facts.correlation,
        mono_loss_db=mono_loss_db(facts),
        short_term_lufs=short_term_lufs(facts.features.loudness_lufs),
        spectrum_db=facts.spectrum_db,
    )


def mono_loss_db(facts: TrackFacts) -> float:
    """Level lost when left and right are folded to (L + R) / 2, in dB: 0 for mono, 3 for unrelated sides."""
    left = float(np.sum(facts.features.left_power, dtype=np.float64))
    right = float(np.sum(facts.features.right_power, dtype=np.float64))
    if left + right <= 0.0:
        return 0.0
    common = facts.correlation * np.sqrt(left * right)
    return max(0.0, -power_to_db(max((left + right + 2.0 * common) / (2.0 * (left + right)), 1e-12)))


def short_term_lufs(frame_lufs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Short-term loudness (3 s sliding mean of the 100 ms powers) ending at each frame; -inf in silence."""
    power = np.power(10.0, np.asarray(frame_lufs, dtype=np.float64) / 10.0)
    window = round(SHORT_TERM_S * FRAME_RATE_HZ)
    total = np.concatenate([[0.0], np.cumsum(power)])
    ends = np.arange(1, power.size + 1)
    starts = np.maximum(ends - window, 0)
    mean = (total[ends] - total[starts]) / (ends - starts)
    # The running sum leaves rounding residue in silence: nothing under -120 LUFS is programme.
    mean[mean < 1e-12] = 0.0
    return np.asarray(power_to_db(mean), dtype=np.float32)
