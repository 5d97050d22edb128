"""Matching: ten bands fitted to a curve, and the tone of a recording.

The fit may take 30 ms. scipy's ``least_squares`` adjusts bands from the same start as ours does, with the same response
and the same slopes. The naive row sets ten bells at even places without any fit.
"""

from __future__ import annotations

import numpy as np

from band_fit_table import ONES, RATE, graphic, nothing, ours_even, scipy_even
from band_fit_targets import HZ, targets
from harness import Row, alternate, budget, compare, run_alone
from smartmix import _core
from smartmix.matching import measure_tone

LIMIT_S, AIM_S = 0.030, 0.020
SECONDS = 60


def rows(quick: bool) -> list[Row]:
    curves = list(targets(None).values())
    found: list[Row] = []
    every = {str(n): (lambda c=c: _core.fit_bands(HZ, c, ONES, RATE, 10)) for n, c in enumerate(curves)}
    times = alternate(every, 3 if quick else 5)
    slowest = max(times.values(), key=lambda t: sorted(t)[len(t) // 2])
    found.append(
        budget(
            "10 bands to a curve, mean of ten", np.mean(list(times.values()), axis=0).tolist(), LIMIT_S, AIM_S
        )
    )
    found.append(budget("10 bands to a curve, the slowest", slowest, LIMIT_S, AIM_S))
    curve = curves[6]
    jobs = {
        "10 bands adjusted from one start": lambda: ours_even(curve, 10),
        "scipy least_squares": lambda: scipy_even(curve, 10),
        "graphic EQ": lambda: graphic(curve, 10),
        "no bands": lambda: nothing(curve, 10),
    }
    times = alternate(jobs, 3 if quick else 5)
    ours_name, rival, naive, idle = jobs
    found.append(compare(times, ours_name, rival))
    found.append(compare(times, naive, rival, kind="naive"))
    found.append(compare(times, idle, rival, kind="do nothing"))
    noise = np.random.default_rng(1).normal(0.0, 0.1, (2, SECONDS * int(RATE))).astype(np.float32)
    tone = alternate({"tone": lambda: measure_tone(noise, RATE)}, 3)["tone"]
    found.append(budget(f"tone of {SECONDS} s stereo, against real time", tone, float(SECONDS)))
    return found


if __name__ == "__main__":
    run_alone(rows)
