"""What a head gets to see of one track: figures of the analysis that do not depend on how loud it was recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.active import mean_level
from smartmix.analysis.bands import BANDS

if TYPE_CHECKING:
    from smartmix.analysis.analysis import TrackFacts

VERSION = 1
"""Changes when a figure changes its meaning: weights of another version are refused."""
FLOOR_DB = -60.0
QUANTILES = (10, 50, 90)
LAGS = (1, 2, 3, 4, 6, 8, 12)
STRETCH_FRAMES = 80
STRETCHES, FEWEST_FRAMES = 6, 8
"""At most so many stretches of 8 s a track, each with at least 0.8 s of sound."""
CURVES = 1 + len(QUANTILES)
SIZE = BANDS * (CURVES + 2) + 3 * len(LAGS) + 24

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """A stretch of a track: power (frames, BANDS), level (frames,) LUFS, where it sounds, and its level then."""

    power: NDArray[np.float64]
    loudness: NDArray[np.float64]
    active: NDArray[np.bool_]
    active_lufs: float


def track_vectors(facts: TrackFacts) -> NDArray[np.float32] | None:
    """The figures (stretches, SIZE) of a track, in tens of dB or between -3 and 3; None for one that never sounds.

    One row for each of the stretches of 8 s in which it sounds most: heads have learned from stretches that long, and
    the pauses of a song say nothing about what plays between them. Per row: spectrum while it sounds (mean, quiet,
    middle, loud moments), movement and unevenness of each band, how the level and the brightness move, crest, width.
    All levels are against the track's own: a fader before the file changes nothing.
    """
    active = facts.features.active
    if not active.any() or not math.isfinite(facts.active_lufs):
        return None
    starts = range(0, max(1, active.size - STRETCH_FRAMES // 2), STRETCH_FRAMES)
    by_activity = sorted(starts, key=lambda at: -int(active[at : at + STRETCH_FRAMES].sum()))
    kept = [at for at in by_activity[:STRETCHES] if active[at : at + STRETCH_FRAMES].sum() >= FEWEST_FRAMES]
    return np.stack([_vector(facts, _stretch(facts, at)) for at in kept or by_activity[:1]])


def _stretch(facts: TrackFacts, start: int) -> _Stretch:
    here = slice(start, start + STRETCH_FRAMES)
    features = facts.features
    loudness, active = features.loudness_lufs[here].astype(np.float64), features.active[here]
    return _Stretch(
        features.band_power[here].astype(np.float64), loudness, active, float(mean_level(loudness, active))
    )


def _vector(facts: TrackFacts, part: _Stretch) -> Vector:
    power, active = part.power, part.active
    total = float(power[active].mean(axis=0).sum())
    level = 10.0 * np.log10(power / max(total, 1e-30) + 10.0 ** (FLOOR_DB / 10.0))
    sounding = level[active]
    curves = [10.0 * np.log10(power[active].mean(axis=0) / max(total, 1e-30) + 1e-6)]
    curves += [np.percentile(sounding, q, axis=0) for q in QUANTILES]
    both = active[1:] & active[:-1]
    steps = np.abs(np.diff(level, axis=0))[both] if both.any() else np.zeros((1, BANDS))
    shape = [*(c / 10.0 for c in curves), steps.mean(axis=0) / 5.0, sounding.std(axis=0) / 10.0]
    vector = np.concatenate([*shape, _movement(part), _scalars(facts, part)])
    return np.asarray(np.clip(np.nan_to_num(vector), -8.0, 8.0), dtype=np.float32)


def _movement(part: _Stretch) -> NDArray[np.float64]:
    """Likeness with itself some frames later, of the level, the brightness and the lows (3 x LAGS)."""
    loud = np.maximum(part.loudness - part.active_lufs, -30.0)
    lines = (loud, _brightness(part.power, part.active), _low_share_db(part.power))
    return np.concatenate([_likeness(line) for line in lines])


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


def _scalars(facts: TrackFacts, part: _Stretch) -> NDArray[np.float64]:
    active = part.active
    loud = part.loudness[active] - part.active_lufs
    peaks = np.asarray(facts.short_levels_db.peak_dbfs or (0.0,) * 8) - facts.active_lufs
    rms = np.asarray(facts.short_levels_db.rms_dbfs or (0.0,) * 8) - facts.active_lufs
    bright = _brightness(part.power, active)[active]
    steps = np.diff(np.maximum(part.loudness, part.active_lufs - 40.0))
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
