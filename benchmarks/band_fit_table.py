"""Bands fitted to twelve curves: ours, 50 restarts, scipy, AutoEq, a graphic EQ, nothing, and a planted fault.

    PYTHONPATH=src:benchmarks python benchmarks/band_fit_table.py [REFERENCES] [--bands N ...] [--restarts 50]

REFERENCES is the folder of real recordings that two of the curves come from (left out without it). AutoEq takes part
where it is installed (pip install autoeq, in an environment of its own). CPU time; every error is that of the response
that plays (AutoEq and the graphic EQ: of their own bilinear designs).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from band_fit_targets import HZ, Curve, targets
from smartmix import _core

RATE = 48_000.0
ONES = np.ones(HZ.size)
BELL, LOW_SHELF, HIGH_SHELF = 1, 2, 3
LOW = {BELL: (20.0, -18.0, 0.3), LOW_SHELF: (20.0, -18.0, 0.4), HIGH_SHELF: (20.0, -18.0, 0.4)}
HIGH = {BELL: (18_500.0, 18.0, 8.0), LOW_SHELF: (18_500.0, 18.0, 0.9), HIGH_SHELF: (18_500.0, 18.0, 0.9)}
Rows = NDArray[np.float64]
Fitted = Callable[[Curve, int], Curve]


def played(rows: Rows) -> Curve:
    return np.asarray(_core.band_slopes(HZ, rows, RATE)[0]) if len(rows) else np.zeros(HZ.size)


def ours(target: Curve, bands: int) -> Curve:
    return played(_core.fit_bands(HZ, target, ONES, RATE, bands)[0])


def greedy_only(target: Curve, bands: int) -> Curve:
    return played(_core.fit_bands(HZ, target, ONES, RATE, bands, rounds=0)[0])


def planted_fault(target: Curve, bands: int) -> Curve:
    """Bands fitted to the analog curves (as at eight times the rate) and played at the rate there is."""
    analog = _core.fit_bands(HZ, target, ONES, 8.0 * RATE, bands)[0].copy()
    analog[:, 1] *= 1.06  # and every frequency a semitone off
    return played(analog)


def even_start(target: Curve, bands: int) -> Rows:
    """The start scipy and ours both get: bands spread evenly, the curve's own values as gains."""
    hz = np.geomspace(50.0, 13_000.0, bands)
    shapes = np.array([LOW_SHELF] + [BELL] * (bands - 2) + [HIGH_SHELF])
    q = np.where(shapes == BELL, 1.4, 0.7)
    return np.column_stack([shapes, hz, np.interp(np.log(hz), np.log(HZ), target), q])


def scipy_from(start: Rows, target: Curve) -> Rows:
    shapes = start[:, 0]
    low = np.array([(np.log(LOW[s][0]), LOW[s][1], np.log(LOW[s][2])) for s in shapes]).ravel()
    high = np.array([(np.log(HIGH[s][0]), HIGH[s][1], np.log(HIGH[s][2])) for s in shapes]).ravel()

    def rows_of(x: Curve) -> Rows:
        a = x.reshape(-1, 3)
        return np.column_stack([shapes, np.exp(a[:, 0]), a[:, 1], np.exp(a[:, 2])])

    first = np.column_stack([np.log(start[:, 1]), start[:, 2], np.log(start[:, 3])]).ravel()
    found = least_squares(
        lambda x: played(rows_of(x)) - target,
        np.clip(first, low + 1e-9, high - 1e-9),
        lambda x: _core.band_slopes(HZ, rows_of(x), RATE)[1],
        bounds=(low, high),
        max_nfev=500,
    )
    return rows_of(found.x)


def scipy_even(target: Curve, bands: int) -> Curve:
    return played(scipy_from(even_start(target, bands), target))


def scipy_greedy(target: Curve, bands: int) -> Curve:
    """From the bands that ours starts its second thoughts from."""
    return played(scipy_from(_core.fit_bands(HZ, target, ONES, RATE, bands, rounds=0)[0], target))


def ours_even(target: Curve, bands: int) -> Curve:
    start = even_start(target, bands)
    return played(_core.fit_bands(HZ, target, ONES, RATE, bands, start=start)[0])


def graphic(target: Curve, bands: int) -> Curve:
    """The naive way: as many bells as bands at fixed even places, each set to what the curve is there."""
    rows = even_start(target, bands)
    rows[:, 0] = BELL
    rows[:, 3] = 1.0 / (2.0 * np.sinh(np.log(13_000.0 / 50.0) / (bands - 1) / 2.0))
    return played(rows)


