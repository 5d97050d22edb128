"""What a compressor will do to a source, from its 10 ms levels: the native Compressor's curve and detector in steps.

Source: Giannoulis, Massberg & Reiss, JAES 60 (2012), eq. 4 (curve) and 16 (detector), and JAES 61 (2013) (automatic
times from the crest factor), as documented in docs/dsp/compressor.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.fast_levels import HOP_S, FastLevels
from smartmix.units import db_to_power, power_to_db

Levels = NDArray[np.float64]

COUNTED_DB = 0.1
"""Less reduction is not counted in the mean, as in the native readings."""
CREST_S = 0.2
RMS_S = 0.01
SMOOTH_CREST, SHARPEST_CREST = 2.0, 100.0
"""Squared crest factors between which automatic times are shortened (of a sine; 20 dB)."""


@dataclass(frozen=True, slots=True)
class CompressorSettings:
    """A soft-knee compressor with automatic times, detecting RMS; times are those of a steady tone."""

    threshold_db: float
    ratio: float
    knee_db: float
    attack_ms: float
    release_ms: float


@dataclass(frozen=True, slots=True)
class PredictedReduction:
    """``mean_db`` over the 10 ms with more than 0.1 dB of it, ``max_db`` the deepest, ``loudness_lu`` what the
    sounding part loses in loudness (<= 0), ``share`` of the sounding part that is touched.
    """

    mean_db: float
    max_db: float
    loudness_lu: float
    share: float


def static_reduction_db(level_db: Levels, settings: CompressorSettings) -> Levels:
    """Reduction (dB >= 0) that levels ask for: eq. 4 with a parabola ``knee_db`` wide around the threshold."""
    slope, knee = 1.0 - 1.0 / settings.ratio, settings.knee_db
    over = level_db - settings.threshold_db
    inside = np.clip(over + 0.5 * knee, 0.0, knee)
    bend = inside * inside / (2.0 * knee) if knee > 0.0 else np.zeros_like(over)
    return np.asarray(slope * (bend + np.maximum(over - 0.5 * knee, 0.0)))


def crest_squared(levels: FastLevels) -> Levels:
    """Squared crest factor over 200 ms per hop, between that of a sine and 20 dB."""
    keep = math.exp(-HOP_S / CREST_S)
    peaks = db_to_power(levels.peak_db.astype(np.float64)).tolist()
    means = db_to_power(levels.rms_db.astype(np.float64)).tolist()
    peak = power = 0.0
    out = []
    for top, mean in zip(peaks, means, strict=True):
        added = (1.0 - keep) * mean
        peak = max(top, keep * peak + added)
        power = keep * power + added
        out.append(peak / power if power > 0.0 else SMOOTH_CREST)
    return np.asarray(np.clip(np.array(out), SMOOTH_CREST, SHARPEST_CREST))


def _detected_db(levels: FastLevels) -> Levels:
    """What the detector reads at the end of each hop: a one-pole mean square over 10 ms."""
    keep = math.exp(-HOP_S / RMS_S)
    now, out = 0.0, []
    for power in db_to_power(levels.rms_db.astype(np.float64)).tolist():
        now = keep * now + (1.0 - keep) * power
        out.append(now)
    return np.asarray(power_to_db(np.maximum(np.array(out), 1e-13)))


def reduction_db(levels: FastLevels, settings: CompressorSettings, crest: Levels) -> Levels:
    """Reduction at the end of each hop after the branching detector (eq. 16) with its automatic times."""
    share = SMOOTH_CREST / crest
    rise = np.exp(-HOP_S * 1000.0 / (share * settings.attack_ms)).tolist()
    fall = np.exp(-HOP_S * 1000.0 / (share * settings.release_ms)).tolist()
    wanted = static_reduction_db(_detected_db(levels), settings).tolist()
    now, out = 0.0, []
    for want, up, down in zip(wanted, rise, fall, strict=True):
        keep = up if want > now else down
        now = keep * now + (1.0 - keep) * want
        out.append(now)
    return np.array(out)


def predict(levels: FastLevels, settings: CompressorSettings, crest: Levels) -> PredictedReduction:
    """What the settings will do to the source."""
    reduction = reduction_db(levels, settings, crest)
    sounding = levels.sounding
    counted = reduction[reduction > COUNTED_DB]
    before = db_to_power(levels.weighted_db[sounding].astype(np.float64))
    during = 0.5 * (reduction + np.concatenate(([0.0], reduction[:-1])))
    after = before * db_to_power(-during[sounding])
    return PredictedReduction(
        mean_db=float(counted.mean()) if counted.size else 0.0,
        max_db=float(reduction.max()) if reduction.size else 0.0,
        loudness_lu=power_to_db(float(after.sum() / before.sum())) if sounding.any() else 0.0,
        share=float(np.mean(reduction[sounding] > COUNTED_DB)) if sounding.any() else 0.0,
    )
