"""What the limiter takes from the tone, foretold from levels: against the limiter itself."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mastering.songs import RATE, song
from smartmix.mastering.foresight import limiter_tone_db
from smartmix.mastering.limited import LimitedStream, Source
from smartmix.mastering.loop import Goal, find_gain
from smartmix.mastering.masterplan import LevelAim
from smartmix.mastering.portrait import Portrait, portrait_of
from smartmix.matching.grid import GRID_HZ

FLAT = np.zeros(GRID_HZ.size)
INSIDE = ((40.0, 150.0), (150.0, 900.0), (900.0, 4500.0), (4500.0, 14_000.0))


def kicked() -> NDArray[np.float32]:
    """A bass drum over a steady bed: what is limited is low."""
    t = np.arange(8 * RATE) / RATE
    since = (2.0 * t) % 1.0 / 2.0
    kick = np.sin(2.0 * np.pi * 60.0 * since) * np.exp(-since * 12.0)
    bed = song(4, punch=0.0, width=0.0)
    return np.asarray(bed + 0.5 * kick, np.float32)


def by_bands(portrait: Portrait) -> NDArray[np.float64]:
    power = portrait.mid.band_power
    rows = [power[(low <= GRID_HZ) & (high > GRID_HZ)].sum() for low, high in INSIDE]
    return np.asarray(10.0 * np.log10(rows))


def really(mix: NDArray[np.float32], level: LevelAim) -> tuple[NDArray[np.float64], float]:
    """Change by bands behind the limiter of the master, mean taken out, and its deepest reduction."""
    source = Source(lambda: iter([mix]), RATE, 2, mix.shape[1])
    outcome = find_gain(source, Goal(level.target_lufs, level.ceiling_dbtp, level.max_reduction_db))
    out = LimitedStream(source, outcome.chosen.gain_db, outcome.chosen.limiter_ceiling_dbtp)
    made = np.concatenate(list(out), axis=1)
    change = by_bands(portrait_of([made], RATE, 2)) - by_bands(portrait_of([mix], RATE, 2))
    return change - change.mean(), outcome.chosen.max_reduction_db


def foretold(mix: NDArray[np.float32], level: LevelAim) -> NDArray[np.float64]:
    curve = limiter_tone_db(portrait_of([mix], RATE, 2), FLAT, level)
    rows = np.array([np.mean(curve[(low <= GRID_HZ) & (high > GRID_HZ)]) for low, high in INSIDE])
    return np.asarray(rows - rows.mean())


@pytest.mark.parametrize("target_lufs", [-12.0, -10.0])
def test_a_kick_that_is_limited_is_missed_in_the_lows(target_lufs: float) -> None:
    mix, level = kicked(), LevelAim(target_lufs, -1.0, "asked")
    real, deepest = really(mix, level)
    assert deepest > 3.5
    assert real[0] < -0.4
    found = foretold(mix, level)
    assert found[0] < 0.0
    assert np.abs(found - real).max() < 0.5 * np.abs(real).max()


def test_nothing_is_foretold_where_nothing_is_limited() -> None:
    mix = kicked()
    assert not limiter_tone_db(portrait_of([mix], RATE, 2), FLAT, LevelAim(-40.0, -1.0, "asked")).any()


def test_a_cap_on_the_reduction_is_known() -> None:
    mix = kicked()
    source = portrait_of([mix], RATE, 2)
    free, held = (
        np.ptp(limiter_tone_db(source, FLAT, LevelAim(-9.0, -1.0, "reference", cap))) for cap in (None, 1.0)
    )
    assert 0.0 < held < 0.4 * free


def test_a_tone_with_more_lows_lets_the_limiter_take_more_of_them() -> None:
    source, level = portrait_of([kicked()], RATE, 2), LevelAim(-12.0, -1.0, "asked")
    heavy = np.where(GRID_HZ < 150.0, 4.0, 0.0)
    assert limiter_tone_db(source, heavy, level)[30] < limiter_tone_db(source, FLAT, level)[30] - 0.1
