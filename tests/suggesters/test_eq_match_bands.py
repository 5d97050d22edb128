"""Bands of an EQ match do not work against one another."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix.matching.match import match_tones
from smartmix.matching.tone import tone_of_blocks
from smartmix.processors import ParametricEQ
from smartmix.suggesters.eq_match import AMOUNT, BANDS, MOST_DB, MOST_Q, _within_limits, fights
from sources import RATE, noise


def eq_of(*bands: tuple[float, float]) -> ParametricEQ:
    eq = ParametricEQ()
    for number, (hz, gain_db) in enumerate(bands, start=1):
        eq.set(f"band{number}.shape", "bell")
        eq.set(f"band{number}.freq_hz", hz)
        eq.set(f"band{number}.gain_db", gain_db)
    return eq


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        (((467.0, 1.8), (512.0, -2.4)), True),
        (((55.0, -2.1), (92.0, 1.7)), True),
        (((55.0, -2.1), (120.0, 1.7)), False),
        (((467.0, -1.8), (512.0, -2.4)), False),
        (((467.0, 1.8),), False),
    ],
)
def test_a_cut_beside_a_boost_is_a_fight(bands: tuple[tuple[float, float], ...], expected: bool) -> None:
    assert fights(eq_of(*bands)) is expected


def test_a_match_has_as_many_bands_as_do_not_fight() -> None:
    """A reference with bumps and dips half an octave apart: five free bands fight over them, the move's do not."""
    source = noise(12.0, channels=2, seed=1)
    wiggly = eq_of((300.0, 7.0), (430.0, -7.0), (620.0, 7.0), (900.0, -7.0), (1300.0, 7.0), (1900.0, -7.0))
    for number in range(1, 7):
        wiggly.set(f"band{number}.q", 3.0)
    reference = wiggly.process(np.asarray(source, np.float32), RATE)
    tones = [tone_of_blocks([x], RATE, 2) for x in (source, reference)]
    free = match_tones(*tones, BANDS, amount=AMOUNT, limit_db=MOST_DB / AMOUNT, most_q=MOST_Q)
    assert fights(free.eq), "or the test tells nothing"
    assert not fights(_within_limits(*tones).eq)
