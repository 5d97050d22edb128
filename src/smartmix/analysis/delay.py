"""Delay and polarity between two pick-ups of one source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WHITENING = 0.8
"""GCC-PHAT^0.8: full whitening lets the noise-only bins vote as loudly as the rest."""
LOW_HZ = 80.0
HIGH_HZ = 8_000.0
STEPS = 2
"""Interpolation of the correlation, steps per frame; a parabola does the rest."""


@dataclass(frozen=True, slots=True)
class Delay:
    """``frames`` the second comes after the first (fractional), ``polarity`` +1 or -1, and how many times the
    peak stands over the next one outside its own lobe (``clearness``; about 1 when the two are unrelated).
    """

    frames: float
    polarity: int
    clearness: float


def find_delay(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    sample_rate: float,
    *,
    longest_ms: float = 40.0,
    earliest_ms: float | None = None,
) -> Delay:
    """How late ``second`` is against ``first`` (mono arrays of equal length), by generalised
    cross-correlation.

    Knapp and Carter 1976 with partial whitening, 80 Hz to 8 kHz, to 0.1 frame, between ``earliest_ms`` (default
    -``longest_ms``) and ``longest_ms``. Unrelated or silent: clearness <= 1.
    """
    if not (np.any(first) and np.any(second)):
        return Delay(0.0, 1, 0.0)
    from scipy import fft

    size = fft.next_fast_len(2 * first.size, real=True)
    cross = fft.rfft(second, size) * np.conj(fft.rfft(first, size))
    hz = np.fft.rfftfreq(size, 1.0 / sample_rate)
    weight = np.abs(cross) ** WHITENING + 1e-9 * np.abs(cross).max()
    cross = np.where((hz > LOW_HZ) & (hz < HIGH_HZ), cross / weight, 0.0)
    first_lag, last_lag = (
        int(np.clip(ms * 1e-3 * sample_rate, 1 - first.size, first.size - 1)) * STEPS
        for ms in (-longest_ms if earliest_ms is None else earliest_ms, longest_ms)
    )
    correlation = fft.irfft(cross, size * STEPS)[np.arange(first_lag, last_lag + 1)]
    magnitude = np.abs(correlation)
    peak = int(np.argmax(magnitude))
    lobe = round(sample_rate * 1e-3) * STEPS
    others = np.delete(magnitude, np.arange(max(0, peak - lobe), min(magnitude.size, peak + lobe + 1)))
    next_peak = float(others.max()) if others.size else 0.0
    clearness = float(magnitude[peak]) / next_peak if next_peak > 0.0 else 1.0
    sign = 1 if correlation[peak] >= 0 else -1
    return Delay((first_lag + peak + _crown(magnitude, peak)) / STEPS, sign, clearness)


def _crown(magnitude: NDArray[np.float64], peak: int) -> float:
    """Where between the steps a peak has its top, -0.5..0.5, by a parabola."""
    if not 0 < peak < magnitude.size - 1:
        return 0.0
    left, mid, right = magnitude[peak - 1 : peak + 2].tolist()
    curve = left - 2.0 * mid + right
    return float(0.5 * (left - right) / curve) if curve < 0.0 else 0.0
