"""The dynamics of a master: how far each band's level swings, towards the reference's by a multiband compressor.

The swing of a band is the spread of its level (readings of 45 ms) around its own mean over 3 s: how far hits stand
out, whatever the arrangement does. A compressor can only take swing away: what the reference has more of is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartmix.mastering.portrait import BANDS, CROSSOVERS_HZ, Portrait
from smartmix.mastering.references import Reference
from smartmix.mastering.stage import MasterStage
from smartmix.matching.grid import GRID_HZ, Floats
from smartmix.plan.evidence import Evidence
from smartmix.processors.values import Value

AROUND_S = 3.0
HIGH_PERCENT, LOW_PERCENT = 95.0, 50.0
QUIETEST_DB = 30.0
"""Readings further under the band's loudest twentieth are pauses (house)."""
FEWEST = 40
CLOSE_DB = 0.75
"""A swing this near is the same (house)."""
MOST_RATIO = 2.5
MOST_MEAN_DB, MOST_DEEPEST_DB = 2.5, 6.0
"""Of the reduction of a band, mean over its readings and deepest twentieth (house)."""
KNEE_DB, ATTACK_MS, RELEASE_MS = 6.0, 15.0, 120.0
NAMES = ("bass", "body", "presence", "air")


@dataclass(frozen=True, slots=True)
class BandFit:
    """Compression of one band, and the swing it starts from, aims at and should end with, dB."""

    threshold_db: float
    ratio: float
    makeup_db: float
    swing_db: float
    wanted_db: float
    expected_db: float
    mean_reduction_db: float


def swings_db(levels_db: Floats, trace_s: float) -> Floats:
    """The swing of each band (4,), dB; nan where a band hardly plays. ``levels_db`` (4, readings)."""
    return np.array([_swing(row, _heard(row), trace_s) for row in levels_db])


def dynamics_stage(
    source: Portrait, tone_db: Floats, references: Sequence[Reference], names: str
) -> MasterStage:
    """The compressor for a mix whose tone is changed by ``tone_db`` (241,) in front of it."""
    levels = source.band_levels_db + _lifted(tone_db)[:, np.newaxis]
    wanted = wanted_swings_db(references)
    fits = [_fitted(row, goal, source.trace_s) for row, goal in zip(levels, wanted, strict=True)]
    working = [i for i, fit in enumerate(fits) if fit is not None]
    if not working:
        return MasterStage(
            "dynamics", f"Dynamics of {names}", _nothing(levels, wanted, source.trace_s, names)
        )
    settings: dict[str, Value] = {"bands": 4, "detection": "rms"}
    settings |= {f"crossover{i}_hz": hz for i, hz in enumerate(CROSSOVERS_HZ, 1)}
    evidence = []
    for band in working:
        fit = fits[band]
        assert fit is not None
        at = f"band{band + 1}"
        settings |= {
            f"{at}.threshold_db": round(fit.threshold_db, 1),
            f"{at}.ratio": round(fit.ratio, 2),
            f"{at}.knee_db": KNEE_DB,
            f"{at}.attack_ms": ATTACK_MS if band else 2.0 * ATTACK_MS,
            f"{at}.release_ms": RELEASE_MS,
            f"{at}.makeup_db": round(fit.makeup_db, 2),
        }
        text = (
            f"{NAMES[band]} swings {fit.swing_db:.1f} dB, {names} {fit.wanted_db:.1f}; "
            f"at 100 %, {fit.expected_db:.1f} is expected of {fit.mean_reduction_db:.1f} dB of compression"
        )
        evidence.append(
            Evidence("dynamics", text, float(fit.swing_db - fit.wanted_db), "dB", band_hz=_edges(band))
        )
    reason = "; ".join(each.text.partition(";")[0] for each in evidence)
    # a band that is at rest in a working compressor costs nothing: its ratio stays 1
    return MasterStage(
        "dynamics", f"Dynamics of {names}", reason, settings={"bands": settings}, evidence=tuple(evidence)
    )


def reduced(levels_db: Floats, threshold_db: float, ratio: float) -> Floats:
    """Gain reduction (dB >= 0) at each level: the soft knee of Giannoulis et al. 2012."""
    over = levels_db - threshold_db
    inside = np.square(np.clip(over + KNEE_DB / 2.0, 0.0, KNEE_DB)) / (2.0 * KNEE_DB)
    return np.asarray((1.0 - 1.0 / ratio) * np.where(over > KNEE_DB / 2.0, over, inside))


