"""Which fader and pan settings explain the rough mix, from band powers over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import TrackFacts
from smartmix.units import db_to_power, power_to_db

Array = NDArray[np.float64]

MOST_FRAMES = 400
"""Frames used: more make the fit slower, not better (measured on dev songs)."""
FLOOR_DB = -60.0
"""Cells this far under the loudest say little about a balance."""
WEIGHT_POWER = 0.25
ROUNDS = 25
NNLS_ROUNDS = 300
SMALL_PRODUCT = 200_000
RESIDUAL_DB = 2.0
"""Spread of a cell around the model, from cross terms between tracks: sets what the priors below weigh."""
FRAME_GAIN_DB = 2.0
"""Prior spread of the common gain per 100 ms frame: bus compression."""
BAND_GAIN_DB = 1.5
"""Prior spread of the common gain per band: bus EQ and clipping."""
PAN_DB = 8.0
LARGEST_STEP_DB = 4.0
CELLS_PER_FACT = 8.0
"""Neighbouring cells err together: this many count as one independent fact in the error estimate (tuned on dev)."""
AUDIBLE_SHARE = 0.02
"""A track that never makes up this share of the rough in its own loudest cells cannot be read from it."""
UNSURE_DB = 3.0
MONO_SHARE = 1e-3
"""Sides that differ by less than this share of the power (-30 dB) are one signal."""
BUS_EQ_DB = 3.0
"""A bus EQ is taken to move a band by this at most: more, and it is other music."""
BUS_REACH = 10.0**0.3
"""Bus compression is taken to move the level by 3 dB at most."""


@dataclass(frozen=True, slots=True, eq=False)
class RoughFit:
    """Settings per track that explain the rough; arrays are in the order of ``tracks``.

    ``gain_db`` includes the overall level between sum and rough. ``side_db`` is right over left gain (0: as
    the track is). ``error_db`` is one standard deviation. ``heard`` is False where the rough does not tell.
    ``explained`` and ``sum_explained`` (0..1) are the shares of the rough's power, cell by cell, that the fit
    and the plain sum (at the best overall level) account for.
    """

    tracks: tuple[str, ...]
    gain_db: Array
    side_db: Array
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
    pan = pan and not is_mono(rough)
    cells = _cells([tracks[name] for name in names], plain_sum, rough) if names else None
    if cells is None:
        return None
    sources, target, summed = cells
    start = _nnls_start(sources, target)
    gain, side, error, fitted = _refine(sources, target, start, pan=pan)
    heard = (error < UNSURE_DB) & (_loudest_share(sources, fitted, gain, side) > AUDIBLE_SHARE)
    level = np.sum(target) / max(float(np.sum(summed)), 1e-30)
    return RoughFit(
        tracks=names, gain_db=gain, side_db=side, error_db=error, heard=heard,
        explained=_explained(fitted, target), sum_explained=_explained(summed * level, target),
    )  # fmt: skip


def _cells(
    tracks: list[TrackFacts], plain_sum: TrackFacts, rough: TrackFacts
) -> tuple[Array, Array, Array] | None:
    """Sources (tracks, 2, frames, bands) with the sum's cross terms folded in, rough and sum (2, frames, bands)."""
    everything = [*tracks, plain_sum, rough]
    frames = min(len(t.features.band_power) for t in everything)
    use = np.flatnonzero(rough.features.active[:frames] & plain_sum.features.active[:frames])
    if use.size == 0:
        return None
    if use.size > MOST_FRAMES:
        use = use[np.linspace(0, use.size - 1, MOST_FRAMES).astype(int)]
    sources = np.stack([_sides(t, use) for t in tracks])
    summed = _sides(plain_sum, use)
    # Per cell, what the tracks do to each other when they are added: spill, DI and amp, doubled parts.
    cross = np.clip(summed / np.maximum(sources.sum(axis=0), 1e-30), 0.1, 10.0)
    if is_mono(rough):
        sources = np.stack([_folded(s, t.correlation) for s, t in zip(sources, tracks, strict=True)])
        summed = _folded(summed, plain_sum.correlation)
    return sources * cross, _sides(rough, use), summed


