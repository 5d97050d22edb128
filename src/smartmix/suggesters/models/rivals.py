"""Two answers to the same rough, judged alike."""

from __future__ import annotations

import numpy as np

from smartmix.analysis.rough_cells import RoughCells
from smartmix.analysis.rough_solver import FLOOR_DB, WEIGHT_POWER, mixed
from smartmix.suggesters.recalled import Array
from smartmix.units import db_to_power, power_to_db


def apart_db(cells: RoughCells, gain_db: Array, side_db: Array, tone_db: Array) -> float:
    """Mean distance in dB between the rough's band levels and those of the tracks at these settings (faders, right over
    left, and tone (tracks, bands)), louder cells counting more, after the best common gain per frame.
    """
    floor = float(cells.target.max()) * db_to_power(FLOOR_DB)
    parts = mixed(cells.sources, gain_db, side_db) * db_to_power(tone_db)[:, None, None, :]
    # One overall level: a recall and a fit of levels may stand at different ones.
    total = parts.sum(axis=0)
    total *= cells.target.sum() / max(float(total.sum()), 1e-30)
    apart = power_to_db(cells.target + floor) - power_to_db(total + floor)
    weight = np.power((cells.target + floor) / (cells.target.max() + floor), WEIGHT_POWER)
    frames = (weight * apart).sum(axis=(0, 2), keepdims=True) / weight.sum(axis=(0, 2), keepdims=True)
    return float(np.average(np.abs(apart - frames), weights=weight))
