"""Figures read as an engineer would write them, and conversions between units hold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from smartmix import figures
from smartmix.units import db_to_gain, db_to_power, gain_to_db, mean_db, power_to_db


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (figures.number(-0.04), "0.0"),
        (figures.number(0.04, plus=True), "0.0"),
        (figures.number(-14.04), "−14.0"),
        (figures.number(1.25, 2, plus=True), "+1.25"),
        (figures.number(math.nan), "–"),
        (figures.number(-math.inf), "–"),
        (figures.hertz(310.4), "310 Hz"),
        (figures.hertz(999.6), "1 kHz"),
        (figures.hertz(2500.0), "2.5 kHz"),
        (figures.hertz(12000.0), "12 kHz"),
        (figures.note_name(27.5), "A0"),
        (figures.note_name(41.2), "E1"),
        (figures.note_name(261.6), "C4"),
        (figures.note_name(440.0), "A4"),
        (figures.note_name(0.0), "–"),
        (figures.pan_position(-0.3), "L30"),
        (figures.pan_position(0.004), "C"),
        (figures.pan_position(1.0), "R100"),
        (figures.span((64.0, 95.0)), "1:04–1:35"),
        (figures.format_time(59.6), "1:00"),
        (figures.format_time(3723.0), "1:02:03"),
        (figures.format_time(-1.0), "0:00"),
    ],
)
def test_figures(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("forth", "back", "factor"),
    [(db_to_gain, gain_to_db, 2.0), (db_to_power, power_to_db, 4.0)],
    ids=["gain", "power"],
)
def test_six_decibels_are_twice_the_amplitude_and_four_times_the_power(forth, back, factor: float) -> None:
    assert forth(6.020599913) == pytest.approx(factor)
    assert back(factor) == pytest.approx(6.020599913)
    assert forth(-math.inf) == 0.0
    assert back(0.0) == -math.inf
    np.testing.assert_allclose(back(forth(np.array([-30.0, 0.0, 12.0]))), [-30.0, 0.0, 12.0], atol=1e-12)


def test_the_mean_of_levels_is_that_of_their_powers() -> None:
    assert mean_db(np.array([-10.0, -10.0, -math.inf, -math.inf])) == pytest.approx(-13.0103, abs=1e-4)
    assert mean_db(np.zeros(0)) == -math.inf
    assert mean_db(np.full(3, -math.inf)) == -math.inf
