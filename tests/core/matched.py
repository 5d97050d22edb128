"""The equaliser's shapes by other means than the code's: analog prototypes, and the matched designs solved numerically.

The code has closed forms in tan(w / 2). Here the same conditions (docs/dsp/parametric_eq.md) are a linear system, the
power is factored into poles and zeros, and the result is a scipy second-order section in z.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

EDGE, BELL_EASE, SHELF_EASE, TILT_EASE, SHELF_NODE, TILT_NODE = 7.0 / 3.0, 0.8, 0.97, 0.9, 0.97, 0.7
RESONANCE, SPREAD, SPREAD_Q, MOST_MISSING = 15.0, 0.19, 2.5, 0.15


def analog(shape: str, gain_db: float, q: float) -> tuple[list[float], list[float]]:
    """Numerator and denominator in s, normalised to the centre; R. Bristow-Johnson's prototypes, and the tilt."""
    a = 10.0 ** (gain_db / 40.0)
    root = np.sqrt(a) / q
    return {
        "bell": ([1, a / q, 1], [1, 1 / (a * q), 1]),
        "low_shelf": ([a, a * root, a * a], [a, root, 1]),
        "high_shelf": ([a * a, a * root, a], [1, root, a]),
        "notch": ([1, 0, 1], [1, 1 / q, 1]),
        "low_pass": ([1], [1, 1 / q, 1]),
        "high_pass": ([1, 0, 0], [1, 1 / q, 1]),
        "tilt": ([a, 1], [1, a]),
    }[shape]


def analog_db(shape: str, hz: float, gain_db: float, q: float, at_hz: np.ndarray) -> np.ndarray:
    response = signal.freqs(*analog(shape, gain_db, q), worN=np.asarray(at_hz) / hz)[1]
    return 20.0 * np.log10(np.abs(response) + 1e-30)


def analog_power(shape: str, gain_db: float, q: float, x: float) -> float:
    return float(np.abs(signal.freqs(*analog(shape, gain_db, q), worN=[np.sqrt(x)])[1][0]) ** 2)


def band_pass(radians: float, q: float) -> tuple[np.ndarray, np.ndarray]:
    """The matched band-pass: power numerator and denominator in x = tan^2(w / 2), lowest order first."""
    n = (np.pi / radians) ** 2
    top = 1.0 / (1.0 + BELL_EASE * q * q * (1.0 - n) ** 2 / n)
    low = min(root for root in np.roots([1.0, -(2.0 + EDGE / q**2), 1.0]).real)
    centre = np.tan(radians / 2.0) ** 2
    x = np.tan(radians * np.sqrt(low) / 2.0) ** 2 / centre
    part = 1.0 / (1.0 + EDGE)
    # Unknown: constant and linear term below, linear term above; x in units of the centre's.
    rows = [[1.0, 1.0, -1.0], [0.0, 1.0, -1.0], [part, part * x, -x]]
    values = [top - 1.0, 2.0 * top - 2.0, (top - part) * x * x]
    c, d, n1 = np.linalg.solve(rows, values)
    return (
        np.array([0.0, n1 * centre, top]),
        np.array([c * centre**2, d * centre, 1.0]),
    )


def factors(power: np.ndarray) -> np.ndarray:
    """The polynomial in t, highest order first, without roots to the right, whose power on t = j sqrt(x) this is."""
    low, mid, high = power
    ends = np.sqrt(np.maximum([high, low], 0.0))
    return np.array([ends[0], np.sqrt(max(0.0, mid + 2.0 * ends[0] * ends[1])), ends[1]])


def section(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """t = (1 - z) / (1 + z), z the delay: one row for scipy."""
    basis = np.array([[1.0, -2.0, 1.0], [1.0, 0.0, -1.0], [1.0, 2.0, 1.0]])
    b, a = numerator @ basis, denominator @ basis
    return np.array([[*b, *a]]) / a[0]


def peak(radians: float, power: float, q: float) -> tuple[np.ndarray, np.ndarray]:
    above, below = band_pass(radians, q)
    return factors(below + (power - 1.0) * above), factors(below)


def low_shelf(radians: float, gain_db: float, q: float) -> tuple[np.ndarray, np.ndarray]:
    a = 10.0 ** (gain_db / 40.0)
    below = factors(band_pass(radians / np.sqrt(a), q)[1])
    far = min(radians * np.sqrt(a), 0.9999 * np.pi)
    zeros = factors(band_pass(far, q)[1])
    n = (np.pi / far) ** 2
    distance = (1.0 - n) ** 2 / n
    resonant = np.sqrt(distance / (RESONANCE / q**2 + distance))
    top = np.sqrt(analog_power("low_shelf", gain_db, q, (SHELF_EASE * np.pi / radians) ** 2))
    kept = a * a * below[2] / zeros[2]
    missing = np.clip((top - kept) / (top + kept), -MOST_MISSING, MOST_MISSING)
    up = 2.0 / (1.0 - SPREAD * missing / (q + SPREAD_Q)) - 1.0
    below *= [1.0, up, up**2]
    zeros /= [1.0, up, up**2]
    zeros *= a * a * below[2] / zeros[2]
    top += resonant * (zeros[0] - top)
    x = np.tan(SHELF_NODE * radians / 2.0) ** 2
    level = analog_power("low_shelf", gain_db, q, SHELF_NODE**2)
    there = level * np.abs(np.polyval(below, 1j * np.sqrt(x))) ** 2
    middle = np.sqrt(max(0.0, (there - (a * a * below[2] - top * x) ** 2) / x))
    return np.array([top, middle + resonant * (zeros[1] - middle), a * a * below[2]]), below


def tilt(radians: float, gain_db: float) -> tuple[np.ndarray, np.ndarray]:
    low, node, high = (
        analog_power("tilt", gain_db, 1.0, x) for x in (0.0, TILT_NODE**2, (TILT_EASE * np.pi / radians) ** 2)
    )
    x = np.tan(TILT_NODE * radians / 2.0) ** 2
    pole = np.sqrt(x * (high - node) / (node - low))
    second = [1.0, pole]  # a pole cancelled by a zero
    return np.polymul([np.sqrt(high), np.sqrt(low) * pole], second), np.polymul([1.0, pole], second)


def matched(shape: str, hz: float, gain_db: float, q: float, rate: float) -> np.ndarray:
    """One scipy second-order section for a bell, shelf, notch or tilt."""
    radians = 2.0 * np.pi * min(hz / rate, 0.49)
    size = abs(gain_db)
    a = 10.0 ** (size / 40.0)
    if shape == "notch":
        return section(*peak(radians, 0.0, q))
    if shape == "bell":
        above, below = peak(radians, a**4, q * a)
    elif shape == "tilt":
        above, below = tilt(radians, size)
    else:
        above, below = low_shelf(radians, size, q)
        if shape == "high_shelf":
            above, below = below * a * a, above
    return section(above, below) if gain_db > 0.0 else section(below, above)
