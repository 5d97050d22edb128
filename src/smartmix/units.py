"""Conversions between the units of the trade. Pure numpy, no state."""

from __future__ import annotations

import math
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

SILENCE_DB = -math.inf
"""Level of digital silence, in dB."""
Z80 = 1.2816
"""Half width of an 80 % interval in standard deviations."""


@overload
def db_to_gain(db: float) -> float: ...
@overload
def db_to_gain(db: NDArray[np.floating]) -> NDArray[np.float64]: ...
def db_to_gain(db: ArrayLike) -> float | NDArray[np.float64]:
    """Amplitude factor of a level change in dB: 0 dB is 1, -6.02 dB is about 0.5, -inf dB is 0."""
    gain = np.power(10.0, np.asarray(db, dtype=np.float64) / 20.0)
    return float(gain) if gain.ndim == 0 else gain


@overload
def gain_to_db(gain: float) -> float: ...
@overload
def gain_to_db(gain: NDArray[np.floating]) -> NDArray[np.float64]: ...
def gain_to_db(gain: ArrayLike) -> float | NDArray[np.float64]:
    """Level in dB of an amplitude factor; its sign is dropped and 0 is -inf dB."""
    with np.errstate(divide="ignore"):
        level = 20.0 * np.log10(np.abs(np.asarray(gain, dtype=np.float64)))
    return float(level) if level.ndim == 0 else level


@overload
def power_to_db(power: float) -> float: ...
@overload
def power_to_db(power: NDArray[np.floating]) -> NDArray[np.float64]: ...
def power_to_db(power: ArrayLike) -> float | NDArray[np.float64]:
    """Level in dB of a power (mean square); 0 is -inf dB."""
    with np.errstate(divide="ignore"):
        level = 10.0 * np.log10(np.asarray(power, dtype=np.float64))
    return float(level) if level.ndim == 0 else level


@overload
def db_to_power(db: float) -> float: ...
@overload
def db_to_power(db: NDArray[np.floating]) -> NDArray[np.float64]: ...
def db_to_power(db: ArrayLike) -> float | NDArray[np.float64]:
    """Power (mean square) factor of a level in dB: 0 dB is 1, -3.01 dB is about 0.5, -inf dB is 0."""
    power = np.power(10.0, np.asarray(db, dtype=np.float64) / 10.0)
    return float(power) if power.ndim == 0 else power


def mean_db(levels_db: NDArray[np.floating]) -> float:
    """Level in dB of the mean power of levels (any shape); -inf when there are none or all are silent."""
    return power_to_db(float(np.mean(db_to_power(levels_db)))) if levels_db.size else SILENCE_DB
