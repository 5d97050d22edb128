"""Bands fitted to curves: the slopes, the recovery of what the EQ itself can do, and scipy from the same start."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import least_squares

from smartmix import _core
from smartmix.matching.bands import fit_curve, response_at
from smartmix.matching.grid import GRID_HZ
from smartmix.processors import ParametricEQ

HZ = np.geomspace(30.0, 16_000.0, 240)
ONES = np.ones(HZ.size)
RATE = 48_000.0
BELL, LOW_SHELF, HIGH_SHELF = 1.0, 2.0, 3.0
ROWS = np.array(
    [
        [LOW_SHELF, 90.0, 4.0, 0.7],
        [BELL, 300.0, -5.0, 1.4],
        [BELL, 2500.0, 3.0, 4.0],
        [BELL, 12_000.0, 6.0, 0.8],
        [HIGH_SHELF, 9000.0, -4.0, 0.6],
    ]
)
NAMES = {1: "bell", 2: "low_shelf", 3: "high_shelf"}


def played(rows: NDArray[np.float64], rate: float = RATE) -> NDArray[np.float64]:
    eq = ParametricEQ()
    for number, (shape, hz, gain_db, q) in enumerate(rows, 1):
        eq.set(f"band{number}.shape", NAMES[int(shape)])
        eq.set(f"band{number}.freq_hz", hz)
        eq.set(f"band{number}.gain_db", gain_db)
        eq.set(f"band{number}.q", q)
    return response_at(eq, HZ, rate)


def random_curve(octaves: float, seed: int) -> NDArray[np.float64]:
    reach = int(octaves / np.log2(HZ[1] / HZ[0]))
    noise = np.random.default_rng(seed).standard_normal(HZ.size + 2 * reach)
    curve = np.convolve(noise, np.hanning(2 * reach + 1), mode="valid")
    return np.asarray(3.0 * (curve - curve.mean()) / curve.std())


@pytest.mark.parametrize("rate", [44_100.0, 96_000.0])
def test_the_fit_sees_what_the_equaliser_plays(rate: float) -> None:
    response, _ = _core.band_slopes(HZ, ROWS, rate)
    np.testing.assert_allclose(response, played(ROWS, rate), atol=1e-6)


@pytest.mark.parametrize("gain_db", [-12.0, 0.0, 5.0])
def test_slopes_are_those_of_the_response(gain_db: float) -> None:
    rows = ROWS.copy()
    rows[1, 2] = gain_db
    _, slopes = _core.band_slopes(HZ, rows, RATE)
    for band in range(len(rows)):
        for of, step in ((0, 1e-4), (1, 1e-3), (2, 1e-4)):
            up, down = rows.copy(), rows.copy()
            for moved, by in ((up, step), (down, -step)):
                moved[band, of + 1] = (
                    moved[band, of + 1] + by if of == 1 else moved[band, of + 1] * np.exp(by)
                )
            expected = (played(up) - played(down)) / (2.0 * step)
            np.testing.assert_allclose(slopes[:, 3 * band + of], expected, atol=2e-4, err_msg=f"{band} {of}")


def test_a_curve_of_bands_is_met() -> None:
    target = played(ROWS)
    rows, cost, _ = _core.fit_bands(HZ, target, ONES, RATE, 5)
    assert len(rows) <= 5
    made = _core.band_slopes(HZ, rows, RATE)[0]
    assert np.abs(made - target).max() < 0.5
    assert cost == pytest.approx(np.sum((made - target) ** 2), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("octaves", "seed"), [(1.0, 0), (1.0, 1), (0.5, 1), (0.5, 2)])
def test_scipy_finds_nothing_better_from_the_same_start(octaves: float, seed: int) -> None:
    """Both adjust the same bands within the same bounds; afterwards ours also tries elsewhere."""
    target = random_curve(octaves, seed)
    rng = np.random.default_rng(seed)
    start = np.column_stack(
        [
            [LOW_SHELF] + 4 * [BELL] + [HIGH_SHELF],
            np.geomspace(60.0, 12_000.0, 6),
            rng.normal(0.0, 2.0, 6),
            [0.7] + 4 * [1.0] + [0.7],
        ]
    )
    shapes = start[:, :1]
    low = np.tile([np.log(20.0), -18.0, np.log(0.3)], (6, 1))
    high = np.tile([np.log(18_500.0), 18.0, np.log(8.0)], (6, 1))
    low[[0, -1], 2], high[[0, -1], 2] = np.log(0.4), np.log(0.9)

    def rest(x: NDArray[np.float64]) -> NDArray[np.float64]:
        a = x.reshape(6, 3)
        rows = np.column_stack([shapes, np.exp(a[:, 0]), a[:, 1], np.exp(a[:, 2])])
        return np.asarray(_core.band_slopes(HZ, rows, RATE)[0] - target)

    first = np.column_stack([np.log(start[:, 1]), start[:, 2], np.log(start[:, 3])])

    def slopes(x: NDArray[np.float64]) -> NDArray[np.float64]:
        a = x.reshape(6, 3)
        rows = np.column_stack([shapes, np.exp(a[:, 0]), a[:, 1], np.exp(a[:, 2])])
        return np.asarray(_core.band_slopes(HZ, rows, RATE)[1])

    theirs = least_squares(rest, first.ravel(), slopes, bounds=(low.ravel(), high.ravel()), max_nfev=150)
    found = _core.fit_bands(HZ, target, ONES, RATE, 6)[1]
    assert found <= 2.0 * theirs.cost * 1.0001


def test_more_bands_come_nearer() -> None:
    target = random_curve(0.5, 7)
    costs = [_core.fit_bands(HZ, target, ONES, RATE, n, rounds=0)[1] for n in (2, 4, 6, 10, 16)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.05 * costs[0]


def test_bounds_hold_and_shelves_stand_at_the_ends() -> None:
    target = 3.0 * random_curve(0.5, 5)
    rows, _, _ = _core.fit_bands(HZ, target, ONES, RATE, 10, max_gain_db=4.0, max_q=2.0)
    assert np.all(np.abs(rows[:, 2]) <= 4.0 + 1e-9)
    assert np.all((rows[:, 3] <= 2.0 + 1e-9) & (rows[:, 3] >= 0.3 - 1e-9))
    order = [{2: 0, 1: 1, 3: 2}[int(shape)] for shape in rows[:, 0]]
    assert order == sorted(order)


def test_weights_say_where_it_matters() -> None:
    target = random_curve(0.5, 3)
    low = np.where(HZ < 1000.0, 1.0, 0.01)
    errors = [
        _core.band_slopes(HZ, _core.fit_bands(HZ, target, w, RATE, 4)[0], RATE)[0] - target
        for w in (ONES, low)
    ]
    rms = [np.sqrt(np.mean(e[HZ < 1000.0] ** 2)) for e in errors]
    assert rms[1] < 0.8 * rms[0]


def test_the_same_bands_every_time() -> None:
    target = random_curve(1.0, 11)
    first, second = (_core.fit_bands(HZ, target, ONES, RATE)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_flat_curve_needs_no_band() -> None:
    assert len(_core.fit_bands(HZ, 0.0 * HZ, ONES, RATE, shelves=False)[0]) == 0
    assert fit_curve(np.zeros(GRID_HZ.size), RATE, 10).settings() == {}


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="rising"):
        _core.fit_bands(HZ[::-1], ONES, ONES, RATE)
    with pytest.raises(ValueError, match="target_db"):
        _core.fit_bands(HZ, np.full(HZ.size, np.nan), ONES, RATE)
    with pytest.raises(ValueError, match="weights"):
        _core.fit_bands(HZ, ONES, ONES[:-1], RATE)
    with pytest.raises(ValueError, match="bands"):
        _core.fit_bands(HZ, ONES, ONES, RATE, 0)
    with pytest.raises(ValueError, match="start"):
        _core.fit_bands(HZ, ONES, ONES, RATE, start=[[4.0, 100.0, 1.0, 1.0]])


def test_every_instruction_set_gives_the_same_bands() -> None:
    code = (
        "import numpy as np; from smartmix import _core; hz = np.geomspace(30.0, 16e3, 120);"
        "y = 4.0 * np.sin(hz ** 0.3);"
        "print(_core.fit_bands(hz, y, np.ones(120), 48000.0, 6)[0].tobytes().hex())"
    )
    paths = os.pathsep.join(path for path in sys.path if path)
    found = []
    for isa in ("baseline", ""):
        env = os.environ | {"PYTHONPATH": paths, "SMARTMIX_ISA": isa}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        found.append(done.stdout)
    assert found[0] == found[1]
    assert len(found[0]) > 6 * 4 * 16 - 64
