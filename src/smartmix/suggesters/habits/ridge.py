"""Bayesian ridge over a person's wishes, and the gate: what is not plain is not a habit.

Each wish is the habit of its role plus the habit of its family plus chance; both habits are normal around zero before
anything is seen, so few songs move little. (Bishop, Pattern Recognition and Machine Learning, 2006, section 3.3.)
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.session.roles import family
from smartmix.suggesters.habits.decisions import Decision
from smartmix.units import Z80

ROLE_SD_DB, FAMILY_SD_DB = 1.2, 0.6
"""How far a habit may lie from zero before anything is seen: of a role, of its family (house)."""
CHANCE_SD_DB, CHANCE_SONGS = 1.5, 4.0
"""What one song differs from the next, and how many songs that guess is worth against what is seen (house)."""
GATE_Z = 2.0
"""A habit stands this many of its own standard deviations from zero. At 1.64 a person without any taste gets more
than twice as many habits (``smartmix evaluate --suite habits``)."""
FEWEST_SONGS = 3
SMALLEST_DB = 0.5
"""Smaller habits are nobody's business: nothing below this is shown anywhere."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What a person usually adds to suggestions: mean and standard deviation in dB, and from how many songs."""

    role: str
    quantity: str
    mean_db: float
    sd_db: float
    songs: int

    @property
    def is_plain(self) -> bool:
        """Whether it may speak: enough songs, clearly not chance, large enough to hear."""
        return (
            self.songs >= FEWEST_SONGS
            and abs(self.mean_db) >= SMALLEST_DB
            and abs(self.mean_db) >= GATE_Z * self.sd_db
        )

    @property
    def interval_db(self) -> tuple[float, float]:
        """Where the habit lies with 80 % probability."""
        return self.mean_db - Z80 * self.sd_db, self.mean_db + Z80 * self.sd_db


def learn_habits(songs: Mapping[str, Sequence[Decision]]) -> tuple[Habit, ...]:
    """Every habit these songs tell of, plain or not, sorted by role and quantity."""
    by_quantity: dict[str, list[Decision]] = defaultdict(list)
    for decisions in songs.values():
        for decision in decisions:
            by_quantity[decision.quantity].append(decision)
    habits = [habit for wishes in by_quantity.values() for habit in _of_quantity(wishes)]
    return tuple(sorted(habits, key=lambda h: (h.role, h.quantity)))


def _of_quantity(wishes: list[Decision]) -> list[Habit]:
    roles = sorted({w.role for w in wishes})
    families = sorted({family(role) for role in roles})
    rows = np.zeros((len(wishes), len(roles) + len(families)))
    for number, wish in enumerate(wishes):
        rows[number, roles.index(wish.role)] = 1.0
        rows[number, len(roles) + families.index(family(wish.role))] = 1.0
    wanted = np.asarray([w.wanted_db for w in wishes])
    prior = np.asarray([ROLE_SD_DB] * len(roles) + [FAMILY_SD_DB] * len(families))
    chance = _chance_db(wishes, roles)
    mean, covariance = posterior(rows, wanted, prior, chance)
    habits = []
    for number, role in enumerate(roles):
        pick = np.zeros(rows.shape[1])
        pick[[number, len(roles) + families.index(family(role))]] = 1.0
        spread = math.sqrt(float(pick @ covariance @ pick))
        songs = sum(w.role == role for w in wishes)
        habits.append(Habit(role, wishes[0].quantity, float(pick @ mean), spread, songs))
    return habits


def posterior(
    rows: NDArray[np.float64], wanted: NDArray[np.float64], prior_sd: NDArray[np.float64], chance_sd: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (k,) and covariance (k, k) of the weights behind wishes (n,) with inputs (n, k)."""
    precision = rows.T @ rows / chance_sd**2 + np.diag(1.0 / np.square(prior_sd))
    covariance = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    return covariance @ rows.T @ wanted / chance_sd**2, covariance


def _chance_db(wishes: list[Decision], roles: list[str]) -> float:
    """Standard deviation from song to song: what is seen within roles, and the house's guess."""
    squares, freedom = CHANCE_SONGS * CHANCE_SD_DB**2, CHANCE_SONGS
    for role in roles:
        seen = np.asarray([w.wanted_db for w in wishes if w.role == role])
        squares += float(np.sum(np.square(seen - seen.mean())))
        freedom += seen.size - 1
    return math.sqrt(squares / freedom)
