"""The balance a synthesised session is said to have: the house table, its own taste, room for what is covered.

It is our own formula with noise. A head or rule that finds it again has shown that it can hear what the formula
needs; how people balance, it has not shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.bands import BANDS
from smartmix.training.bank import ROLES

Floats = NDArray[np.float64]

USUAL_LU = {
    "kick": -2.0,
    "snare": -2.0,
    "hihat": -9.0,
    "toms": -4.0,
    "cymbals": -8.0,
    "percussion": -8.0,
    "drums": 0.0,
    "bass": -3.0,
    "guitar": -6.0,
    "keys": -7.0,
    "synth": -6.0,
    "pad": -10.0,
    "vocal": 0.0,
}
"""The table of the role rule (suggesters/role_balance.py) on the roles a head tells apart."""
COUNT_LU = 7.0
BACKING_LU = -6.0
"""Every vocal but the first."""
COVERED_LU = 4.0
"""Up by this much from wholly uncovered to wholly covered."""
TASTE_LU, NOISE_LU = 1.5, 1.0
"""Standard deviations: of a session's taste per role, of each track."""

TABLE = np.asarray([USUAL_LU[role] for role in ROLES])
VOCAL = ROLES.index("vocal")


def covered(vectors: NDArray[np.float32]) -> Floats:
    """How much (n,) of each track's spectrum the others cover when all are equally loud: 0 nothing, towards 1 all."""
    power = 10.0 ** vectors[:, :BANDS].astype(np.float64)  # the first curve: mean spectrum in tens of dB
    power /= power.sum(axis=1, keepdims=True)
    others = power.sum(axis=0) - power
    return np.asarray((power * others / (power + others + 1e-9)).sum(axis=1))


def true_levels(vectors: NDArray[np.float32], role: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Level (n,) of each track of a session in LU, its middle at 0."""
    count = np.bincount(role, minlength=len(ROLES))[role]
    level = TABLE[role] - COUNT_LU * np.log10(count) * (role != VOCAL)
    vocals = np.flatnonzero(role == VOCAL)
    level[vocals[1:]] += BACKING_LU
    level = level + COVERED_LU * covered(vectors) + TASTE_LU * rng.standard_normal(len(ROLES))[role]
    return centred(level + NOISE_LU * rng.standard_normal(level.size))


def centred(level: Floats) -> Floats:
    """Levels against their median."""
    return level - np.median(level)


def rule_inputs(vectors: NDArray[np.float32], chances: Floats) -> Floats:
    """What the fitted rule goes by (n, roles + 2): role (as chances), log of how many share it, how covered it is."""
    count = np.maximum(1.0, chances @ chances.sum(axis=0))
    return np.column_stack([chances, np.log10(count), covered(vectors)])


@dataclass(frozen=True, slots=True, eq=False)
class FittedRule:
    """A handful of numbers fitted to the same sessions the head learns from: the rival it has to beat."""

    weights: Floats

    @classmethod
    def fit(cls, sessions: list[tuple[Floats, Floats]], ridge: float = 1.0) -> FittedRule:
        """From sessions of (inputs, true levels); least squares on what is left when each session's mean is gone."""
        x = np.concatenate([inputs - inputs.mean(axis=0) for inputs, _ in sessions])
        y = np.concatenate([level - level.mean() for _, level in sessions])
        return cls(np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T @ y))

    def levels(self, inputs: Floats) -> Floats:
        """Levels (n,) it would set, their middle at 0."""
        return centred(inputs @ self.weights)
