"""A curve as bands a person can edit, fitted to what the parametric EQ plays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.errors import SmartmixError
from smartmix.matching.grid import GRID_HZ, Floats, existing
from smartmix.processors import ParametricEQ

MOST_BANDS = 24
_SHAPES = {1: "bell", 2: "low_shelf", 3: "high_shelf"}
MOST_GAIN_DB = 18.0
LEAST_GAIN_DB = 3.0
GAIN_OVER_CURVE = 1.5
"""A band may go this much further than the curve: two that pull against each other are hard to edit (house)."""
MOST_Q = 6.0
HEARD_DB = 0.05
"""A band of less is left out."""


def fit_curve(
    curve_db: Floats,
    sample_rate: float,
    bands: int,
    most_q: float = MOST_Q,
    *,
    rounds: int = 24,
    over_curve: float = GAIN_OVER_CURVE,
) -> ParametricEQ:
    """At most ``bands`` bells and shelves, none sharper than ``most_q``, that come nearest to a curve on ``GRID_HZ``,
    after ``rounds`` of refinement.

    No band goes further than ``over_curve`` times the curve's largest value.

    Figures are rounded as a person would set them: frequency to three digits, gain to 0.01 dB, q to 0.01.
    """
    if not 1 <= bands <= MOST_BANDS:
        raise SmartmixError(f"bands = {bands}: expected 1 to {MOST_BANDS}")
    eq = ParametricEQ()
    there = existing(sample_rate)
    target = curve_db[there]
    if not np.any(np.abs(target) > HEARD_DB):
        return eq
    most = float(np.clip(over_curve * np.abs(target).max(), LEAST_GAIN_DB, MOST_GAIN_DB))
    rows, _, _ = _core.fit_bands(
        GRID_HZ[there],
        target,
        np.ones(target.size),
        sample_rate,
        bands,
        max_gain_db=most,
        max_q=most_q,
        rounds=rounds,
    )
    number = 0
    for shape, hz, gain_db, q in rows:
        if abs(gain_db) < HEARD_DB:
            continue
        number += 1
        band = f"band{number}"
        eq.set(f"{band}.shape", _SHAPES[int(shape)])
        eq.set(f"{band}.freq_hz", float(f"{hz:.3g}"))
        eq.set(f"{band}.gain_db", round(float(gain_db), 2))
        eq.set(f"{band}.q", round(float(q), 2))
    return eq


def response_at(eq: ParametricEQ, hz: NDArray[np.floating], sample_rate: float) -> Floats:
    """The response in dB of the bands as they play at a sample rate."""
    other = ParametricEQ()
    for parameter, value in eq.settings().items():
        other.set(parameter, value)
    other(np.zeros((1, 1), np.float32), sample_rate)
    return other.response_db(np.minimum(hz, 0.5 * sample_rate))