def is_mono(rough: TrackFacts) -> bool:
    """Whether a rough is a mono file, or a stereo file with the same on both sides."""
    left, right = rough.features.left_power, rough.features.right_power
    return left is right or bool(np.abs(left - right).sum() <= MONO_SHARE * (left + right).sum())


def _sides(facts: TrackFacts, use: NDArray[np.intp]) -> Array:
    """Power of both sides in the frames in use (2, frames, bands)."""
    return np.stack((facts.features.left_power[use], facts.features.right_power[use])).astype(np.float64)


def _folded(sides: Array, correlation: float) -> Array:
    """Power of the fold to (L+R)/2, on both sides, taking the source's correlation for every cell's."""
    left, right = sides
    return np.stack([(left + right + 2.0 * correlation * np.sqrt(left * right)) / 4.0] * 2)


def _nnls_start(sources: Array, target: Array) -> Array:
    """Gains in dB by non-negative least squares on weighted powers; tracks at zero start 20 dB under the median."""
    weight = 1.0 / np.power(target + target.max() * 1e-5, 0.75)
    matrix = (sources * weight).reshape(len(sources), -1)
    power = nnls(
        small_products(matrix, matrix), small_products(matrix, (target * weight).reshape(1, -1))[:, 0]
    )
    found = power > 1e-8 * max(float(power.max()), 1e-30)
    gain = power_to_db(np.where(found, power, 1.0))
    middle = float(np.median(gain[found])) if found.any() else 0.0
    return np.clip(np.where(found, gain, middle - 20.0), middle - 20.0, middle + 20.0)


def nnls(gram: Array, projected: Array) -> Array:
    """The x >= 0 that minimises x'Gx / 2 - x'p, by cyclic coordinate descent. G is a Gram matrix, p = A'b."""
    x = np.zeros(len(gram))
    scale = np.maximum(np.diag(gram), 1e-30)
    for _ in range(NNLS_ROUNDS):
        for k in range(len(gram)):
            x[k] = max(0.0, x[k] + (projected[k] - gram[k] @ x) / scale[k])
    return x


def _refine(sources: Array, target: Array, start: Array, *, pan: bool) -> tuple[Array, Array, Array, Array]:
    """Gain, side (dB) and gain error per track, and the fitted powers."""
    count = len(sources)
    floor = float(target.max()) * db_to_power(FLOOR_DB)
    goal = power_to_db(target + floor)
    base = np.power((target + floor) / (target.max() + floor), WEIGHT_POWER)
    state = np.concatenate((start, np.zeros(count), np.zeros(target.shape[2])))
    hessian = np.eye(len(state))
    residual_db = RESIDUAL_DB
    for turn in range(ROUNDS):
        parts = _mixed(sources, state[:count], state[count : 2 * count])
        total = parts.sum(axis=0) + floor
        residual = goal - power_to_db(total) - state[2 * count :]
        weight = base / np.maximum(np.abs(residual - _frame_gains(residual, base)), 0.5)
        hessian, gradient = _normal(parts / total, residual, weight, state, pan=pan)
        step = np.linalg.solve(hessian, gradient)
        state = state + np.clip(step, -LARGEST_STEP_DB, LARGEST_STEP_DB) * (1.0 if turn > 2 else 0.7)
        residual_db = float(np.sqrt(np.average(np.minimum(residual**2, 36.0), weights=base)))
        if float(np.abs(step[: 2 * count]).max()) < 1e-3:
            break
    covariance = np.linalg.inv(hessian)
    error = np.sqrt(np.maximum(np.diag(covariance)[:count], 0.0) * residual_db * CELLS_PER_FACT)
    gain, side = state[:count], state[count : 2 * count]
    bus_eq_db = np.clip(state[2 * count :], -BUS_EQ_DB, BUS_EQ_DB)
    fitted = _mixed(sources, gain, side).sum(axis=0) * db_to_power(bus_eq_db)
    return gain, side, error, fitted


def _mixed(sources: Array, gain: Array, side: Array) -> Array:
    """Each source's power per side at a gain and a right-over-left difference, dB."""
    sides = np.stack((gain - 0.5 * side, gain + 0.5 * side), axis=1)
    return np.asarray(sources * db_to_power(sides)[:, :, np.newaxis, np.newaxis])


