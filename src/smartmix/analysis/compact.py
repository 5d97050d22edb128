"""Powers over time in two bytes each: an hour of sixteen tracks must fit in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOWEST_DB = -200.0
STEPS_PER_DB = 256.0
"""1/256 dB: half a step is 0.002 dB, 0.05 % of the power. The range ends 56 dB over full scale."""

Codes = NDArray[np.uint16]


def encode_power(power: NDArray[np.floating]) -> Codes:
    """Mean squares (any shape) as levels in steps of 1/256 dB from -200 dB; 0 is no power at all."""
    with np.errstate(divide="ignore"):
        level = 10.0 * np.log10(power)
    steps = np.clip(np.rint((level - LOWEST_DB) * STEPS_PER_DB), 0.0, 65_534.0) + 1.0
    return np.where(power > 0.0, steps, 0.0).astype(np.uint16)


def _decoded() -> NDArray[np.float32]:
    level = LOWEST_DB + (np.arange(65_536) - 1.0) / STEPS_PER_DB
    power = np.power(10.0, level / 10.0)
    power[0] = 0.0
    return np.asarray(power, dtype=np.float32)


_POWERS = _decoded()


def decode_power(codes: Codes) -> NDArray[np.float32]:
    """The mean squares again, to 0.05 %."""
    return np.asarray(_POWERS[codes])
