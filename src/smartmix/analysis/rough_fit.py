"""Which fader and pan settings explain the rough mix, from band powers over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import TrackFacts
from smartmix.analysis.rough_cells import RoughCells, is_mono, rough_cells
from smartmix.analysis.rough_solver import FLOOR_DB, PAN_DB, Faders, Prior, mixed, nnls_start, refine
from smartmix.units import db_to_power

Array = NDArray[np.float64]

AUDIBLE_SHARE = 0.02
"""A track that never makes up this share of the rough in its own loudest cells cannot be read from it."""
AUDIBLE_IN_SECTION = 0.2
"""To be read from one part of the song a track has to be what is heard in some of its cells there."""
RIDE_PRIOR_DB = 3.0
"""How far rides between parts of a song go (house): shrinks what a part says towards the song's faders."""
UNSURE_DB = 3.0
BUS_REACH = 10.0**0.3
"""Bus compression is taken to move the level by 3 dB at most."""


@dataclass(frozen=True, slots=True, eq=False)
class RoughFit:
    """Settings per track that explain the rough; arrays are in the order of ``tracks``.

    ``gain_db`` includes the overall level between sum and rough. ``side_db`` is right over left gain (0: as the track
    is), ``band_db`` a common gain per band (bus EQ). ``error_db`` is one standard deviation. ``heard`` is False where
    the rough does not tell. ``explained`` and ``sum_explained`` (0..1) are the shares of the rough's power, cell by
    cell, that the fit and the plain sum (at the best overall level) account for.
    """

    tracks: tuple[str, ...]
    gain_db: Array
    side_db: Array
    band_db: Array
    error_db: Array
    heard: NDArray[np.bool_]
    explained: float
    sum_explained: float

    @property
    def spread_db(self) -> float:
        """Mean distance of the heard tracks' gains from their median, dB: near 0 when the plain sum is the rough."""
        if not self.heard.any():
            return 0.0
        return float(np.mean(self._distances()))

    @property
    def largest_db(self) -> float:
        """Largest such distance beyond its own error, dB."""
        return float(np.max(self._distances() - self.error_db[self.heard], initial=0.0))

    def _distances(self) -> Array:
        gains = self.gain_db[self.heard]
        return np.abs(gains - np.median(gains))


@dataclass(frozen=True, slots=True, eq=False)
class SectionFit:
    """One part of the song: how far each fader stands from the song's own there (dB, in the order of the fit's
    tracks), with one standard deviation. ``heard`` is False where the part does not tell.
    """

    span_s: tuple[float, float]
    delta_db: Array
    error_db: Array
    heard: NDArray[np.bool_]


def fit_rough(
    tracks: Mapping[str, TrackFacts], plain_sum: TrackFacts, rough: TrackFacts, *, pan: bool = True
) -> RoughFit | None:
    """Fit the tracks (as they are in the plain sum) to the rough. None when nothing of either sounds.

    Non-negative least squares on band powers gives the start; then Gauss-Newton on levels in dB, reweighted
    so that cells the model cannot explain (reverb, edits) lose their vote. A common gain per frame (bus
    compression) and per band (bus EQ) are fitted along. The plain sum's own cross terms between tracks
    correct the power sum. A mono rough is compared with what the tracks fold down to, and tells no pans.
    """
    names = tuple(name for name, facts in tracks.items() if np.any(facts.features.band_power))
    cells = rough_cells([tracks[name] for name in names], plain_sum, rough) if names else None
    if cells is None:
        return None
    side_db = PAN_DB if pan and not is_mono(rough) else None
    bands = cells.target.shape[2]
    start = Faders(nnls_start(cells), np.zeros(len(names)), np.zeros(bands))
    fitted = refine(cells, start, Prior(side_db=side_db))
    found, target = fitted.faders, cells.target
    heard = (fitted.error_db < UNSURE_DB) & (_loudest_share(cells, fitted.power, found) > AUDIBLE_SHARE)
    level = np.sum(target) / max(float(np.sum(cells.summed)), 1e-30)
    return RoughFit(
        tracks=names, gain_db=found.gain_db, side_db=found.side_db, band_db=found.band_db,
        error_db=fitted.error_db, heard=heard, explained=_explained(fitted.power, target),
        sum_explained=_explained(cells.summed * level, target),
    )  # fmt: skip


def fit_section(
    fit: RoughFit,
    tracks: Mapping[str, TrackFacts],
    plain_sum: TrackFacts,
    rough: TrackFacts,
    span_s: tuple[float, float],
) -> SectionFit | None:
    """How far each fader stands from the song's own in one part of the rough. None when nothing sounds there.

    The song's faders are the prior (RIDE_PRIOR_DB), its pans and bus EQ are kept: without evidence the answer is 0.
    A common gain per frame is fitted along, so that a part that is louder as a whole is nobody's ride.
    """
    cells = rough_cells([tracks[name] for name in fit.tracks], plain_sum, rough, span_s)
    if cells is None:
        return None
    song = Faders(fit.gain_db, fit.side_db, fit.band_db)
    fitted = refine(cells, song, Prior(RIDE_PRIOR_DB, None, None))
    shown = _loudest_share(cells, fitted.power, fitted.faders) > AUDIBLE_IN_SECTION
    return SectionFit(span_s, fitted.faders.gain_db - fit.gain_db, fitted.error_db, shown & fit.heard)


def _loudest_share(cells: RoughCells, power: Array, faders: Faders) -> Array:
    """How much of the rough each track makes up in the hundredth of the cells where it is strongest, 0..1."""
    parts = mixed(cells.sources, faders.gain_db, faders.side_db)
    share = (parts / np.maximum(power, 1e-30)).reshape(len(parts), -1)
    loud = (power > power.max() * db_to_power(FLOOR_DB)).ravel()
    return np.percentile(share[:, loud], 99.0, axis=1)


def _explained(fitted: Array, target: Array) -> float:
    """Share of the power that agrees, cell by cell, after a common gain per frame within bus compression's reach."""
    frames = target.sum(axis=(0, 2)) / np.maximum(fitted.sum(axis=(0, 2)), 1e-30)
    middle = float(target.sum()) / max(float(fitted.sum()), 1e-30)
    gain = middle * np.clip(frames / middle, 1.0 / BUS_REACH, BUS_REACH)
    apart = np.abs(fitted * gain[:, np.newaxis] - target).sum() / target.sum()
    return float(np.clip(1.0 - apart, 0.0, 1.0))