def _percentile(values: Floats, percent: float) -> float:
    """numpy's, linear between neighbours, without its detours: a plan asks for hundreds."""
    place = percent / 100.0 * (values.size - 1)
    below = int(place)
    above = min(below + 1, values.size - 1)
    parts = np.partition(values, (below, above))
    return float(parts[below] + (place - below) * (parts[above] - parts[below]))


def _fitted(levels: Floats, wanted_db: float, trace_s: float) -> BandFit | None:
    heard = _heard(levels)
    swing = _swing(levels, heard, trace_s)
    if not (np.isfinite(swing) and np.isfinite(wanted_db)) or swing - wanted_db < CLOSE_DB:
        return None
    threshold = _percentile(levels[heard], LOW_PERCENT)
    low, high = 1.0, MOST_RATIO
    for _ in range(12):
        ratio = 0.5 * (low + high)
        less = reduced(levels, threshold, ratio)
        too_much = (
            less[heard].mean() > MOST_MEAN_DB or _percentile(less[heard], HIGH_PERCENT) > MOST_DEEPEST_DB
        )
        if too_much or _swing(levels - less, heard, trace_s) < wanted_db:
            high = ratio
        else:
            low = ratio
    less = reduced(levels, threshold, low)
    power = np.power(10.0, levels / 10.0)
    makeup = float(10.0 * np.log10(power.sum() / (power * np.power(10.0, -less / 10.0)).sum()))
    expected = _swing(levels - less, heard, trace_s)
    return BandFit(threshold, low, makeup, swing, float(wanted_db), expected, float(less[heard].mean()))


def _swing(levels: Floats, heard: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], trace_s: float) -> float:
    if heard.sum() < FEWEST:
        return float("nan")
    length = max(1, round(AROUND_S / trace_s))
    power = np.where(heard, np.power(10.0, levels / 10.0), 0.0)
    kernel = np.ones(min(length, levels.size))
    around = np.convolve(power, kernel, "same") / np.maximum(
        np.convolve(heard.astype(np.float64), kernel, "same"), 1.0
    )
    stands_out = levels[heard] - 10.0 * np.log10(np.maximum(around[heard], 1e-20))
    return _percentile(stands_out, HIGH_PERCENT) - _percentile(stands_out, LOW_PERCENT)


def _heard(levels: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    if levels.size == 0:
        return np.zeros(0, np.bool_)
    return np.asarray(levels > max(_percentile(levels, HIGH_PERCENT) - QUIETEST_DB, -90.0))


def wanted_swings_db(references: Sequence[Reference]) -> Floats:
    """Weighted mean of the references' swings; nan for a band that none of them has."""
    rows = np.array([swings_db(each.portrait.band_levels_db, each.portrait.trace_s) for each in references])
    weights = np.array([each.weight for each in references])[:, np.newaxis] * np.isfinite(rows)
    total = weights.sum(axis=0)
    return np.where(
        total > 0.0, (np.nan_to_num(rows) * weights).sum(axis=0) / np.maximum(total, 1e-9), np.nan
    )


def _lifted(tone_db: Floats) -> Floats:
    """By how much an EQ lifts each band, mean of its curve in octaves, dB."""
    edges = [0.0, *CROSSOVERS_HZ, 1e9]
    return np.array(
        [tone_db[(low <= GRID_HZ) & (high > GRID_HZ)].mean() for low, high in itertools.pairwise(edges)]
    )


def _edges(band: int) -> tuple[float, float]:
    edges = (20.0, *CROSSOVERS_HZ, 20_000.0)
    return edges[band], edges[band + 1]


def _nothing(levels: Floats, wanted: Floats, trace_s: float, names: str) -> str:
    swings = swings_db(levels, trace_s)
    known = np.isfinite(swings) & np.isfinite(wanted)
    if not known.any():
        return "too little to tell: no band plays long enough"
    if (wanted - swings)[known].max() >= CLOSE_DB:
        return f"{names} swings more; compression cannot give back what is not there"
    return f"every band swings as in {names}"


assert len(NAMES) == BANDS
