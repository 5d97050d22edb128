"""A track beside all others: how much of it is heard, and how that grows when others give way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.suggesters.unmask.scene import Scene
from smartmix.units import db_to_power, power_to_db

Array = NDArray[np.float64]
Cuts = Mapping[int, Array]
"""By track index: what is taken from it, dB (at most 0): (bands,) or (columns, bands)."""

MOST_COLUMNS = 120
"""Enough seconds to know a song by."""
SOUNDS_SHARE = 0.1
"""A second counts where the track has a tenth of its own loud seconds' loudness (95th percentile)."""
DEPTH_DB = 9.0
STEPS = 13
STEP_DB = DEPTH_DB / (STEPS - 1)
_LOWEST_NOISE_DB = -30.0
_STEEPEST = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """One track in the seconds it sounds (columns), beside the rest.

    The model is set right at what was measured. The noise that would leave of the track just what the meter heard of it
    stands for the rest, cell by cell; how fast loudness comes back as that noise falls, and whose noise it is, are set
    so that turning all others, or one of them, down by 3 dB wins what the meter says it does: drums cover in their
    hits only, and a mean level would blame them for what lies between.
    """

    track: int
    columns: NDArray[np.intp]
    """Which columns of the pairs are looked at."""
    cells: NDArray[np.intp]
    """(columns, cells) the cells in them."""
    alone: Array
    """(columns, bands) sone by itself."""
    share: Array
    """(tracks, columns, bands) part of what covers it, by whom; adds up to 1 at the most."""
    steep: Array
    """(columns, bands) how many dB of the table a dB less of the rest is worth."""
    table: Array
    """(steps, columns, bands) sone heard with a noise in place of the rest 0 to 9 dB down."""
    under_db: float = 0.0
    """How far the rest lies under where the table begins: both were turned up by as much as the track."""

    def heard(self, cuts: Cuts) -> Array:
        """(columns, bands) sone heard when others are cut."""
        return self._at(self._rest(cuts))

    def sone(self, cuts: Cuts) -> float:
        """Mean loudness heard, sone."""
        return float(self.heard(cuts).sum(axis=1).mean())

    def phon(self, cuts: Cuts) -> float:
        """Loudness level of that, phon."""
        return float(_core.phon_of_sone(self.sone(cuts)))

    @property
    def alone_sone(self) -> float:
        """Mean loudness by itself, sone."""
        return float(self.alone.sum(axis=1).mean())

    @property
    def alone_phon(self) -> float:
        """Loudness level by itself, phon."""
        return float(_core.phon_of_sone(self.alone_sone))

    def heard_share(self, cuts: Cuts) -> float:
        """Share of its loudness that is heard, 0..1."""
        return self.sone(cuts) / self.alone_sone if self.alone_sone > 0.0 else 1.0

    def by_cut(self, track: int, grid_db: Array, cuts: Cuts) -> Array:
        """(grid, bands) mean sone heard with one more track cut by each value of the grid, the others as they are."""
        rest = self._rest({t: c for t, c in cuts.items() if t != track}) - self.share[track]
        rows = [self._at(rest + self.share[track] * db_to_power(g)).mean(axis=0) for g in grid_db]
        return np.asarray(rows)

    def _rest(self, cuts: Cuts) -> Array:
        rest = np.ones_like(self.alone)
        for track, cut_db in cuts.items():
            rest = rest + self.share[track] * (db_to_power(cut_db) - 1.0)
        return rest

    def _at(self, rest: Array) -> Array:
        """The table where ``rest`` (columns, bands) of the rest is left."""
        down = self.steep * (self.under_db - power_to_db(np.maximum(rest, 1e-9)))
        return _read(self.table, down)


def covered_in(scene: Scene, track: int, *, up_db: float = 0.0) -> Covered | None:
    """A track of the scene in its own seconds, turned up by ``up_db``; None if it never sounds."""
    cells = scene.cells
    size, last = cells.eased_cells, cells.times_s.size
    whole = cells.alone_sone[track].astype(np.float64).sum(axis=1)
    loudness = np.array([whole[at : at + size].mean() for at in range(0, last, size)])
    sounding = (loudness > SOUNDS_SHARE * np.percentile(loudness, 95.0)) & (loudness > 0.0)
    columns = np.flatnonzero(sounding)
    if not columns.size:
        return None
    if columns.size > MOST_COLUMNS:
        columns = columns[np.round(np.linspace(0, columns.size - 1, MOST_COLUMNS)).astype(np.intp)]
    inside = np.minimum(columns[:, np.newaxis] * size + np.arange(size), last - 1)
    return _calibrated(scene, track, columns, inside, up_db)


