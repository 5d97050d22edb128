"""From curves to what a person can edit: one to three bells that reach the same loudness for the least dB."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smartmix.suggesters.unmask.exact import FINE_DB, Giver
from smartmix.suggesters.unmask.scene import bell_response_db

Array = NDArray[np.float64]
QS = (0.5, 0.7, 1.0, 1.4, 2.0, 3.0)
"""Widths that are tried, up to the house's narrowest for a broad cut."""
LESS_DB = 0.05
"""Another bell must move at least 5 % less dB, or it buys nothing."""
MOST_BELLS = 3
HALVINGS = 9
RATIOS = (0.4, 0.7, 1.2)
"""Depths of a further bell that are tried, against the first one's."""
SKIRT_DB = 0.5
"""What the skirts of a bell may take where nothing is to be cut: nobody hears it (house)."""
KEPT = 60
"""So many of the first bell's candidates are tried as a further one."""
_SHAPE_DB = -2.0
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 12_000.0


@dataclass(frozen=True, slots=True)
class Bell:
    """One band of an EQ: a cut (dB, below 0)."""

    hz: float
    q: float
    gain_db: float


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Bells of one track, the curve they make (bands, dB), what that costs, and the loudness it leaves (sone)."""

    bells: tuple[Bell, ...]
    curve_db: Array
    cost_db: float
    sone: float


@dataclass(frozen=True, slots=True, eq=False)
class _Shapes:
    """Unit bells (shapes, bands), 1 where they cut deepest, with their frequency and Q."""

    curves: Array
    hz: Array
    q: Array


@lru_cache(maxsize=4)
def _shapes(edges: tuple[float, ...]) -> _Shapes:
    edges_hz = np.array(edges)
    middles = np.sqrt(edges_hz[:-1] * edges_hz[1:])
    found = [(hz, q) for hz in middles[(middles >= _LOWEST_HZ) & (middles <= _HIGHEST_HZ)] for q in QS]
    curves = np.stack([bell_response_db(hz, q, _SHAPE_DB, edges_hz) / _SHAPE_DB for hz, q in found])
    return _Shapes(curves, np.array([hz for hz, _ in found]), np.array([q for _, q in found]))


def fit_bells(table: Array, giver: Giver, goal_sone: float, edges_hz: NDArray[np.floating]) -> Fitted | None:
    """The fewest bells that leave ``goal_sone`` heard, within the room; the nearest they come, if none can; None where
    no bell fits the room. ``table`` (FINE_DB, bands): loudness heard over each band's cut.
    """
    giver = Giver(giver.track, np.maximum(giver.room_db, SKIRT_DB), giver.weight)
    shapes = _helpful(table, giver, goal_sone, _shapes(tuple(float(e) for e in edges_hz)))
    best: Fitted | None = None
    chosen: list[tuple[int, float]] = []
    for _ in range(MOST_BELLS):
        found = _with_one_more(table, giver, goal_sone, shapes, chosen)
        if found is None:
            break
        more = _realised(table, giver, goal_sone, shapes, found, edges_hz=edges_hz)
        reaches = best is None or (more.sone > best.sone * 1.002 and best.sone < goal_sone * 0.999)
        cheaper = (
            best is not None
            and more.sone >= best.sone * 0.999
            and more.cost_db <= (1.0 - LESS_DB) * best.cost_db
        )
        if not (reaches or cheaper):
            break
        best, chosen = more, found
    return best


def _helpful(table: Array, giver: Giver, goal: float, shapes: _Shapes) -> _Shapes:
    """The candidates that do most by themselves."""
    scale, sone = _scales(table, giver, goal, shapes.curves)
    cost = _costs(giver, scale, shapes.curves)
    per_db = (sone - table[0].sum()) / np.maximum(cost, 0.05)
    reached = sone >= 0.999 * goal
    order = np.lexsort((-per_db, ~reached))
    deep = np.argsort(-sone)[: KEPT // 3]
    kept = np.unique(np.concatenate([order[:KEPT], deep]))
    return _Shapes(shapes.curves[kept], shapes.hz[kept], shapes.q[kept])


def _costs(giver: Giver, scale: Array, curves: Array) -> Array:
    cost = (giver.weight * (scale[:, np.newaxis] * curves) ** 2).sum(axis=1) / giver.weight.sum()
    return np.asarray(np.sqrt(cost))


def _with_one_more(
    table: Array, giver: Giver, goal: float, shapes: _Shapes, chosen: list[tuple[int, float]]
) -> list[tuple[int, float]] | None:
    """The bells so far and the best further one, each re-placed once beside the others; (shape, relative depth)."""
    found = _best_beside(table, giver, goal, shapes, chosen)
    if found is None:
        return None
    bells = [*chosen, found]
    for at in range(len(bells) if len(bells) > 1 else 0):
        others = bells[:at] + bells[at + 1 :]
        again = _best_beside(table, giver, goal, shapes, others)
        if again is not None:
            bells = [*bells[:at], again, *bells[at + 1 :]]
    return bells


def _best_beside(
    table: Array, giver: Giver, goal: float, shapes: _Shapes, others: list[tuple[int, float]]
) -> tuple[int, float] | None:
    base = sum((depth * shapes.curves[shape] for shape, depth in others), np.zeros(table.shape[1]))
    deepest = max((depth for _, depth in others), default=1.0)
    depths = [r * deepest for r in RATIOS] if others else [1.0]
    curves = np.concatenate([base + depth * shapes.curves for depth in depths])
    curves = curves / curves.max(axis=1, keepdims=True)
    scale, sone = _scales(table, giver, goal, curves)
    cost = _costs(giver, scale, curves)
    if not (scale > 0.05).any():
        return None
    reached = sone >= 0.999 * goal
    # Where none reaches the goal, what comes nearest; so many sone a dB, where several do.
    best = int(np.argmin(np.where(reached, cost, np.inf)) if reached.any() else np.argmax(sone))
    return best % shapes.hz.size, depths[best // shapes.hz.size]


def _scales(table: Array, giver: Giver, goal: float, curves: Array) -> tuple[Array, Array]:
    """How deep (dB) each curve (at most 1) must be to leave ``goal`` heard, and what is heard; at most its room."""
    with np.errstate(divide="ignore"):
        room = np.where(curves > 0.02, giver.room_db / np.maximum(curves, 1e-9), np.inf).min(axis=1)
    low, high = np.zeros(len(curves)), np.minimum(room, -FINE_DB[-1])
    most = _heard(table, high[:, np.newaxis] * curves)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        enough = _heard(table, middle[:, np.newaxis] * curves) >= goal
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high, np.minimum(most, np.maximum(_heard(table, high[:, np.newaxis] * curves), 0.0))


def _heard(table: Array, cuts_db: Array) -> Array:
    """Loudness (curves,) at cuts (curves, bands) of so many dB, straight between the table's rows."""
    bands = table.shape[1]
    at = np.clip(cuts_db / -FINE_DB[1], 0.0, len(FINE_DB) - 1.001)
    low = at.astype(np.intp)
    flat, place = table.ravel(), low * bands + np.arange(bands)
    under = flat[place]
    return np.asarray((under + (at - low) * (flat[place + bands] - under)).sum(axis=-1))


def _realised(
    table: Array,
    giver: Giver,
    goal: float,
    shapes: _Shapes,
    bells: list[tuple[int, float]],
    *,
    edges_hz: NDArray[np.floating],
) -> Fitted:
    """The bells as an EQ makes them, one common scale found on the curve they really have."""
    deepest = max(depth for _, depth in bells)

    def curve(scale: float) -> Array:
        return np.asarray(
            sum(
                bell_response_db(float(shapes.hz[s]), float(shapes.q[s]), -scale * depth / deepest, edges_hz)
                for s, depth in bells
            )
        )

    low, high = 0.0, -float(FINE_DB[-1])
    for _ in range(2 * HALVINGS):
        middle = 0.5 * (low + high)
        made = curve(middle)
        over = bool((-made > giver.room_db + 0.02).any())
        low, high = (
            (low, middle) if over or float(_heard(table, -made[np.newaxis])[0]) >= goal else (middle, high)
        )
    made = curve(low)
    placed = tuple(
        Bell(float(shapes.hz[s]), float(shapes.q[s]), -low * depth / deepest) for s, depth in bells
    )
    return Fitted(placed, made, giver.rms_db(made), float(_heard(table, -made[np.newaxis])[0]))
