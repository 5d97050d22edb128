"""What a compressor did to a track: how much, how deep, at what loudness, and whether the level wanders less."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from smartmix._core import LoudnessMeter
from smartmix.analysis.compression import COUNTED_DB
from smartmix.analysis.fast_levels import FastLevelMeter, FastLevels
from smartmix.audio import Samples
from smartmix.figures import number
from smartmix.units import mean_db

LEAST_EVENED_DB = 0.5
"""A spread that shrinks by less is not what a compressor is for (house)."""
MOST_LEVEL_LU = 0.5
"""Louder always sounds better: a compressor must win at the same loudness (house)."""
MOST_MEAN_DB = 3.5
MOST_DB = 6.5
"""The house limits of 3 and 6 dB, with half a dB for what 10 ms levels cannot see."""
HEARD_DBFS = -70.0


def compressor_outcome(
    before: Iterable[Samples], after: Iterable[Samples], sample_rate: int, makeup_db: float
) -> tuple[str, bool]:
    """In words, and whether it evened the level out within the limits at the same loudness."""
    was, now = _levels(before, sample_rate), _levels(after, sample_rate)
    if was is None or now is None or was.rms_db.shape != now.rms_db.shape or not was.sounding.any():
        return "the track is silent", False
    heard = was.rms_db > HEARD_DBFS
    reduction = np.maximum(was.rms_db[heard] - now.rms_db[heard] + makeup_db, 0.0)
    counted = reduction[reduction > COUNTED_DB]
    mean, deepest = (float(counted.mean()), float(counted.max())) if counted.size else (0.0, 0.0)
    sounding = was.sounding
    level = mean_db(now.weighted_db[sounding]) - mean_db(was.weighted_db[sounding])
    wanders = was.spread_of(now.rms_db.astype(np.float64))
    evened = was.spread_db - wanders
    text = (
        f"average reduction {number(mean)} dB, {number(deepest)} at most, level {number(level, plus=True)} LU; "
        f"it wanders by {number(wanders)} dB instead of {number(was.spread_db)}"
    )
    kept = mean <= MOST_MEAN_DB and deepest <= MOST_DB and abs(level) <= MOST_LEVEL_LU
    return text, bool(kept and evened >= LEAST_EVENED_DB)


def _levels(blocks: Iterable[Samples], sample_rate: int) -> FastLevels | None:
    meter = FastLevelMeter(sample_rate)
    loudness: LoudnessMeter | None = None
    for block in blocks:
        loudness = loudness or LoudnessMeter(float(sample_rate), block.shape[0])
        loudness.process(np.ascontiguousarray(block, dtype=np.float32))
        meter.push(block)
    if loudness is None:
        return None
    return meter.facts(np.asarray(loudness.energies_10ms(), dtype=np.float64))
