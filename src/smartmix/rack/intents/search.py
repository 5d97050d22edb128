"""Knobs to curves: damped least squares on the device itself, every step of every curve heard in one run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from smartmix.parameter import ParameterInfo
from smartmix.rack.device import Device
from smartmix.rack.intents.probe import Curves, Settings, curves_db
from smartmix.rack.intents.survey import position

Places = NDArray[np.float64]
STEP = 0.005
DAMPINGS = (1e-3, 1e-1, 3.0)
ROUNDS = 12
GAIN_DB = 2e-3
"""Another round has to make the rms error smaller by this."""
FLOOR = 1e-6
ACTS_DB = 0.25


class Search:
    """Places 0..1 of ``knobs`` such that the device's curve is that of a target; everything else stays at ``base``."""

    def __init__(
        self, device: Device, sample_rate: float, knobs: Sequence[ParameterInfo], base: Settings
    ) -> None:
        self.device = device
        self.sample_rate = sample_rate
        self.knobs = list(knobs)
        self.base = dict(base)
        self.renders = 0

    def settings(self, places: Places) -> dict[str, float]:
        """Plain values of all knobs."""
        own = {k.id: position(k, float(p)) for k, p in zip(self.knobs, places, strict=True)}
        return self.base | own

    def heard(self, rows: Sequence[Places]) -> Curves:
        """Curves of many places at once."""
        self.renders += len(rows)
        return curves_db(self.device, [self.settings(row) for row in rows], self.sample_rate)

    def run(self, starts: Sequence[Places], targets: Curves) -> tuple[list[Places], Curves]:
        """The best places for each target from its start, all searched side by side, and the curves they give."""
        at = [np.clip(np.asarray(s, np.float64), 0.0, 1.0) for s in starts]
        curves = self.heard(at)
        active = list(range(len(at))) if self.knobs else []
        for _ in range(ROUNDS):
            if not active:
                break
            active = self._round(active, at, curves, targets)
        return at, curves

    def _round(self, active: list[int], at: list[Places], curves: Curves, targets: Curves) -> list[int]:
        """One step for each target that still gets nearer; those that did."""
        steps = [np.where(at[k] > 0.5, -STEP, STEP) for k in active]
        moved = [
            at[k] + step * row for k, step in zip(active, steps, strict=True) for row in np.eye(len(step))
        ]
        near = self.heard(moved).reshape(len(active), len(self.knobs), -1)
        tries: list[Places] = []
        for k, step, beside in zip(active, steps, near, strict=True):
            slopes = ((beside - curves[k]) / step[:, None]).T
            tries += [self._step(at[k], slopes, targets[k] - curves[k], d) for d in DAMPINGS]
        given = self.heard(tries).reshape(len(active), len(DAMPINGS), -1)
        better = []
        for n, k in enumerate(active):
            errors = rms(given[n] - targets[k])
            best = int(np.argmin(errors))
            if errors[best] < float(rms(curves[k] - targets[k])) - GAIN_DB:
                at[k], curves[k] = tries[n * len(DAMPINGS) + best], given[n, best]
                better.append(k)
        return better

    @staticmethod
    def _step(at: Places, slopes: Curves, missing: Curves, damping: float) -> Places:
        """A damped Gauss-Newton step; knobs at an end that would go on are left there."""
        free = np.ones(len(at), bool)
        for _ in range(len(at)):
            own = slopes[:, free]
            square = own.T @ own
            diagonal = np.diag(square)
            way = np.zeros(len(at))
            way[free] = np.linalg.solve(square + np.diag(damping * diagonal + FLOOR), own.T @ missing)
            out = free & (((at <= 0.0) & (way < 0.0)) | ((at >= 1.0) & (way > 0.0)))
            if not out.any():
                break
            free &= ~out
            if not free.any():
                return at.copy()
        return np.clip(at + way, 0.0, 1.0)


def off_db(error: Curves, wanted: Curves) -> float:
    """How far a curve is off where it acts: rms over the frequencies where what is wanted, or what there is instead,
    is over a quarter of a decibel. Over the whole range a narrow cut that is not made at all would hardly count.
    """
    acts = np.maximum(np.abs(wanted), np.abs(wanted + error)) > ACTS_DB
    return float(rms(error[acts])) if acts.any() else 0.0


def rms(differences: Curves) -> Curves:
    """Root of the mean square over the frequencies."""
    return np.asarray(np.sqrt(np.mean(np.square(differences), axis=-1)))