def nothing(target: Curve, bands: int) -> Curve:
    return np.zeros(HZ.size)


def autoeq_fit(target: Curve, bands: int) -> Curve:
    from autoeq.peq import PEQ, HighShelf, LowShelf, Peaking

    peq = PEQ(HZ, int(RATE), target=target)
    peq.add_filter(LowShelf(HZ, int(RATE), optimize_fc=True, optimize_q=True, optimize_gain=True, max_q=0.9))
    peq.add_filter(HighShelf(HZ, int(RATE), optimize_fc=True, optimize_q=True, optimize_gain=True, max_q=0.9))
    for _ in range(bands - 2):
        peq.add_filter(
            Peaking(HZ, int(RATE), optimize_fc=True, optimize_q=True, optimize_gain=True, max_q=8.0)
        )
    peq.optimize()
    return np.asarray(peq.fr)


def everyone() -> dict[str, Fitted]:
    found: dict[str, Fitted] = {
        "smartmix": ours,
        "smartmix, no second thoughts": greedy_only,
        "scipy least_squares, from these": scipy_greedy,
        "smartmix, from an even start only": ours_even,
        "scipy least_squares, from the same even start": scipy_even,
    }
    try:
        import autoeq.peq  # noqa: F401

        found["AutoEq"] = autoeq_fit
    except ImportError:
        print("AutoEq is not installed: its row is left out")
    return found | {
        "graphic EQ (naive)": graphic,
        "nothing": nothing,
        "planted fault: analog, a semitone off": planted_fault,
    }


def best_of(target: Curve, bands: int, restarts: int) -> float:
    """Smallest RMS of that many restarts: half of them the greedy fit shaken, half at random places."""
    rng = np.random.default_rng(1)
    greedy = _core.fit_bands(HZ, target, ONES, RATE, bands, rounds=0)[0]
    least = np.inf
    for number in range(restarts):
        if number % 2:
            start = even_start(target, bands)
            start[:, 1] = np.sort(np.exp(rng.uniform(np.log(25.0), np.log(16_000.0), bands)))
            start[:, 2] = np.interp(np.log(start[:, 1]), np.log(HZ), target)
            start[:, 3] = np.exp(rng.uniform(np.log(0.5), np.log(4.0), bands))
        else:
            start = greedy * [1.0, 1.0, 1.0, 1.0]
            start[:, 1] *= np.exp2(rng.normal(0.0, 0.3, len(start)))
            start[:, 2] += rng.normal(0.0, 1.0, len(start))
            start[:, 3] *= np.exp2(rng.normal(0.0, 0.5, len(start)))
        least = min(least, _core.fit_bands(HZ, target, ONES, RATE, bands, start=start)[1])
    return float(np.sqrt(least / HZ.size))


def table(curves: dict[str, Curve], bands: int) -> dict[str, list[float]]:
    print(
        f"\n{bands} bands, {len(curves)} curves\n\n| | mean of max dB | mean of rms | worst rms | CPU ms, mean | most |"
    )
    print("|---|---|---|---|---|---|")
    each: dict[str, list[float]] = {}
    for name, fit in everyone().items():
        most, rms, spent = [], [], []
        for target in curves.values():
            start = time.process_time()
            made = fit(target, bands)
            spent.append(1e3 * (time.process_time() - start))
            most.append(float(np.abs(made - target).max()))
            rms.append(float(np.sqrt(np.mean((made - target) ** 2))))
        each[name] = rms
        figures = (np.mean(most), np.mean(rms), max(rms), np.mean(spent), max(spent))
        print(f"| {name} | " + " | ".join(f"{x:.2f}" for x in figures) + " |", flush=True)
    return each


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("references", type=Path, nargs="?")
    parser.add_argument("--bands", type=int, nargs="*", default=[6, 10])
    parser.add_argument("--restarts", type=int, default=50)
    options = parser.parse_args()
    curves = targets(options.references)
    for bands in options.bands:
        each = table(curves, bands)
        print(f"\nrms dB, {bands} bands | " + " | ".join(curves))
        best = [best_of(target, bands, options.restarts) for target in curves.values()]
        for name in (
            "smartmix",
            "scipy least_squares, from these",
            "scipy least_squares, from the same even start",
        ):
            print(f"{name} | " + " | ".join(f"{x:.3f}" for x in each[name]))
        print(f"best of {options.restarts} restarts | " + " | ".join(f"{x:.3f}" for x in best))


if __name__ == "__main__":
    main()
