"""Sessions put together from the bank: who plays, what else happened to each track, how loud each ought to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.bands import BANDS
from smartmix.suggesters.models.track_vector import CURVES
from smartmix.training.balance_truth import true_levels
from smartmix.training.bank import ROLES, Bank

FEWEST, MOST = 3, 14
SHARE = np.asarray([1.0, 1.0, 0.8, 0.5, 0.6, 0.9, 0.8, 1.2, 1.5, 1.2, 1.5, 1.0, 1.5])
"""How often a role turns up (house: between a rock band and a producer's session)."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One session: figures (n, SIZE), role (n,), true level (n,) in LU against the middle."""

    vectors: NDArray[np.float32]
    role: NDArray[np.int64]
    level: NDArray[np.float64]


def draw_session(bank: Bank, rng: np.random.Generator, *, changed: bool = True) -> Drawn:
    """A session of 3 to 14 tracks; ``changed``: each gets another tone and loses some figures on the way."""
    size = int(rng.integers(FEWEST, MOST + 1))
    wanted = rng.choice(len(ROLES), size, p=SHARE / SHARE.sum())
    rows = np.asarray([rng.choice(np.flatnonzero(bank.role == role)) for role in wanted])
    vectors = bank.vectors[rows]
    if changed:
        vectors = np.stack([other_tone(v, rng) for v in vectors])
    return Drawn(vectors, wanted, true_levels(vectors, wanted, rng))


def other_tone(vector: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The figures of the same track behind another EQ, with errors of measurement and groups of figures missing."""
    changed = vector.copy()
    knots = rng.normal(0.0, 0.25, 8)  # tens of dB
    curve = np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 8), knots) + rng.normal(
        0, 0.1
    ) * np.linspace(-1, 1, BANDS)
    curves = changed[: BANDS * CURVES].reshape(CURVES, BANDS)
    mean = np.maximum(curves[0] + curve, -6.0)
    shift = np.log10(np.sum(10.0 ** np.maximum(mean, -6.0)) + 1e-9)
    curves += (curve - shift).astype(np.float32)
    np.clip(curves, -6.0, 1.0, out=curves)
    changed += rng.normal(0, 0.05, changed.size).astype(np.float32)
    tail = changed[BANDS * CURVES :]
    tail[rng.random(tail.size) < 0.1] = 0.0
    return changed


def as_batch(
    sessions: list[Drawn],
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int64], NDArray[np.float32]]:
    """Figures (b, n, SIZE), whether there is a track (b, n), role and level (b, n); empty places are 0."""
    most = max(s.role.size for s in sessions)
    vectors = np.zeros((len(sessions), most, sessions[0].vectors.shape[1]), np.float32)
    there, role = np.zeros(vectors.shape[:2], bool), np.zeros(vectors.shape[:2], np.int64)
    level = np.zeros(vectors.shape[:2], np.float32)
    for row, session in enumerate(sessions):
        count = session.role.size
        vectors[row, :count], there[row, :count] = session.vectors, True
        role[row, :count], level[row, :count] = session.role, session.level
    return vectors, there, role, level