def _frame_gains(residual: Array, weight: Array) -> Array:
    """The common gain per frame the residual asks for, shrunk by its prior, dB (1, frames, 1)."""
    pull = np.sum(weight * residual, axis=(0, 2), keepdims=True)
    return np.asarray(
        pull / (np.sum(weight, axis=(0, 2), keepdims=True) + (RESIDUAL_DB / FRAME_GAIN_DB) ** 2)
    )


def _normal(share: Array, residual: Array, weight: Array, state: Array, *, pan: bool) -> tuple[Array, Array]:
    """Normal equations for gains, sides and band gains; the frame gains are eliminated (Schur complement)."""
    count, bands = len(share), residual.shape[2]
    hessian = np.zeros((2 * count + bands, 2 * count + bands))
    weighted = share * weight
    left, right = (
        small_products(weighted[:, c].reshape(count, -1), share[:, c].reshape(count, -1)) for c in (0, 1)
    )
    hessian[: 2 * count, : 2 * count] = np.block(
        [[left + right, 0.5 * (right - left)], [0.5 * (right - left), 0.25 * (left + right)]]
    )
    mixed = _by_setting(weighted.sum(axis=2))
    hessian[: 2 * count, 2 * count :] = mixed
    hessian[2 * count :, : 2 * count] = mixed.T
    hessian[2 * count :, 2 * count :] = np.diag(weight.sum(axis=(0, 1)))
    pulled = weight * residual
    gradient = np.concatenate(
        (_by_setting(np.einsum("kctb,ctb->kc", share, pulled)), pulled.sum(axis=(0, 1)))
    )
    frames = np.concatenate((_by_setting(weighted.sum(axis=3)), weight.sum(axis=0).T))
    strength = weight.sum(axis=(0, 2)) + (RESIDUAL_DB / FRAME_GAIN_DB) ** 2
    hessian -= small_products(frames / strength, frames)
    gradient -= np.einsum("st,t->s", frames, pulled.sum(axis=(0, 2)) / strength)
    side_prior = (RESIDUAL_DB / PAN_DB) ** 2 if pan else 1e9
    prior = np.concatenate(
        (np.full(count, 1e-4), np.full(count, side_prior), np.full(bands, (RESIDUAL_DB / BAND_GAIN_DB) ** 2))
    )
    gradient[count:] -= prior[count:] * state[count:]
    return hessian + np.diag(prior), gradient


def _by_setting(by_side: Array) -> Array:
    """Sums per track and side (tracks, 2, ...) as sums per gain and per side difference (2 tracks, ...)."""
    return np.concatenate((by_side[:, 0] + by_side[:, 1], 0.5 * (by_side[:, 1] - by_side[:, 0])))


def small_products(first: Array, second: Array) -> Array:
    """``first @ second.T`` in pieces too small for BLAS to start its threads, which spin for longer than this
    takes."""
    piece = max(8, SMALL_PRODUCT // (len(first) * len(second)))
    total = np.zeros((len(first), len(second)))
    for start in range(0, first.shape[1], piece):
        total += first[:, start : start + piece] @ second[:, start : start + piece].T
    return total


def _loudest_share(sources: Array, fitted: Array, gain: Array, side: Array) -> Array:
    """How much of the rough each track makes up in the hundredth of the cells where it is strongest, 0..1."""
    share = (_mixed(sources, gain, side) / np.maximum(fitted, 1e-30)).reshape(len(sources), -1)
    loud = (fitted > fitted.max() * db_to_power(FLOOR_DB)).ravel()
    return np.percentile(share[:, loud], 99.0, axis=1)


def _explained(fitted: Array, target: Array) -> float:
    """Share of the power that agrees, cell by cell, after a common gain per frame within bus compression's reach."""
    frames = target.sum(axis=(0, 2)) / np.maximum(fitted.sum(axis=(0, 2)), 1e-30)
    middle = float(target.sum()) / max(float(fitted.sum()), 1e-30)
    gain = middle * np.clip(frames / middle, 1.0 / BUS_REACH, BUS_REACH)
    apart = np.abs(fitted * gain[:, np.newaxis] - target).sum() / target.sum()
    return float(np.clip(1.0 - apart, 0.0, 1.0))
