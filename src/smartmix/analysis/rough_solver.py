"""The solver behind the rough fit: non-negative least squares for a start, then Gauss-Newton on levels in dB."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.rough_cells import RoughCells
from smartmix.units import db_to_power, power_to_db

Array = NDArray[np.float64]

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
BUS_EQ_DB = 3.0
"""A bus EQ is taken to move a band by this at most: more, and it is other music."""
FIXED = 1e9
"""Strength of a prior that holds its setting where it is."""
DAMPING = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Faders:
    """Gain and right-over-left difference per track, and the common gain per band (bus EQ), all dB."""

    gain_db: Array
    side_db: Array
    band_db: Array


@dataclass(frozen=True, slots=True)
class Prior:
    """How far settings are taken to lie from the start, dB (one standard deviation).

    ``gain_db`` None leaves the faders free; ``side_db`` and ``band_db`` None hold pans and bus EQ where they start.
    """

    gain_db: float | None = None
    side_db: float | None = PAN_DB
    band_db: float | None = BAND_GAIN_DB

    def strengths(self, tracks: int, bands: int) -> Array:
        """Weight of the pull towards the start, for gains, sides and bands."""
        gain = DAMPING if self.gain_db is None else CELLS_PER_FACT * (RESIDUAL_DB / self.gain_db) ** 2
        side, band = (
            FIXED if spread is None else (RESIDUAL_DB / spread) ** 2
            for spread in (self.side_db, self.band_db)
        )
        return np.concatenate((np.full(tracks, gain), np.full(tracks, side), np.full(bands, band)))


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What was found: settings, one standard deviation of each gain (dB), and the powers they give."""

    faders: Faders
    error_db: Array
    power: Array


def nnls_start(cells: RoughCells) -> Array:
    """Gains in dB by non-negative least squares on weighted powers; tracks at zero start 20 dB under the median."""
    sources, target = cells.sources, cells.target
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


def refine(cells: RoughCells, start: Faders, prior: Prior) -> Fitted:
    """Gauss-Newton on levels in dB from ``start``. Cells the model cannot explain (reverb, edits) lose their vote; a
    common gain per frame (bus compression) is fitted along.
    """
    sources, target = cells.sources, cells.target
    count = len(sources)
    floor = float(target.max()) * db_to_power(FLOOR_DB)
    goal = power_to_db(target + floor)
    base = np.power((target + floor) / (target.max() + floor), WEIGHT_POWER)
    state = first = np.concatenate((start.gain_db, start.side_db, start.band_db))
    hessian = np.eye(len(state))
    strength = prior.strengths(count, len(start.band_db))
    pull = strength * (np.arange(len(state)) >= count) if prior.gain_db is None else strength
    residual_db = RESIDUAL_DB
    for turn in range(ROUNDS):
        parts = mixed(sources, state[:count], state[count : 2 * count])
        total = parts.sum(axis=0) + floor
        residual = goal - power_to_db(total) - state[2 * count :]
        weight = base / np.maximum(np.abs(residual - _frame_gains(residual, base)), 0.5)
        hessian, gradient = _normal(parts / total, residual, weight)
        hessian = hessian + np.diag(strength)
        step = np.linalg.solve(hessian, gradient - pull * (state - first))
        state = state + np.clip(step, -LARGEST_STEP_DB, LARGEST_STEP_DB) * (1.0 if turn > 2 else 0.7)
        residual_db = float(np.sqrt(np.average(np.minimum(residual**2, 36.0), weights=base)))
        if float(np.abs(step[: 2 * count]).max()) < 1e-3:
            break
    covariance = np.linalg.inv(hessian)
    error = np.sqrt(np.maximum(np.diag(covariance)[:count], 0.0) * residual_db * CELLS_PER_FACT)
    found = Faders(state[:count], state[count : 2 * count], state[2 * count :])
    bus_eq_db = np.clip(found.band_db, -BUS_EQ_DB, BUS_EQ_DB)
    return Fitted(
        found, error, mixed(sources, found.gain_db, found.side_db).sum(axis=0) * db_to_power(bus_eq_db)
    )


def mixed(sources: Array, gain: Array, side: Array) -> Array:
    """Each source's power per side at a gain and a right-over-left difference, dB."""
    sides = np.stack((gain - 0.5 * side, gain + 0.5 * side), axis=1)
    return np.asarray(sources * db_to_power(sides)[:, :, np.newaxis, np.newaxis])


def _frame_gains(residual: Array, weight: Array) -> Array:
    """The common gain per frame the residual asks for, shrunk by its prior, dB (1, frames, 1)."""
    pull = np.sum(weight * residual, axis=(0, 2), keepdims=True)
    return np.asarray(
        pull / (np.sum(weight, axis=(0, 2), keepdims=True) + (RESIDUAL_DB / FRAME_GAIN_DB) ** 2)
    )


def _normal(share: Array, residual: Array, weight: Array) -> tuple[Array, Array]:
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
    by_band = _by_setting(weighted.sum(axis=2))
    hessian[: 2 * count, 2 * count :] = by_band
    hessian[2 * count :, : 2 * count] = by_band.T
    hessian[2 * count :, 2 * count :] = np.diag(weight.sum(axis=(0, 1)))
    pulled = weight * residual
    gradient = np.concatenate(
        (_by_setting(np.einsum("kctb,ctb->kc", share, pulled)), pulled.sum(axis=(0, 1)))
    )
    frames = np.concatenate((_by_setting(weighted.sum(axis=3)), weight.sum(axis=0).T))
    strength = weight.sum(axis=(0, 2)) + (RESIDUAL_DB / FRAME_GAIN_DB) ** 2
    hessian -= small_products(frames / strength, frames)
    gradient -= np.einsum("st,t->s", frames, pulled.sum(axis=(0, 2)) / strength)
    return hessian, gradient


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
