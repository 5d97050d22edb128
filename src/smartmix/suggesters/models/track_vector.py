"""What a head gets to see of one track: figures of the analysis that do not depend on how loud it was recorded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.bands import BANDS

if TYPE_CHECKING:
    from smartmix.analysis.analysis import TrackFacts

VERSION = 1
"""Changes when a figure changes its meaning: weights of another version are refused."""
FLOOR_DB = -60.0
QUANTILES = (10, 50, 90)
LAGS = (1, 2, 3, 4, 6, 8, 12)
CURVES = 1 + len(QUANTILES)
SIZE = BANDS * (CURVES + 2) + 3 * len(LAGS) + 24

Vector = NDArray[np.float32]


def track_vector(facts: TrackFacts) -> Vector | None:
    """The figures (SIZE,) of a track, in tens of dB or between -3 and 3; None for one that never sounds.

    Spectrum while it sounds (mean, quiet, middle, loud moments), movement and unevenness of each band, how the level
    and the brightness move, crest, width. All levels are against the track's own: a fader before the file changes
    nothing (checked to 1e-4 dB above the noise floor).
    """
    features = facts.features
    active = features.active
    if not active.any() or not math.isfinite(facts.active_lufs):
        return None
    power = features.band_power.astype(np.float64)
    total = float(power[active].mean(axis=0).sum())
    level = 10.0 * np.log10(power / max(total, 1e-30) + 10.0 ** (FLOOR_DB / 10.0))
    sounding = level[active]
    curves = [10.0 * np.log10(power[active].mean(axis=0) / max(total, 1e-30) + 1e-6)]
    curves += [np.percentile(sounding, q, axis=0) for q in QUANTILES]
    both = active[1:] & active[:-1]
    steps = np.abs(np.diff(level, axis=0))[both] if both.any() else np.zeros((1, BANDS))
    shape = [*(c / 10.0 for c in curves), steps.mean(axis=0) / 5.0, sounding.std(axis=0) / 10.0]
    vector = np.concatenate([*shape, _movement(facts, power, active), _scalars(facts, power, active)])
    return np.asarray(np.clip(np.nan_to_num(vector), -8.0, 8.0), dtype=np.float32)


def _movement(
    facts: TrackFacts, power: NDArray[np.float64], active: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Likeness with itself some frames later, of the level, the brightness and the lows (3 x LAGS)."""
    loud = np.maximum(facts.features.loudness_lufs - facts.active_lufs, -30.0)
    lines = (loud, _brightness(power, active), _low_share_db(power))
    return np.concatenate([_likeness(np.asarray(line, dtype=np.float64)) for line in lines])


def _likeness(line: NDArray[np.float64]) -> NDArray[np.float64]:
    line = line - line.mean()
    energy = float(line @ line) + 1e-9
    return np.asarray([float(line[lag:] @ line[:-lag]) / energy if line.size > lag else 0.0 for lag in LAGS])


def _brightness(power: NDArray[np.float64], active: NDArray[np.bool_]) -> NDArray[np.float64]:
    band = np.arange(BANDS)
    centre = (power * band).sum(axis=1) / np.maximum(power.sum(axis=1), 1e-30)
    return np.asarray(np.where(active, centre, centre[active].mean()))


def _low_share_db(power: NDArray[np.float64]) -> NDArray[np.float64]:
    share = power[:, :6].sum(axis=1) / np.maximum(power.sum(axis=1), 1e-30)
    return np.asarray(10.0 * np.log10(share + 1e-3))


def _scalars(facts: TrackFacts, power: NDArray[np.float64], active: NDArray[np.bool_]) -> NDArray[np.float64]:
    loud = facts.features.loudness_lufs[active] - facts.active_lufs
    peaks = np.asarray(facts.short_levels_db.peak_dbfs or (0.0,) * 8) - facts.active_lufs
    rms = np.asarray(facts.short_levels_db.rms_dbfs or (0.0,) * 8) - facts.active_lufs
    bright = _brightness(power, active)[active]
    steps = np.diff(np.maximum(facts.features.loudness_lufs, facts.active_lufs - 40.0))
    onsets = float((steps > 6.0).mean()) if steps.size else 0.0
    stereo = (max(facts.width_db, -40.0) / 20.0, facts.mono_loss_db / 3.0, facts.correlation)
    return np.asarray(
        [
            *(np.percentile(loud, (5, 25, 50, 75, 95)) / 10.0),
            *(peaks[[0, 2, 4, 6, 7]] / 15.0),
            *(rms[[0, 2, 4, 6, 7]] / 15.0),
            bright.mean() / 20.0,
            bright.std() / 5.0,
            onsets * 5.0,
            facts.crest_db / 20.0,
            *stereo,
            math.log2(1.0 + active.mean() * 10.0) / 3.0,
            0.0,
        ]
    )
