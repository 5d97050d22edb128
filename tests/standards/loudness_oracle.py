"""The loudness model once more in numpy and scipy, written from the formulas of the paper and not from the C++.

Every step can be spoiled (``fault``), so that the tests can show what they would catch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

Array = NDArray[np.float64]

CAMS = 1.8 + 0.1 * np.arange(372)
HZ = (10.0 ** (CAMS / 21.366) - 1.0) / 0.004368

# Hz, free field to eardrum in dB, eardrum to cochlea (attenuation) in dB
EAR_ROWS = [
    *[(20, 0, 39.6), (25, 0, 32), (31.5, 0, 25.85), (40, 0, 21.4), (50, 0, 18.5)],
    *[(63, 0, 15.9), (80, 0, 14.1), (100, 0, 12.4), (125, 0.1, 11), (160, 0.3, 9.6)],
    *[(200, 0.5, 8.3), (250, 0.9, 7.4), (315, 1.4, 6.2), (400, 1.6, 4.8), (500, 1.7, 3.8)],
    *[(630, 2.5, 3.3), (750, 2.7, 2.9), (800, 2.6, 2.6), (1000, 2.6, 2.6), (1250, 3.2, 4.5)],
    *[(1500, 5.2, 5.4), (1600, 6.6, 6.1), (2000, 12, 8.5), (2500, 16.8, 10.4), (3000, 15.3, 7.3)],
    *[(3150, 15.2, 7), (4000, 14.2, 6.6), (5000, 10.7, 7), (6000, 7.1, 9.2), (6300, 6.4, 10.2)],
    *[(8000, 1.8, 12.2), (9000, -0.9, 10.8), (10000, -1.6, 10.1), (11200, 1.9, 12.7), (12500, 4.9, 15)],
    *[(14000, 2, 18.2), (15000, -2, 23.8), (16000, 2.5, 32.3), (18000, 2.5, 45.5), (20000, 2.5, 50)],
]
EAR = np.array(EAR_ROWS, float)
QUIET_HZ = [50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500]
QUIET_DB = [28.18, 23.90, 19.20, 15.68, 12.67, 10.09, 8.08, 6.30, 5.30, 4.50, 3.63]
K_HZ = [*QUIET_HZ, 630, 800, 1000, 2000]
K_DB = [13.5, 10.0, 7.1, 4.9, 3.1, 1.5, 0.4, -0.5, -1.3, -1.9, -2.3, -2.7, -2.9, -3.0, -3.5]
ALPHA = [0.26692, 0.25016, 0.23679, 0.22228, 0.21055, 0.2]
# Other rows of ISO 532-2's table of A than the C++ keeps, and the two ends.
A_GAIN_DB = [
    -24.54531,
    -23.78397,
    -21.76854,
    -19.78305,
    -18.01605,
    -16.21055,
    -14.59341,
    -13.29726,
    -12.23364,
]
A_GAIN_DB += [-11.23866, -10.29164, -9.45902, -8.72191, -8.01199, -7.10145, -6.14589, -5.19198, -4.20148]
A_GAIN_DB += [-3.27454, -2.50042, -1.93531, -1.51786, -0.94596, -0.58251, -0.18750, 0.0]
A_VALUES = [8.852, 8.6315, 8.1012, 7.65258, 7.32853, 6.99954, 6.70559, 6.46869, 6.2797]
A_VALUES += [6.10719, 5.9464, 5.8249, 5.72719, 5.63443, 5.51708, 5.39588, 5.27688, 5.16539]
A_VALUES += [5.0649, 4.98203, 4.92215, 4.87824, 4.81854, 4.78088, 4.74019, 4.72096]


def within(xs: object, ys: object, x: Array) -> Array:
    points = np.asarray(xs, float)
    return PchipInterpolator(points, np.asarray(ys, float))(np.clip(x, points[0], points[-1]))


def slope(hz: Array | float) -> Array | float:
    return 4.0 * hz / (24.673 * (0.004368 * hz + 1.0))


QUIET = 10 ** (within(QUIET_HZ, QUIET_DB, HZ) / 10)
GAIN = 10 ** (3.63 / 10) / QUIET
GAIN_DB = 10 * np.log10(GAIN)
A = within(A_GAIN_DB, A_VALUES, GAIN_DB)
POWER = within(np.arange(-25, 1, 5), ALPHA, GAIN_DB)
K = 10 ** (within(K_HZ, K_DB, HZ) / 10)


def roex(p: Array, g: Array) -> Array:
    return (1 + p * np.abs(g)) * np.exp(-p * np.abs(g))


def excitation(hz: Array, levels_db: Array, fault: str = "") -> Array:
    ear_db = within(EAR[:, 0], EAR[:, 1], hz)
    ear_db = ear_db - (0.0 if fault == "no middle ear" else within(EAR[:, 0], EAR[:, 2], hz))
    power = 10 ** ((levels_db + ear_db) / 10)
    around = roex(np.asarray(slope(hz))[:, None], hz[None, :] / hz[:, None] - 1) @ power
    level = np.full(hz.size, 51.0) if fault == "fixed skirts" else 10 * np.log10(around)
    g = hz[None, :] / HZ[:, None] - 1
    upper = np.asarray(slope(HZ))[:, None]
    lower = upper * (1 - 0.35 / slope(1000.0) * (level[None, :] - 51))
    return roex(np.where(g < 0, lower, upper), g) @ power


def compressed(e: Array) -> Array:
    return np.where(e > 1e10, (e / 1.0707) ** 0.2, (GAIN * e + A) ** POWER - A**POWER)


def specific(e: Array, fault: str = "") -> Array:
    low = 1.0 if fault == "no threshold" else np.where(e < QUIET, (2 * e / (e + QUIET)) ** 1.5, 1.0)
    return 2 * 0.046871 * low * compressed(e)


def partial(signal: Array, noise: Array) -> Array:
    threshold = K * noise + QUIET
    at_threshold, both = compressed(noise + threshold), compressed(signal + noise)
    above = both - (at_threshold - compressed(QUIET)) * (threshold / signal) ** 0.3
    below = (2 * signal / (signal + threshold)) ** 1.5 * compressed(QUIET)
    below = below * (both - compressed(noise)) / (at_threshold - compressed(noise))
    return 2 * 0.046871 * np.where(signal >= threshold, above, below)


def sone(hz: object, levels_db: object, fault: str = "") -> float:
    tones, levels = np.atleast_1d(np.asarray(hz, float)), np.atleast_1d(np.asarray(levels_db, float))
    return float(specific(excitation(tones, levels, fault), fault).sum() * 0.1)
