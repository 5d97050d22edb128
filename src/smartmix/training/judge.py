"""What trained heads say about sessions they have never heard a source of, beside the rivals they have to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.suggesters.models.heads import Heard, SetHeads, hear
from smartmix.training.assemble import Drawn, draw_session
from smartmix.training.balance_truth import FittedRule, centred, rule_inputs
from smartmix.training.bank import ROLES, Bank

Floats = NDArray[np.float64]

FITTED_ON = 200
"""Sessions the rule is fitted to."""
PRECISION = 0.9
"""What a head that names a role is held to; below it is silent."""
LEAST_CHANCE = 0.4
RESAMPLES = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """What the head is measured against, fitted to the very same sources: a linear rule for roles, one for levels."""

    linear: Floats
    mean: Floats
    scale: Floats
    rule: FittedRule

    def role_scores(self, vectors: NDArray[np.float32]) -> Floats:
        """Scores (n, roles) of the linear rule."""
        x = (vectors - self.mean) / self.scale
        return np.asarray(np.column_stack([x, np.ones(len(x))]) @ self.linear)


def fit_rivals(bank: Bank, seed: int) -> Rivals:
    """Ridge regression on the role, and the balance rule fitted with the true roles known."""
    mean = bank.vectors.mean(axis=0).astype(np.float64)
    scale = bank.vectors.std(axis=0).astype(np.float64) + 0.05
    x = np.column_stack([(bank.vectors - mean) / scale, np.ones(bank.role.size)])
    wanted = np.eye(len(ROLES))[bank.role]
    linear = np.linalg.solve(x.T @ x + 30.0 * np.eye(x.shape[1]), x.T @ wanted)
    rng = np.random.default_rng([seed, 77])
    drawn = [draw_session(bank, rng) for _ in range(FITTED_ON)]
    rule = FittedRule.fit([(rule_inputs(d.vectors, np.eye(len(ROLES))[d.role]), d.level) for d in drawn])
    return Rivals(linear, mean, scale, rule)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One session with everything that is said about it."""

    drawn: Drawn
    heard: Heard
    linear: NDArray[np.int64]
    """Role by the linear rule (n,)."""
    rule_heard: Floats
    """Level by the fitted rule on heard roles, and on the true ones: (n,) LU."""
    rule_known: Floats


def judge_sessions(network: SetHeads, rivals: Rivals, unseen: Bank, count: int, seed: int) -> list[Judged]:
    """Sessions played by unseen sources only, and what head and rivals say."""
    rng = np.random.default_rng([seed, 99])
    return [judge(network, rivals, draw_session(unseen, rng, changed=False)) for _ in range(count)]


def judge(network: SetHeads, rivals: Rivals, drawn: Drawn, heard: Heard | None = None) -> Judged:
    """What head (``heard``, if it has spoken already) and rivals say about one session."""
    heard = hear(network, drawn.vectors) if heard is None else heard
    known = np.eye(len(ROLES))[np.maximum(drawn.role, 0)]
    return Judged(
        drawn,
        heard,
        rivals.role_scores(drawn.vectors).argmax(axis=1),
        rivals.rule.levels(rule_inputs(drawn.vectors, heard.chances)),
        rivals.rule.levels(rule_inputs(drawn.vectors, known)),
    )


def silent_below(judged: list[Judged]) -> float:
    """The least chance at which answers above it are right in PRECISION of the cases; 1.01: none is."""
    chance = np.concatenate([j.heard.chances.max(axis=1) for j in judged])
    right = np.concatenate([j.heard.chances.argmax(axis=1) == j.drawn.role for j in judged])
    for least in np.arange(LEAST_CHANCE, 1.0, 0.01):
        spoken = chance >= least
        if spoken.sum() >= 20 and right[spoken].mean() >= PRECISION:
            return float(least)
    return 1.01


def spread_factor(judged: list[Judged], share: float = 0.8) -> float:
    """How many of its own spreads an interval must reach to each side to hold this share of the true levels."""
    ratio = np.concatenate(
        [np.abs(centred(j.drawn.level) - j.heard.level_lu) / j.heard.spread_lu for j in judged]
    )
    return float(np.quantile(ratio, min(1.0, share * (1.0 + 1.0 / ratio.size))))


def error_lu(said: Floats, true: Floats) -> float:
    """Mean absolute error of a session's levels, both against their median."""
    return float(np.mean(np.abs(centred(said) - centred(true))))


def interval(values: Floats, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the mean over sessions."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, values.size, (RESAMPLES, values.size))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)
