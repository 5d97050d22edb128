"""What the limiter is going to take from the tone, known before it has run."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from smartmix.mastering.masterplan import LevelAim
from smartmix.mastering.portrait import CROSSOVERS_HZ, Portrait
from smartmix.matching.grid import GRID_HZ, Floats
from smartmix.matching.tone import k_weighting

CENTRES_HZ = (70.0, 370.0, 2000.0, 9000.0)
"""Of the four bands whose levels a portrait keeps."""
MOST_DB = 2.0
"""A forecast is not trusted further (house)."""
MOST_GAIN_DB = 60.0
ROUNDS = 16
_TINY = 1e-20


def limiter_tone_db(source: Portrait, tone_db: Floats, level: LevelAim) -> Floats:
    """By how much a limiter that meets ``level`` behind ``tone_db`` changes each band of ``GRID_HZ`` (241,), dB.

    Readings of 45 ms whose peaks pass the ceiling are turned down, and what is in them with them: the kick, as a rule.
    A reading's peak is taken to lie as far over its level as the mix's highest does over the loudest reading. The mean
    is taken out: it is loudness. All 0 where nothing is limited, or there is no loudness to aim with.
    """
    before = np.power(10.0, source.band_levels_db / 10.0)
    known = source.loudness.true_peak_dbtp + source.loudness.integrated_lufs
    if before.sum() <= _TINY or not math.isfinite(known):
        return np.zeros(GRID_HZ.size)
    lifted, weights = _by_bands(source, tone_db)
    after = before * lifted[:, np.newaxis]
    crest_db = source.loudness.true_peak_dbtp - _db(before.sum(axis=0).max())
    over_db = _db(after.sum(axis=0)) + crest_db - level.ceiling_dbtp
    weighted = weights @ after
    power = k_weighting(GRID_HZ, source.sample_rate) * source.mid.band_power
    louder_db = _db((power * np.power(10.0, tone_db / 10.0)).sum()) - _db(power.sum())
    missing_db = level.target_lufs - source.loudness.integrated_lufs - float(louder_db)
    cap_db = math.inf if level.max_reduction_db is None else level.max_reduction_db - float(over_db.max())
    kept = _kept(over_db + min(_gain_db(over_db, weighted, missing_db), cap_db))
    lost = _db((after * kept).sum(axis=1)) - _db(after.sum(axis=1))
    lost = np.clip(lost - lost.mean(), -MOST_DB, MOST_DB)
    return np.asarray(np.interp(np.log2(GRID_HZ), np.log2(CENTRES_HZ), lost))


def _by_bands(source: Portrait, tone_db: Floats) -> tuple[Floats, Floats]:
    """How much more power the tone gives each of the four bands, and how much it then counts in loudness."""
    power = source.mid.band_power
    played = power * np.power(10.0, tone_db / 10.0)
    heard = played * k_weighting(GRID_HZ, source.sample_rate)
    sums = [
        [each[(low <= GRID_HZ) & (high > GRID_HZ)].sum() for each in (power, played, heard)]
        for low, high in pairwise((0.0, *CROSSOVERS_HZ, math.inf))
    ]
    there, now, counted = np.maximum(np.array(sums).T, _TINY)
    return now / there, counted / now


def _gain_db(over_db: Floats, weighted: Floats, missing_db: float) -> float:
    """The gain into the limiter after which the loudness is ``missing_db`` more."""
    low, high = -MOST_GAIN_DB, MOST_GAIN_DB
    for _ in range(ROUNDS):
        gain_db = 0.5 * (low + high)
        left = _db((weighted * _kept(over_db + gain_db)).sum()) - _db(weighted.sum())
        low, high = (gain_db, high) if gain_db + left < missing_db else (low, gain_db)
    return 0.5 * (low + high)


def _kept(over_db: Floats) -> Floats:
    """Share of the power that a limiter leaves of what passes its ceiling by so much."""
    return np.asarray(np.power(10.0, -np.maximum(over_db, 0.0) / 10.0))


def _db(power: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(np.maximum(power, _TINY)))
