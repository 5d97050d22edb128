"""Who gives way, where and by how much: the fewest EQ moves that reach a goal, or the reason there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from smartmix.suggesters.unmask.bells import Bell, fit_bells
from smartmix.suggesters.unmask.covered import Covered
from smartmix.suggesters.unmask.exact import (
    GRID_DB,
    Giver,
    broadband_db,
    finely,
    solve,
    solve_at_cost,
    total_rms_db,
)
from smartmix.units import power_to_db

Array = NDArray[np.float64]

GOAL_PHON = 3.0
"""What a set of moves is to win for the covered track: a third louder, and still the same balance (house)."""
GOAL_LOSS = 0.25
"""... or a quarter of what it loses, where that is more: a track that is nearly gone needs more than a third."""
MOST_OVER_DB = 20.0
LESS_GOAL = 0.5
"""Where EQ is too dear for the goal, half of it is tried."""
LEAST_OF_A_CUT = 0.3
LEAST_DB = 1.0
GOAL_SHARE = 0.8
"""Of what all the room there is would win: the last fifth costs more than half of the dB (measured on dev)."""
LEAST_PHON = 1.0
"""A move that wins less is not worth a person's time (house)."""
WORTH = 0.85
"""EQ has to move less than this share of the dB that faders would, for the same; else the fader is the honest tool."""
DEAR_DB = 2.0
"""Paying more than this for each phon, a person would rather ride the level (house)."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What one track gives up: bells and the curve they make (bands, dB), and what that alone adds, phon."""

    giver: Giver
    bells: tuple[Bell, ...]
    curve_db: Array
    phon: float


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Cuts in the order of what they add, and what they come to.

    ``after_phon[n]`` is the level with the first n cuts. ``cost_db`` is what all cost, ``broadband_db`` what faders
    would have to do for the same, ``exact_phon`` what the exact curves win at this cost.
    """

    covered: Covered
    cuts: tuple[Cut, ...]
    after_phon: tuple[float, ...]
    cost_db: float
    broadband_db: float
    exact_phon: float
    goal_phon: float
    why_not: str = ""
    curves: dict[int, Array] = field(default_factory=dict)

    @property
    def gain_phon(self) -> float:
        """What all cuts win, phon."""
        return self.after_phon[-1] - self.after_phon[0]

    @property
    def is_worth_it(self) -> bool:
        """Whether EQ does this for clearly less than faders would."""
        return not self.why_not and bool(self.cuts)


def solve_for(
    covered: Covered, givers: Sequence[Giver], edges_hz: NDArray[np.floating], most_moves: int
) -> Solution:
    """The fewest tracks whose cuts reach the goal; with ``why_not`` where cuts do not help ("overlap", "little")."""
    if not givers or most_moves < 1:
        return _nothing(covered, "nobody")
    start = covered.phon({})
    every = covered.phon({g.track: -g.room_db for g in givers}) - start
    wanted = max(GOAL_PHON, GOAL_LOSS * (covered.alone_phon - start))
    goal = min(wanted, GOAL_SHARE * every)
    if goal < LEAST_PHON:
        return _nothing(covered, "little", goal)
    found = _fewest(covered, givers, goal, edges_hz, most_moves)
    if found.why_not == "overlap" and LESS_GOAL * goal >= LEAST_PHON:
        less = _fewest(covered, givers, LESS_GOAL * goal, edges_hz, most_moves)
        return less if less.is_worth_it else found
    return found


def _fewest(
    covered: Covered, givers: Sequence[Giver], goal: float, edges_hz: NDArray[np.floating], most_moves: int
) -> Solution:
    """The first set, one track more at a time, that reaches the goal; tracks that add next to nothing are left out."""
    best = _nothing(covered, "little", goal)
    for count in range(1, min(most_moves, len(givers)) + 1):
        best = _fitted(covered, _most_helpful(covered, givers, count), goal, edges_hz)
        if best.gain_phon >= 0.97 * goal:
            break
    worth = [
        c.giver
        for c in best.cuts
        if c.phon >= LEAST_OF_A_CUT and min(b.gain_db for b in c.bells) <= -LEAST_DB
    ]
    if 0 < len(worth) < len(best.cuts):
        best = _fitted(covered, worth, goal, edges_hz)
    return best


def _most_helpful(covered: Covered, givers: Sequence[Giver], count: int) -> list[Giver]:
    """The tracks whose room wins most, one added to the others at a time."""
    chosen: list[Giver] = []
    for _ in range(count):
        left = [g for g in givers if g not in chosen]
        cuts = {g.track: -g.room_db for g in chosen}
        chosen.append(max(left, key=lambda g: covered.sone(cuts | {g.track: -g.room_db})))
    return chosen


def _fitted(
    covered: Covered, givers: Sequence[Giver], goal: float, edges_hz: NDArray[np.floating]
) -> Solution:
    """Bells for each in turn, beside the exact curves of those still to come; then all scaled to the goal together."""
    start = covered.phon({})
    exact = solve(covered, givers, goal)
    curves = dict(exact)
    fits: list[tuple[Giver, tuple[Bell, ...]]] = []
    for giver in sorted(givers, key=lambda g: -g.rms_db(exact[g.track])):
        table = finely(covered.by_cut(giver.track, GRID_DB, curves))
        goal_sone = covered.sone(curves)
        fitted = fit_bells(table, giver, goal_sone, edges_hz)
        if fitted is None or giver.rms_db(fitted.curve_db) < 0.05:
            curves[giver.track] = np.zeros_like(exact[giver.track])
            continue
        curves[giver.track] = fitted.curve_db
        fits.append((giver, fitted.bells))
    cuts, after = _in_order(covered, fits, curves)
    used = [c.giver for c in cuts]
    realised = {c.giver.track: c.curve_db for c in cuts}
    gain = after[-1] - start
    cost = total_rms_db(used, realised)
    at_cost = covered.phon(solve_at_cost(covered, used, cost)) - start if used else 0.0
    faders = broadband_db(covered, used, gain) if used and gain > 0.0 else 0.0
    dear = cost > WORTH * abs(faders) * np.sqrt(max(len(used), 1))
    dear = dear or cost > DEAR_DB * gain
    why = "little" if gain < LEAST_PHON else "overlap" if dear else ""
    return Solution(covered, cuts, after, cost, faders, at_cost, goal, why, realised)


def _in_order(
    covered: Covered, fits: Sequence[tuple[Giver, tuple[Bell, ...]]], curves: dict[int, Array]
) -> tuple[tuple[Cut, ...], tuple[float, ...]]:
    """The cuts, the one that adds most first, and the level after each."""
    left = list(fits)
    done: dict[int, Array] = {}
    cuts: list[Cut] = []
    after = [covered.phon({})]
    while left:
        best = max(left, key=lambda f: covered.sone(done | {f[0].track: curves[f[0].track]}))
        left.remove(best)
        giver, bells = best
        done[giver.track] = curves[giver.track]
        after.append(covered.phon(done))
        cuts.append(Cut(giver, bells, curves[giver.track], after[-1] - after[-2]))
    return tuple(cuts), tuple(after)


def _nothing(covered: Covered, why: str, goal: float = 0.0) -> Solution:
    return Solution(covered, (), (covered.phon({}),), 0.0, 0.0, 0.0, goal, why)


def over_db(covered_power: Array, covering_power: Array, weight: Array) -> float:
    """Level of the covering over the covered, dB: the mean over cells and bands, where it matters (``weight``)."""
    over = np.clip(
        power_to_db(np.maximum(covering_power, 1e-9) / np.maximum(covered_power, 1e-9)),
        -MOST_OVER_DB,
        MOST_OVER_DB,
    )
    return float((over * weight).sum() / max(float(weight.sum()), 1e-12))
