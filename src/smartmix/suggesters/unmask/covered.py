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
"""By track index: what is taken from it, dB (at most 0): (bands,) or (cells, bands)."""

MOST_CELLS = 120
"""Enough moments to know a song by: with more, no figure moved by a tenth (measured on dev)."""
SOUNDS_SHARE = 0.1
"""A cell counts where the track has a tenth of its own loud cells' loudness (95th percentile)."""
DEPTH_DB = 9.0
STEPS = 19
_LOWEST_NOISE_DB = -30.0


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """One track in the moments it sounds, beside the rest.

    The model is set right at what was measured: the noise that would leave of the track just what the meter heard of
    it stands for the rest, cell by cell and band by band. When others give way that noise falls as their sum does.
    """

    track: int
    cells: NDArray[np.intp]
    """Which cells of the scene are looked at."""
    weight: Array
    """(cells,) share of the time, adds up to 1."""
    alone: Array
    """(cells, bands) sone by itself."""
    share: Array
    """(tracks, cells, bands) part of what covers it, by whom; adds up to 1."""
    table: Array
    """(steps, cells, bands) sone heard with the rest 0 to 9 dB down."""

    def heard(self, cuts: Cuts) -> Array:
        """(cells, bands) sone heard when others are cut."""
        return self._at(self._rest_db(cuts))

    def sone(self, cuts: Cuts) -> float:
        """Mean loudness heard, sone."""
        return float((self.weight @ self.heard(cuts)).sum())

    def phon(self, cuts: Cuts) -> float:
        """Loudness level of that, phon."""
        return float(_core.phon_of_sone(self.sone(cuts)))

    @property
    def alone_phon(self) -> float:
        """Loudness level by itself, phon."""
        return float(_core.phon_of_sone((self.weight @ self.alone).sum()))

    def heard_share(self, cuts: Cuts) -> float:
        """Share of its loudness that is heard, 0..1."""
        alone = float((self.weight @ self.alone).sum())
        return self.sone(cuts) / alone if alone > 0.0 else 1.0

    def by_cut(self, track: int, grid_db: Array, cuts: Cuts) -> Array:
        """(grid, bands) mean sone heard with one more track cut by each value of the grid, the others as they are."""
        others = {t: c for t, c in cuts.items() if t != track}
        rest = self._rest(others) - self.share[track]
        rows = [
            self.weight @ self._at(power_to_db(np.maximum(rest + self.share[track] * db_to_power(g), 1e-9)))
            for g in grid_db
        ]
        return np.asarray(rows)

    def _rest(self, cuts: Cuts) -> Array:
        rest = np.ones_like(self.alone)
        for track, cut_db in cuts.items():
            rest = rest + self.share[track] * (db_to_power(cut_db) - 1.0)
        return rest

    def _rest_db(self, cuts: Cuts) -> Array:
        return np.asarray(power_to_db(np.maximum(self._rest(cuts), 1e-9)))

    def _at(self, rest_db: Array) -> Array:
        """The table where the rest is down to ``rest_db`` (cells, bands)."""
        at = np.clip(-rest_db / (DEPTH_DB / (STEPS - 1)), 0.0, STEPS - 1.001)
        low = at.astype(np.intp)
        flat, size = self.table.ravel(), rest_db.size
        place = low * size + np.arange(size).reshape(rest_db.shape)
        under = flat[place]
        return np.asarray(under + (at - low) * (flat[place + size] - under))


def covered_in(scene: Scene, track: int, within: NDArray[np.bool_] | None = None) -> Covered | None:
    """A track of the scene in its own moments (of those ``within``); None if it never sounds there."""
    loudness = scene.cells.alone_sone[track].astype(np.float64).sum(axis=1)
    sounding = loudness > SOUNDS_SHARE * np.percentile(loudness, 95.0)
    if within is not None:
        sounding &= within
    cells = np.flatnonzero(sounding & (loudness > 0.0))
    if not cells.size:
        return None
    if cells.size > MOST_CELLS:
        cells = cells[np.round(np.linspace(0, cells.size - 1, MOST_CELLS)).astype(np.intp)]
    return _calibrated(scene, track, cells)


def _calibrated(scene: Scene, track: int, cells: NDArray[np.intp]) -> Covered:
    others = np.arange(scene.level.shape[0]) != track
    was, now = scene.before[track][cells], scene.level[track][cells]
    rest_before = np.maximum(scene.before_cover[others][:, cells].sum(axis=0), 1e-9)
    cover = np.where(others[:, np.newaxis, np.newaxis], scene.cover[:, cells], 0.0)
    rest = np.maximum(cover.sum(axis=0), 1e-9)
    alone = scene.cells.alone_sone[track][cells].astype(np.float64)
    heard = scene.cells.heard_sone[track][cells].astype(np.float64)
    noise = _noise_that_leaves(was, np.divide(heard, alone, out=np.ones_like(alone), where=alone > 0.0), rest_before)
    noise *= rest / rest_before
    own = _core.band_loudness(was, np.zeros_like(was))
    per_model = np.divide(alone, own, out=np.zeros_like(alone), where=own > 1e-9)
    steps = np.linspace(0.0, DEPTH_DB, STEPS)
    table = np.stack([per_model * _core.band_loudness(now, noise * db_to_power(-step)) for step in steps])
    return Covered(
        track=track,
        cells=cells,
        weight=np.full(cells.size, 1.0 / cells.size),
        alone=per_model * _core.band_loudness(now, np.zeros_like(now)),
        share=cover / rest,
        table=table,
    )


def _noise_that_leaves(signal: Array, share: Array, rest: Array) -> Array:
    """The noise beside which that share of the signal's loudness is left, by halving; none where all of it is."""
    own = np.maximum(_core.band_loudness(signal, np.zeros_like(signal)), 1e-12)
    low = np.full(signal.shape, _LOWEST_NOISE_DB)
    high = np.asarray(power_to_db(rest)) + 20.0
    for _ in range(22):
        middle = 0.5 * (low + high)
        more = _core.band_loudness(signal, db_to_power(middle)) / own > share
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.where(share < 0.999, db_to_power(0.5 * (low + high)), 0.0)