def _calibrated(
    scene: Scene, track: int, columns: NDArray[np.intp], inside: NDArray[np.intp], up_db: float
) -> Covered:
    cells = scene.cells
    alone, heard, eased_all = (
        part[track][inside].astype(np.float64)
        for part in (cells.alone_sone, cells.heard_sone, cells.eased_all_sone)
    )
    others = np.arange(scene.level.shape[0]) != track
    rest_before = np.maximum(scene.before_cover[others][:, inside].sum(axis=0), 1e-9)
    rest_now = np.maximum(scene.cover[others][:, inside].sum(axis=0), 1e-9)
    was, now = scene.before[track][inside], scene.level[track][inside]
    noise = _noise_that_leaves(
        was, np.divide(heard, alone, out=np.ones_like(alone), where=alone > 0.0), rest_before
    )
    own = _core.band_loudness(was, np.zeros_like(was))
    per_model = np.divide(alone, own, out=np.zeros_like(alone), where=own > 1e-9)
    before = _table(per_model, was, noise)
    now = now * db_to_power(up_db)
    plain = scene.is_plain and up_db == 0.0
    louder = db_to_power(up_db) * rest_now / rest_before
    table = before if plain else _table(per_model, now, noise * louder)
    steep, share = _set_right(
        before, eased_all.mean(axis=1), cells.eased_sone[track][:, columns].astype(np.float64)
    )
    if not scene.is_plain:
        share = _moved(share, scene.before_cover[:, inside].sum(axis=2), scene.cover[:, inside].sum(axis=2))
    return Covered(
        track=track,
        columns=columns,
        cells=inside,
        alone=(per_model * _core.band_loudness(now, np.zeros_like(now))).mean(axis=1),
        share=share,
        steep=steep,
        table=table,
        under_db=up_db,
    )


def _table(per_model: Array, signal: Array, noise: Array) -> Array:
    """(steps, columns, bands) mean over the cells of each column."""
    steps = np.arange(STEPS) * STEP_DB
    return np.stack(
        [(per_model * _core.band_loudness(signal, noise * db_to_power(-s))).mean(axis=1) for s in steps]
    )


def _set_right(table: Array, won_all: Array, won_each: Array) -> tuple[Array, Array]:
    """Steepness (columns, bands) and shares (tracks, columns, bands) with which 3 dB less wins what it was heard to."""
    start = table[0]
    eased_db = float(_core.MASKING_EASED_DB)
    matters = won_all > 1e-4 * np.maximum(start, 1e-6)
    down = _inverse(table, start + np.maximum(won_all, 0.0))
    steep = np.where(matters, np.clip(down / eased_db, 0.02, _STEEPEST), 1.0)
    each = np.stack([_inverse(table, start + np.maximum(won, 0.0)) for won in won_each]) / steep
    share = (1.0 - db_to_power(-each)) / (1.0 - db_to_power(-eased_db))
    share = np.where(matters, np.clip(share, 0.0, 1.0), 0.0)
    return steep, share / np.maximum(share.sum(axis=0), 1.0)


def _moved(share: Array, before: Array, now: Array) -> Array:
    """Shares once some tracks have become louder or quieter."""
    moved = share * now / np.maximum(before, 1e-9)
    left = np.maximum(1.0 - share.sum(axis=0), 0.0)
    return np.asarray(moved / np.maximum(moved.sum(axis=0) + left, 1e-9))


def _read(table: Array, down_db: Array) -> Array:
    """A table (steps, ...) at so many dB down (...), straight between its steps."""
    at = np.clip(down_db / STEP_DB, 0.0, STEPS - 1.001)
    low = at.astype(np.intp)
    flat, size = table.ravel(), down_db.size
    place = low * size + np.arange(size).reshape(down_db.shape)
    under = flat[place]
    return np.asarray(under + (at - low) * (flat[place + size] - under))


def _inverse(table: Array, wanted: Array) -> Array:
    """How far down (dB) a rising table (steps, ...) reaches what is wanted; at most all the way."""
    below = (table <= wanted).sum(axis=0) - 1
    low = np.clip(below, 0, STEPS - 2)
    under = np.take_along_axis(table, low[np.newaxis], axis=0)[0]
    over = np.take_along_axis(table, low[np.newaxis] + 1, axis=0)[0]
    part = np.divide(wanted - under, over - under, out=np.zeros_like(under), where=over - under > 1e-12)
    return np.asarray(STEP_DB * (low + np.clip(part, 0.0, 1.0)))


def _noise_that_leaves(signal: Array, share: Array, rest: Array) -> Array:
    """The noise beside which that share of the signal's loudness is left, by halving; none where all of it is."""
    own = np.maximum(_core.band_loudness(signal, np.zeros_like(signal)), 1e-12)
    low = np.full(signal.shape, _LOWEST_NOISE_DB)
    high = np.asarray(power_to_db(rest)) + 20.0
    for _ in range(18):
        middle = 0.5 * (low + high)
        more = _core.band_loudness(signal, db_to_power(middle)) / own > share
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.where(share < 0.999, db_to_power(0.5 * (low + high)), 0.0)
