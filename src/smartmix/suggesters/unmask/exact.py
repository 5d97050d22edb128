"""The exact solver: what each band of each covering track should give up, before anything a person can edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.suggesters.unmask.covered import Covered, Cuts

Array = NDArray[np.float64]
GRID_DB = -np.array([0.0, 0.5, 1.0, 2.0, 3.0, 4.5, 6.0])
FINE_DB = -np.arange(0.0, 6.001, 0.1)
UNHEARD_WEIGHT = 0.05
ROUNDS = 2
HALVINGS = 11


@dataclass(frozen=True, slots=True, eq=False)
class Giver:
    """A track that may give way: how much it may lose in each band (dB, at least 0) and how much each band of it is
    heard (1, or a twentieth where it is not)."""

    track: int
    room_db: Array
    weight: Array

    def rms_db(self, cut_db: Array) -> float:
        """What a cut costs: its root mean square over the bands in which the track is heard, dB."""
        return float(np.sqrt((self.weight * cut_db**2).sum() / self.weight.sum()))


def total_rms_db(givers: Sequence[Giver], cuts: Cuts) -> float:
    """What cuts of several tracks cost together, dB."""
    return float(np.sqrt(sum(g.rms_db(cuts[g.track]) ** 2 for g in givers if g.track in cuts)))


def solve(covered: Covered, givers: Sequence[Giver], goal_phon: float) -> dict[int, Array]:
    """The curves (dB, at most 0) that bring the covered track up by ``goal_phon`` at the least cost; all the room they
    have, where that is not enough. Bands are apart from each other in this model, so each is searched on its own.
    """
    low, high = 1e-9, 1e3
    start = covered.phon({})
    cuts = _at_price(covered, givers, low)
    if covered.phon(cuts) - start <= goal_phon:
        return cuts
    for _ in range(HALVINGS):
        price = float(np.sqrt(low * high))
        cuts = _at_price(covered, givers, price)
        low, high = (price, high) if covered.phon(cuts) - start > goal_phon else (low, price)
    return _at_price(covered, givers, low)


def solve_at_cost(covered: Covered, givers: Sequence[Giver], cost_db: float) -> dict[int, Array]:
    """The best curves whose total cost is ``cost_db``."""
    low, high = 1e-9, 1e3
    for _ in range(HALVINGS):
        price = float(np.sqrt(low * high))
        cuts = _at_price(covered, givers, price)
        low, high = (price, high) if total_rms_db(givers, cuts) > cost_db else (low, price)
    return _at_price(covered, givers, high)


def broadband_db(covered: Covered, givers: Sequence[Giver], goal_phon: float) -> float:
    """How far all of them would have to come down by their faders for the same, dB (at most 0; -6 at the most)."""
    bands = covered.alone.shape[1]
    start = covered.phon({})
    low, high = -6.0, 0.0
    for _ in range(20):
        middle = 0.5 * (low + high)
        gain = covered.phon({g.track: np.full(bands, middle) for g in givers}) - start
        low, high = (middle, high) if gain >= goal_phon else (low, middle)
    return low


def _at_price(covered: Covered, givers: Sequence[Giver], price: float) -> dict[int, Array]:
    """Curves that win the most loudness (as a share) for a price per dB squared; each track in turn, twice."""
    bands = covered.alone.shape[1]
    cuts = {g.track: np.zeros(bands) for g in givers}
    whole = max(covered.alone_sone, 1e-9)
    for _ in range(ROUNDS if len(givers) > 1 else 1):
        for giver in givers:
            table = covered.by_cut(giver.track, GRID_DB, cuts) / whole
            fine = finely(table)
            cost = price * giver.weight / giver.weight.sum() * (FINE_DB**2)[:, np.newaxis]
            value = np.where(-FINE_DB[:, np.newaxis] <= giver.room_db + 1e-9, fine - cost, -np.inf)
            cuts[giver.track] = FINE_DB[np.argmax(value, axis=0)]
    return cuts


def finely(table: Array) -> Array:
    """A table over GRID_DB (grid, bands) read at FINE_DB."""
    bands = range(table.shape[1])
    return np.stack([np.interp(FINE_DB[::-1], GRID_DB[::-1], table[::-1, b])[::-1] for b in bands], axis=1)
